"""bench registry: see kindline.runtime.benches.registry."""

import sys

from kindline.runtime.benches import registry

registry.main(sys.argv[1:])
