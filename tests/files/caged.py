"""What a stranger's file might do to its reader: carried out in the cage by the tests of the warder."""

from __future__ import annotations

import json
import os
import resource
import sys

from kindline.files.cage import shut


def load() -> None:
    """There is nothing to load."""


def main(words: list[str]) -> int:
    shut()
    return {"tell": tell, "raise": fail, "exit": leave, "eat": eat, "spin": spin, "abort": os.abort}[words[0]]()


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


def spin() -> int:
    while True:
        pass
