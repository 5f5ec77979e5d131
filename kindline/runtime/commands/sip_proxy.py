"""`kindline sip-proxy EXCHANGE`: the files of Kamailio before the telephone engines, ready for Debian's Kamailio."""

from __future__ import annotations

import argparse
import ipaddress
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kindline.runtime import cli, instance, ports

if TYPE_CHECKING:
    from kindline.runtime import kamailio


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("sip-proxy", help="write the files of Kamailio before the telephone engines")
    command.add_argument(
        "exchanges", nargs="+", metavar="EXCHANGE", help="addresses or networks of exchanges: 198.51.100.4 10.0.0.0/24"
    )
    command.add_argument(
        "--listen",
        required=True,
        metavar="ADDRESS:PORT",
        help="where exchanges and telephones reach it: 192.0.2.10:5060",
    )
    command.add_argument(
        "--inside", default="", metavar="ADDRESS:PORT",
        help="whence engines take calls of exchanges (default: the same address, the next port but one)",
    )  # fmt: skip
    command.add_argument(
        "--engine", action="append", default=[], dest="engines", metavar="ADDRESS:PORT",
        help="an engine; may be given several times (default: the nodes of the instance, at KINDLINE_SIP_ADDRESS)",
    )  # fmt: skip
    command.add_argument(
        "--share", type=int, metavar="PERCENT",
        help="of calls and lines that one address of an exchange may have (default: 70; of an only exchange: 100)",
    )  # fmt: skip
    command.add_argument(
        "--calls", type=int, default=20, metavar="N",
        help="calls a second that an engine is given (default: 20; `scripts/bench call-setup` says what it bears)",
    )  # fmt: skip
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder: /etc/kamailio")
    cli.add_instance(command)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Write the files, and say what the engines must be told."""
    from kindline.runtime import kamailio

    if not chosen.out.is_dir():
        raise cli.UsageError(f"there is no folder {chosen.out}: make it, or install Kamailio (Debian: kamailio)")
    if chosen.share is not None and not 1 <= chosen.share <= 100:
        raise cli.UsageError(f"--share {chosen.share}: give percents from 1 to 100")
    if chosen.calls < 1:
        raise cli.UsageError(f"--calls {chosen.calls}: give at least one call a second")
    described = instance.read(chosen.instance.resolve())
    engines = tuple(chosen.engines) or own_engines(described)
    front = kamailio.Front(
        exchanges=tuple(chosen.exchanges),
        listen=chosen.listen,
        inside=chosen.inside or _beside(chosen.listen),
        engines=engines,
        lines=ports.calls_max() * len(engines),
        share=_share(chosen),
        rate=chosen.calls,
        folder=chosen.out.resolve(),
    )
    try:
        files = kamailio.files(front)
    except ValueError as error:
        raise cli.UsageError(f"{error}; give addresses of IPv4, with their port where one belongs to them") from error
    _check(front)
    for name, text in files.items():
        (chosen.out / name).write_text(text, encoding="ascii")
    print(f"written: {', '.join(str(chosen.out / name) for name in files)}")
    print(f"engines: {', '.join(engines)}; {front.lines} calls at once in all (KINDLINE_CALLS_MAX)")
    print(f"the engines take calls of exchanges from it by: KINDLINE_TRUNK_ADDRESSES={front.inside}")
    print(f"telephones are set up to register at it by: KINDLINE_PHONES_AT={front.listen}")
    return 0


def own_engines(described: instance.Instance) -> tuple[str, ...]:
    """Where the engines of this machine listen."""
    address = os.environ.get("KINDLINE_SIP_ADDRESS", ports.LOOPBACK)
    return tuple(f"{address}:{described.at(number).ports.sip}" for number in range(1, len(described.nodes) + 2))


def _check(front: kamailio.Front) -> None:
    """Refuse what would write files that work for nobody, or let everybody pass for an exchange."""
    if front.inside == front.listen:
        raise cli.UsageError(f"--inside {front.inside}: give another port than that of --listen")
    here = [one for one in front.engines if _is_loopback(one)]
    if here and not _is_loopback(front.listen):
        raise cli.UsageError(
            f"only this machine reaches {', '.join(here)}: set KINDLINE_SIP_ADDRESS as the engines have it, "
            "or name each engine with --engine ADDRESS:PORT"
        )


def _is_loopback(place: str) -> bool:
    return ipaddress.IPv4Address(place.rpartition(":")[0]).is_loopback


def _beside(listen: str) -> str:
    host, _, port = listen.rpartition(":")
    return f"{host}:{int(port) + 2}" if port.isdecimal() else listen


def _share(chosen: argparse.Namespace) -> float:
    alone = len(chosen.exchanges) == 1 and "/" not in chosen.exchanges[0]
    return (chosen.share or (100 if alone else 70)) / 100
