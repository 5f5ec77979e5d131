"""The switchboard as a process: `python -m kindline.switchboard.process`."""

from __future__ import annotations

import gc
import importlib
import os
import sys

import django
from django.conf import settings

SWITCH_S = 0.0005
"""How long a thread may go on while another one wants to: the interpreter's own 5 ms are what each command to the
engine would wait for a thread that writes (ADR 17)."""


def main() -> int:
    """Run until told to stop. Exit codes: 0 stopped, 3 the name is taken, 4 somebody took the name while it ran."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kindline.runtime.settings")
    sys.setswitchinterval(SWITCH_S)
    django.setup()
    lead = importlib.import_module("kindline.switchboard.lead")
    _keep_what_lasts()
    return int(lead.main())


def _keep_what_lasts() -> None:
    """The program and its standard live as long as the process: a look through them would stop all calls meanwhile."""
    importlib.import_module("kindline.standard.loader").load(settings.KINDLINE["profile"])
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)


if __name__ == "__main__":
    sys.exit(main())
