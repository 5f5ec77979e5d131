"""A program that takes mail in and kills itself at a named step, once: to see what is lost and what is doubled."""

import imaplib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


def main(url: str, step: str, once: str, done_folder: str = "") -> None:
    """Receive and read everything; die at the step unless the file `once` says that this was done.

    `done_folder`: where the mailbox moves what is stored.
    """
    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from kindline.connectors.mail import imap
    from kindline.correspondence import cage, facts, reading, receiving
    from kindline.files import taking
    from kindline.files.stores import Disk

    settings.KINDLINE["paths"]["correspondence"] = os.environ["KINDLINE_INSTANCE"] + "-mail"
    settings.KINDLINE["paths"]["files"] = os.environ["KINDLINE_INSTANCE"] + "-files"

    def die(*_: Any) -> None:
        if not Path(once).exists():
            Path(once).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def before(place: Any, name: str) -> None:
        was: Callable[..., Any] = getattr(place, name)

        def dying(*args: Any, **kwargs: Any) -> Any:
            die()
            return was(*args, **kwargs)

        setattr(place, name, dying)

    def after(place: Any, name: str, about: str = "") -> None:
        was: Callable[..., Any] = getattr(place, name)

        def dying(*args: Any, **kwargs: Any) -> Any:
            found = was(*args, **kwargs)
            if not about or about in args:
                die()
            return found

        setattr(place, name, dying)

    steps: dict[str, Callable[[], None]] = {
        "fetched": lambda: before(Disk, "put"),
        "on_disk": lambda: after(Disk, "put"),
        "row_uncommitted": lambda: before(facts, "keep"),
        "committed": lambda: before(imap.Opened, "tell_stored"),
        "move_asked": lambda: after(imaplib.IMAP4, "_command", about="MOVE"),
        "told": lambda: after(imap.Opened, "tell_stored"),
        "in_cage": lambda: before(cage, "read"),
        "taken_apart": lambda: after(cage, "read"),
        "read_uncommitted": lambda: after(taking, "keep_files"),
        "read": lambda: after(reading, "keep_reading"),
        "none": lambda: None,
    }
    steps[step]()
    receiving.receive(mailbox=imap.Imap(url, done_folder=done_folder), now=timezone.now())
    while reading.read_stored(now=timezone.now()):
        continue


if __name__ == "__main__":
    main(*sys.argv[1:])
