"""bench floods: see kindline.runtime.benches.floods."""

import sys

from kindline.runtime.benches import floods

floods.main(sys.argv[1:])
