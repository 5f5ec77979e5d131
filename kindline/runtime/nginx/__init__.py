"""What nginx before the pages is told: whom to cut off, what it may keep, for whom (ADR 41)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kindline.files import names
from kindline.runtime import log_lines
from kindline.runtime.asterisk.layout import filled
from kindline.runtime.instance import Instance
from kindline.runtime.nginx import refusals
from kindline.site import reach, shelf, viewing
from kindline.standard import loader

TEMPLATE = Path(__file__).with_name("site.conf.tmpl")
FILES_TEMPLATE = Path(__file__).with_name("files.conf.tmpl")
PLAIN_TEMPLATE = Path(__file__).with_name("plain.conf.tmpl")
UPLOADS = ("ask", "status", "readings", "account")
"""Places of the site at which files come in."""
FORMS_A_SECOND, BURST = 5, 20
"""Of one browser."""
ADDRESS_A_SECOND, ADDRESS_BURST = 40, 400
"""Of one address: many people of a provider share one; the pages count besides what comes from each (`pace`)."""


@dataclass(frozen=True)
class Front:
    """How the outside sees the installation."""

    names: tuple[str, ...]
    listen: str
    certificate: str = ""
    key: str = ""
    cache: str = "/var/lib/nginx/kindline"
    access_log: str = "/var/log/nginx/kindline.log"
    plain: str = ""
    """With a certificate: where who comes by http is sent on to https; empty: nobody listens there."""
    acme: str = "/var/www/html"
    """Where `certbot --webroot` puts what proves that the names are ours; it is given by http."""
    patience_s: int = 10
    """So long nginx waits for the next of a head or a body."""

    @property
    def address(self) -> str:
        """Where people reach it."""
        return f"{'https' if self.certificate else 'http'}://{self.names[0]}"

    @property
    def log(self) -> str:
        """Where nginx writes its log, and in which form."""
        return self.access_log if self.access_log == "off" else f"{self.access_log} kindline"


def configuration(instance: Instance, front: Front, *, settings: Any) -> str:
    """The whole file, for the http block of nginx; `settings`: Django's."""
    loopback, found = "127.0.0.1", instance.ports
    languages = [code for code, _ in settings.LANGUAGES]
    named = [place.rstrip("/") + "/" for place in shelf.PLACES if place]
    return filled(
        TEMPLATE.read_text(encoding="ascii"),
        {
            "PAGES": f"{loopback}:{found.web}",
            "LIVE": f"{loopback}:{found.live}",
            "SOCKET": f"{loopback}:{found.asterisk_http}",
            "SESSION": f"(__Host-)?kindline_{instance.id}",
            "KEYED": log_lines.KEYED,
            "KEY": log_lines.KEY,
            "LANGUAGE_COOKIE": settings.LANGUAGE_COOKIE_NAME,
            "VIEW_COOKIE": viewing.COOKIE,
            "COLOURS": "|".join(viewing.COLOURS),
            "LANGUAGE": settings.LANGUAGE_CODE,
            "LANGUAGES": "|".join(languages),
            "CHOSEN": "\n".join(f"    {code} {code};" for code in languages),
            "FORMS_A_SECOND": str(FORMS_A_SECOND),
            "BURST": str(BURST),
            "ADDRESS_A_SECOND": str(ADDRESS_A_SECOND),
            "ADDRESS_BURST": str(ADDRESS_BURST),
            "ORIGINS": "\n".join(_origin(one) for one in settings.CSRF_TRUSTED_ORIGINS),
            "CSRF": f"kindline_csrf_{instance.id}",
            "REFUSALS": refusals.maps(languages, settings.LANGUAGE_CODE, reach.of(loader.load(instance.profile))),
            "REFUSED": refusals.places(),
            "CACHE": front.cache,
            "ACCESS_LOG": front.log,
            "LISTEN": _listen(front.listen, *_ssl(front)),
            "LISTEN_FIRST": _listen(front.listen, *_ssl(front), "default_server"),
            "TLS": _tls(front),
            "NAMES": " ".join(front.names),
            "ADDRESS": front.address,
            "PLACES": "|".join(["$", *named]),
            "PATIENCE_S": str(front.patience_s),
            "UPLOADS": "|".join(UPLOADS),
            "UPLOAD_MB": str(settings.FILES["quotas"]["client"]["day_size"] // 2**20),
            "FILES": _files(front, settings.FILES_HOST),
            "PLAIN": _plain(front, settings.FILES_HOST),
        },
    )


def _files(front: Front, host: str) -> str:
    """The host that is for files alone, where one is set."""
    words = {
        "LISTEN": _listen(front.listen, *_ssl(front)),
        "TLS": _tls(front),
        "NAME": _name(host),
        "ACCESS_LOG": front.log,
        "PLACE": names.PLACE,
        "PATIENCE_S": str(front.patience_s),
    }
    return filled(FILES_TEMPLATE.read_text(encoding="ascii"), words) if host else ""


def _plain(front: Front, files_host: str) -> str:
    """Who types the name alone comes by http: he is sent on, with what he sends; who asks for a file, to its host."""
    if not (front.certificate and front.plain):
        return ""
    led = [(" ".join(front.names), front.address)]
    led += [(_name(files_host), f"https://{files_host}")] if files_host else []
    words = {"LISTEN": _listen(front.plain), "ACME": front.acme, "PATIENCE_S": str(front.patience_s)}
    template = PLAIN_TEMPLATE.read_text(encoding="ascii")
    return "".join(filled(template, words | {"NAMES": names, "ADDRESS": address}) for names, address in led)


def _origin(named: str) -> str:
    """A line for pages of this origin; `https://*.example.org` names all hosts below one, as Django reads it."""
    return rf'    "~*\|{re.escape(named).replace(re.escape("*."), "(?:[^/|]+[.])?")}$" 0;'


def _name(host: str) -> str:
    return str(urlsplit(f"//{host}").hostname)


def _listen(where: str, *options: str) -> str:
    """Where a server listens: at a port alone by both families of addresses, else as it was said."""
    places = (where, f"[::]:{where}") if where.isdecimal() else (where,)
    return "\n    ".join(f"listen {' '.join((place, *options))};" for place in places)


def _ssl(front: Front) -> tuple[str, ...]:
    return ("ssl",) if front.certificate else ()


def _tls(front: Front) -> str:
    if not front.certificate:
        return ""
    lines = [f"ssl_certificate {front.certificate};", f"ssl_certificate_key {front.key};"]
    lines += ["ssl_protocols TLSv1.2 TLSv1.3;", "ssl_session_cache shared:kindline_tls:10m;"]
    return "\n".join(f"    {line}" for line in lines)
