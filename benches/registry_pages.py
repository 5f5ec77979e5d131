"""bench registry-pages: see kindline.runtime.benches.registry_pages."""

import sys

from kindline.runtime.benches import registry_pages

registry_pages.main(sys.argv[1:])
