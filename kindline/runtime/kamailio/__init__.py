"""What Kamailio before the engines is told: whom to refuse, when he may come again, where a call goes (ADR 68)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from kindline.runtime.asterisk.layout import filled

TEMPLATE = Path(__file__).with_name("kamailio.cfg.tmpl")
FILE, ENGINES = "kamailio.cfg", "kindline-engines.list"
FOLDER = Path("/etc/kamailio")
CALLS = 20
"""Calls a second that an engine is given: a third of what two processors set up (`bench call-setup`)."""
REQUESTS = 40
"""Requests of telephones and strangers a second that an engine is given."""
WITHIN_A_CALL = 10
"""So many requests within calls (their ends, holds, acknowledgements) come for each that begins."""
AGAIN_S, SPREAD_S = 2, 20


@dataclass(frozen=True)
class Front:
    """How the outside sees the engines.

    `exchanges`: addresses and networks from which calls of clients come; `listen`, `inside`, `engines`: ADDRESS:PORT.
    Shares are of one source, of what all may have; one exchange alone may have all of it.
    """

    exchanges: tuple[str, ...]
    listen: str
    inside: str
    engines: tuple[str, ...]
    lines: int
    """Calls that all engines take at once."""
    share: float = 1.0
    rate: int = CALLS
    """Calls a second of each engine."""
    folder: Path = FOLDER
    children: int = 4

    @property
    def calls(self) -> int:
        """Calls a second, in all."""
        return self.rate * len(self.engines)

    @property
    def requests(self) -> int:
        """Other requests a second, in all."""
        return REQUESTS * len(self.engines)


def files(front: Front) -> dict[str, str]:
    """The files of its folder, by their names. Raises: ValueError for an address that is none."""
    return {FILE: configuration(front), ENGINES: "".join(f"1 sip:{_place(one)}\n" for one in front.engines)}


def configuration(front: Front) -> str:
    """The whole configuration. Raises: ValueError for an address that is none."""
    texts = {
        "LISTEN": _place(front.listen),
        "INSIDE": _place(front.inside),
        "ADDRESS": front.listen.rpartition(":")[0],
        "EXCHANGES": ",".join(str(ipaddress.IPv4Network(one)) for one in front.exchanges),
        "FOLDER": str(front.folder),
        "CHILDREN": str(front.children),
        "CALLS": str(front.calls),
        "SOURCE_CALLS": _part(front.calls, front.share),
        "SOURCE_LINES": _part(front.lines, front.share),
        "REQUESTS": str(front.requests),
        "SOURCE_REQUESTS": _part(front.requests, 0.5),
        "WITHIN": str(front.calls * WITHIN_A_CALL),
        "AGAIN_S": str(AGAIN_S),
        "SPREAD_S": str(SPREAD_S),
    }
    return filled(TEMPLATE.read_text(encoding="ascii"), texts)


def _place(said: str) -> str:
    """An address with its port. Raises: ValueError."""
    host, _, port = said.rpartition(":")
    if not (port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f"{said} has no port")
    return f"{ipaddress.IPv4Address(host)}:{port}"


def _part(whole: int, share: float) -> str:
    return str(max(1, int(whole * share)))
