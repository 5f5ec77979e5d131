"""bench month-end: see kindline.runtime.benches.month_end."""

import sys

from kindline.runtime.benches import month_end

month_end.main(sys.argv[1:])
