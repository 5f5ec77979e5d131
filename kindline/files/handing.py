"""A file is handed over closed: by the pages' own host, or by one that is for files alone (ADR 45).

Who asks, and whether he may, is decided where the pages are; the other host knows nobody, so each of its addresses
opens once (ADR 65). ASVS 3.2.1, 3.5.4, 8.2.2.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import BinaryIO, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.exceptions import DisallowedHost
from django.http import FileResponse, HttpRequest, HttpResponseBase, HttpResponseRedirect

from kindline.files import checking, names
from kindline.files.models import Attachment, FileState, OpenedAddress, StoredFile
from kindline.files.stores import store
from kindline.staff.models import Employee

LIFE_S = 60
"""So long an address on the host of files works."""
FORGET_AFTER = dt.timedelta(hours=1)
FILE = "file"
SALT = "kindline.files.handing.once"
SHUT = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""A stranger's file is handed over closed: whatever is in it, nothing of it runs in our name."""
ELSEWHERE = {"Cross-Origin-Resource-Policy": "cross-origin", "Referrer-Policy": "no-referrer"}
"""On the host of files: our pages show its pictures, and nobody is told an address of it."""


class ExpiredAddressError(Exception):
    """The address was ours, and its minute is over: the file is opened anew from its page."""


class Named(NamedTuple):
    """What an address on the host of files stands for: one content, and whether it is shown or saved."""

    kind: str
    key: int
    inline: bool
    until: int
    """Seconds since 1970: from then on it works no more."""
    once: str
    """No other address has it: two openings of one are told apart from two addresses by it."""
    page: str
    """Where the pages decide anew when it is asked again; empty where that needs a form."""


def give(
    request: HttpRequest, attachment: Attachment, *, inline: bool = False, employee: Employee | None, now: dt.datetime
) -> HttpResponseBase:
    """A clean file to whoever may have it, or the way to it on the host of files; the opening is a fact either way.

    Raises: as `checking.open_file`.
    """
    content = checking.open_file(attachment=attachment, inline=inline, employee=employee, now=now)
    if not settings.FILES_HOST:
        return closed(content, attachment.file, inline=inline)
    content.close()
    return sent_on(request, FILE, attachment.pk, inline=inline, now=now)


def closed(content: BinaryIO, file: StoredFile, *, inline: bool) -> FileResponse:
    """A content under its file's name, to be saved; or shown, where it is a picture."""
    media_type = file.media_type if inline else "application/octet-stream"
    return FileResponse(
        content, as_attachment=not inline, filename=file.shown_name, content_type=media_type, headers=SHUT
    )  # fmt: skip


def sent_on(request: HttpRequest, kind: str, key: int, *, inline: bool = False, now: dt.datetime) -> HttpResponseBase:
    """The way to a content on the host of files: it opens once, within a minute."""
    page = request.build_absolute_uri() if request.method in ("GET", "HEAD") else ""
    named = Named(kind, key, inline, int(now.timestamp()) + LIFE_S, secrets.token_urlsafe(12), page)
    to = origin(request) + names.PLACE + signing.Signer(salt=SALT).sign_object(list(named))
    return HttpResponseRedirect(to, status=303, headers=SHUT | ELSEWHERE)


def read(path: str, now: dt.datetime) -> Named | None:
    """What an address stands for; None: it is none of ours. Raises: ExpiredAddressError."""
    if not path.startswith(names.PLACE):
        return None
    try:
        named = Named(*signing.Signer(salt=SALT).unsign_object(path.removeprefix(names.PLACE)))
    except signing.BadSignature:
        return None
    if now.timestamp() >= named.until:
        raise ExpiredAddressError
    return named


def is_first(named: Named) -> bool:
    """Whether an address is opened for the first time; of several at once one is."""
    until = dt.datetime.fromtimestamp(named.until, dt.UTC)
    return OpenedAddress.objects.get_or_create(once=named.once, defaults={"until": until})[1]


def was_opened(named: Named) -> bool:
    """Whether an address opens nothing more."""
    return OpenedAddress.objects.filter(once=named.once).exists()


def sweep(*, now: dt.datetime) -> int:
    """Forget addresses whose minute is long over, by whosever clock; how many."""
    return OpenedAddress.objects.filter(until__lt=now - FORGET_AFTER).delete()[0]


def opened(named: Named) -> FileResponse | None:
    """The file of an address; None: it is gone, or no longer clean. Raises: StoreError."""
    row = Attachment.objects.select_related("file").filter(pk=named.key, file__state=FileState.CLEAN).first()
    return closed(store().opened(row.file.sha256), row.file, inline=named.inline) if row else None


def origin(request: HttpRequest) -> str:
    """Where files are given, by the scheme and port of the pages unless a port was set; empty: where the pages are."""
    if not settings.FILES_HOST:
        return ""
    host, asked = settings.FILES_HOST, urlsplit(f"//{request.get_host()}")
    named_port = urlsplit(f"//{host}").port
    return f"{request.scheme}://{host}" + (f":{asked.port}" if asked.port and not named_port else "")


def is_asked(request: HttpRequest) -> bool:
    """Whether a request came by the name of the host of files, whatever its port."""
    if not settings.FILES_HOST:
        return False
    try:
        host = urlsplit(f"//{request.get_host()}").hostname
    except (DisallowedHost, ValueError):
        return False
    return host == urlsplit(f"//{settings.FILES_HOST}").hostname
