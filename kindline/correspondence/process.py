"""The process of mail: takes letters in, reads and sends them. Run: python -m kindline.correspondence.process"""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

import django


def main() -> None:
    """Run until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kindline.runtime.settings")
    django.setup()
    from kindline.correspondence import loop  # noqa: PLC0415 - models may be imported only after the set-up

    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    loop.run(stop)


if __name__ == "__main__":
    main()
