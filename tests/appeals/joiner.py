"""A program that joins letters and appeals and kills itself at a named step, once: what is lost, what is doubled."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


def main(step: str, once: str) -> None:
    """Follow the journal to its end; die at the step unless the file `once` says that this was done."""
    django.setup()
    from django.utils import timezone

    from kindline.appeals import dispatching, following, joining, moves, registering
    from kindline.correspondence import actions as correspondence
    from kindline.standard import loader

    def after(place: Any, name: str) -> None:
        was: Callable[..., Any] = getattr(place, name)

        def dying(*args: Any, **kwargs: Any) -> Any:
            found = was(*args, **kwargs)
            if not Path(once).exists():
                Path(once).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        setattr(place, name, dying)

    steps: dict[str, Callable[[], None]] = {
        "numbered": lambda: after(registering, "insert"),
        "registered": lambda: after(joining, "_register"),
        "joined": lambda: after(moves, "keep"),
        "handled": lambda: after(correspondence, "handle_message"),
        "queued": lambda: after(correspondence, "queue_message"),
        "handed": lambda: after(dispatching, "_hand_over"),
        "taken": lambda: after(following, "_take"),
        "mail": lambda: after(joining, "join_mail"),
        "followed": lambda: after(following, "follow"),
        "none": lambda: None,
    }
    steps[step]()
    while following.follow(profile=loader.load("krc"), now=timezone.now()):
        continue


if __name__ == "__main__":
    main(*sys.argv[1:])
