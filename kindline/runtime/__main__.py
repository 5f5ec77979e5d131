"""`python -m kindline.runtime` is the command line, where the program `kindline` is not on PATH."""

import sys

from kindline.runtime import cli

sys.exit(cli.main())
