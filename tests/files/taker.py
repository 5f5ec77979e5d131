"""A program that takes files one after the other and may kill itself at a named step, to see what is lost."""

import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


def main(folder: str, ledger: str, seed: str, step: str) -> None:
    """Take files made from the seed; what was taken stands in the ledger, written after it was committed."""
    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from kindline.files import stores, taking
    from kindline.files.models import Owner

    settings.KINDLINE["paths"]["files"] = folder
    chance = random.Random(int(seed))

    def dying(place: Any, name: str, *, after: bool) -> None:
        usual: Callable[..., Any] = getattr(place, name)

        def now_and_then(*args: Any, **kwargs: Any) -> Any:
            die = chance.random() < 0.4
            if die and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            found = usual(*args, **kwargs)
            if die:
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        setattr(place, name, now_and_then)

    steps: dict[str, Callable[[], None]] = {
        "copied": lambda: dying(stores, "_copied", after=True),
        "renamed": lambda: dying(stores, "_sync", after=False),
        "put": lambda: dying(stores.Disk, "put", after=True),
        "row_uncommitted": lambda: dying(taking, "keep_files", after=True),
        "committed": lambda: dying(taking, "take_file", after=True),
        "none": lambda: None,
    }
    steps[step]()
    given = Path(ledger).with_suffix(".given")
    for number in range(6):
        given.write_bytes(f"words {seed} {number} ".encode() * chance.randrange(1, 5000))
        upload = taking.Upload(f"{number}.txt", given)
        owner = Owner("appeal", str(number))
        row = taking.take_file(upload=upload, owner=owner, employee=None, now=timezone.now())
        with Path(ledger).open("a") as lines:
            lines.write(f"{row.file_id} {row.file.sha256}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
