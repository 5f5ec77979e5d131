"""bench call-setup: see kindline.runtime.benches.call_setup."""

import sys

from kindline.runtime.benches import call_setup

call_setup.main(sys.argv[1:])
