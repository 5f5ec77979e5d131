"""`kindline proxy NAME`: the configuration of nginx before this instance, ready for Debian's nginx."""

import argparse
from pathlib import Path
from typing import Any

from kindline.runtime import cli, instance


def add(subparsers: Any) -> None:
    """Add the command to the command line."""
    command = subparsers.add_parser("proxy", help="print the configuration of nginx before this instance")
    command.add_argument("names", nargs="+", metavar="NAME", help="the names of the site: www.example.org")
    command.add_argument(
        "--listen",
        default="",
        metavar="[ADDRESS:]PORT",
        help="default: 443 with a certificate, else 80; a port alone: at every address, IPv4 and IPv6",
    )
    command.add_argument(
        "--plain", default="", metavar="[ADDRESS:]PORT",
        help="with a certificate: where http is sent on to https (default: 80 where https is at 443); `off`: nowhere",
    )  # fmt: skip
    command.add_argument("--certificate", default="", metavar="FILE", help="the certificate with its chain")
    command.add_argument("--key", default="", metavar="FILE", help="the key of the certificate")
    command.add_argument(
        "--acme", default="/var/www/html", metavar="DIR", help="where `certbot --webroot` puts its proofs (by http)"
    )
    command.add_argument("--cache", default="/var/lib/nginx/kindline", metavar="DIR", help="where nginx keeps pages")
    command.add_argument("--access-log", default="/var/log/nginx/kindline.log", metavar="FILE", help="`off`: none")
    command.add_argument("--out", type=Path, metavar="FILE", help="write it there instead of printing it")
    cli.add_instance(command)
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print, or write, the file."""
    if bool(chosen.certificate) != bool(chosen.key):
        raise cli.UsageError("a certificate needs its key, and the other way round: give --certificate and --key")
    folder = chosen.instance.resolve()
    described = instance.read(folder)
    cli.setup_django(folder)
    text = _text(described, chosen)
    if chosen.out:
        chosen.out.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0


def _plain(chosen: argparse.Namespace) -> str:
    """Where http is sent on; of another port for https nobody knows, unless it is said."""
    usual = "" if chosen.listen else "80"
    return "" if chosen.plain == "off" else str(chosen.plain or usual)


def _text(described: instance.Instance, chosen: argparse.Namespace) -> str:
    from django.conf import settings

    from kindline.runtime import nginx

    front = nginx.Front(
        names=tuple(chosen.names),
        listen=chosen.listen or ("443" if chosen.certificate else "80"),
        certificate=chosen.certificate,
        key=chosen.key,
        cache=chosen.cache,
        access_log=chosen.access_log,
        plain=_plain(chosen),
        acme=chosen.acme,
    )
    return nginx.configuration(described, front, settings=settings)
