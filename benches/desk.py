"""bench desk: see kindline.runtime.benches.desk."""

import sys

from kindline.runtime.benches import desk

desk.main(sys.argv[1:])
