"""Run as a program: the loop of an app, for as long as nobody tells it to stop.

python -m kindline.runtime.lasting kindline.quality.loop

A loop is a module with `run(stop)`, which returns soon after the event is set.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from types import FrameType

import django


def main(module: str) -> None:
    """Run the loop of a module until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kindline.runtime.settings")
    django.setup()
    loop = importlib.import_module(module)  # only now: models may be imported only after the set-up
    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    loop.run(stop)


if __name__ == "__main__":
    main(sys.argv[1])
