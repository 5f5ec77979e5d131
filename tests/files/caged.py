"""What a stranger's file might do to its reader: carried out in the cage by the tests of the warder."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from kindline.files.cage import shut


def load() -> None:
    """There is nothing to load."""


def main(words: list[str]) -> int:
    shut()
    deeds: dict[str, Callable[..., int]] = {
        "tell": tell, "raise": fail, "exit": leave, "eat": eat, "spin": spin, "abort": os.abort, "wait": wait,
    }  # fmt: skip
    return deeds[words[0]](*words[1:])


def tell() -> int:
    limits = {"memory": resource.getrlimit(resource.RLIMIT_AS), "cpu": resource.getrlimit(resource.RLIMIT_CPU)}
    sys.stdout.write(
        json.dumps({"pid": os.getpid(), "parent": os.getppid(), "django": "django" in sys.modules} | limits)
    )
    return 0


def fail() -> int:
    raise ValueError("broken")


def leave() -> int:
    return 3


def eat() -> int:
    return len(bytearray(2 * 1024 * 1024 * 1024))


def wait(folder: str) -> int:
    """Like a file that takes long: it says that it has begun, and ends when it is let go, by two pipes."""
    for pipe, how in (("began", "w"), ("go", "r")):
        Path(folder, pipe).open(how).close()
    sys.stdout.write("{}")
    return 0


def spin() -> int:
    while True:
        pass
