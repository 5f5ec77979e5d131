"""Where things are in this installation: the profile, the ports, whether the phone is on."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kindline.appeals import wording
from kindline.desk import reach
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard.models import Switchboard


@dataclass(frozen=True, slots=True)
class PhoneState:
    """Whether Asterisk is up, and if not, why."""

    up: bool
    reason: str


def described() -> dict[str, Any]:
    """What `instance.json` says (settings.KINDLINE)."""
    return dict(settings.KINDLINE)


def profile() -> Profile:
    """The standard that this installation works by."""
    return loader.load(described()["profile"])


def issuer() -> str:
    """Under whose name authenticators and apps keep what lets in here."""
    return str(profile().variable("company") or profile().title)


def phone_state() -> PhoneState:
    """What the supervisor of processes wrote of the phone; no file yet means that it was never started."""
    path = Path(described()["paths"]["recordings"]).parent / "phone.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return PhoneState(up=False, reason=_("The phone has not been started on this installation."))
    return PhoneState(up=bool(said.get("up")), reason=str(said.get("reason") or ""))


def live_url(request: HttpRequest) -> str:
    """Where the page hears news: the live process on the same host, so that the session's cookie goes along."""
    outside = described().get("live_url")
    own = f"{request.scheme}://{_host(request)}:{described()['ports']['live']}/events"
    return reach.may_reach(request, outside or own)


def socket_url(request: HttpRequest) -> str:
    """Where the browser's phone registers."""
    outside = described().get("socket_url")
    return outside or f"ws://{_host(request)}:{described()['ports']['asterisk_http']}/ws"


def socket_urls(request: HttpRequest) -> list[str]:
    """Where the browser's phone registers, and where else when nobody is there: the engines of further nodes."""
    first, host = socket_url(request), _host(request)
    led = Switchboard.objects.filter(has_left=False).exclude(node="1").exclude(socket="").order_by("node", "-beat_at")
    others = [_reached(told, host) for told in led.values_list("socket", flat=True)]
    return [reach.may_reach(request, one) for one in dict.fromkeys([first, *others])]


def _reached(told: str, host: str) -> str:
    """An engine's address as a browser reaches it: one on loopback is at the host of the page."""
    at, _, port = told.rpartition(":")
    return f"ws://{host if at.startswith('127.') else at}:{port}/ws"


def _host(request: HttpRequest) -> str:
    host = request.get_host()
    return host.rsplit(":", 1)[0] if ":" in host.split("]")[-1] else host


def local(moment: dt.datetime | None) -> dt.datetime | None:
    """The moment on the organisation's clock."""
    return moment.astimezone(profile().zone) if moment else None


language, titled = wording.language, wording.in_language
