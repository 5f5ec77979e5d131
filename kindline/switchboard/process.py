"""The switchboard as a process: `python -m kindline.switchboard.process`."""

from __future__ import annotations

import importlib
import os
import sys

import django


def main() -> int:
    """Run until told to stop. Exit codes: 0 stopped, 3 the name is taken, 4 somebody took the name while it ran."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kindline.runtime.settings")
    django.setup()
    return int(importlib.import_module("kindline.switchboard.lead").main())


if __name__ == "__main__":
    sys.exit(main())
