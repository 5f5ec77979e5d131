"""bench site: see kindline.runtime.benches.site."""

import sys

from kindline.runtime.benches import site

site.main(sys.argv[1:])
