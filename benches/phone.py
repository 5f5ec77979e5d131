"""bench phone: see kindline.runtime.benches.phone."""

import sys

from kindline.runtime.benches import phone

phone.main(sys.argv[1:])
