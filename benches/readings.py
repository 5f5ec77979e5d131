"""bench readings: see kindline.runtime.benches.readings."""

import sys

from kindline.runtime.benches import readings

readings.main(sys.argv[1:])
