"""bench rude: see kindline.runtime.benches.rude."""

import sys

from kindline.runtime.benches import rude

rude.main(sys.argv[1:])
