"""A real nginx with our own configuration before any pages."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from kindline.runtime import instance, nginx, ports
from kindline.runtime.instance import Instance, Ports
from kindline.runtime.nginx import trial

NAMES = ("127.0.0.1", "www.example.org")
PATIENCE_S = 2


def described(folder: Path, web: int) -> Instance:
    """An instance whose pages are at this port; its other parts are nowhere."""
    nobody = ports.choose()
    found = Ports(web=web, live=nobody, asterisk_http=nobody, switchboard=nobody)
    return replace(instance.blank(folder), ports=found, id="tried")


def front(folder: Path, port: int) -> nginx.Front:
    """How the tests reach it."""
    cache, log = str(folder / "cache"), str(folder / "access.log")
    return nginx.Front(NAMES, f"127.0.0.1:{port}", cache=cache, access_log=log, patience_s=PATIENCE_S)


@contextlib.contextmanager
def before(folder: Path, web: int, besides: str = "", **more: Any) -> Iterator[int]:
    """Nginx before the pages at a port; its own port. `besides`: more of its http block; `more`: of the front."""
    port = ports.choose()
    seen = replace(front(folder, port), **more)
    text = nginx.configuration(described(folder, web), seen, settings=settings)
    with trial.running(folder, besides + text, port):
        yield port
