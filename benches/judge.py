"""bench judge: see kindline.runtime.benches.judge."""

import sys

from kindline.runtime.benches import judge

judge.main(sys.argv[1:])
