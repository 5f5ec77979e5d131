"""Operators' phones: told to the engine at each start, and watched whether they are there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kindline.switchboard import extensions
from kindline.switchboard.ari import Ari, Outcome
from kindline.switchboard.models import Operator

log = logging.getLogger(__name__)
AT_ONCE = 8
BROWSER, TELEPHONE = "w", "s"
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of DTLS, from which the keys of a browser's sound come: forward secret, authenticated (ASVS 5.0, 17.2.2)."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One operator's place: a page of the browser and a telephone share a password."""

    employee: int
    password: str
    shown: str = ""
    """Name and extension, as colleagues see them."""

    def endpoint(self, kind: str) -> str:
        """The name by which it registers; no number can look like it."""
        return f"op{self.employee}{kind}"

    @property
    def endpoints(self) -> list[str]:
        """Both names, the page first."""
        return [self.endpoint(BROWSER), self.endpoint(TELEPHONE)]


def passwords() -> dict[int, str]:
    """What every place registers with, by employee; who was disabled has no place (X2)."""
    rows = Operator.objects.filter(employee__is_active=True).exclude(sip_password="")
    return dict(rows.values_list("employee_id", "sip_password"))


def barred() -> list[int]:
    """Who had a place and was disabled."""
    return list(Operator.objects.filter(employee__is_active=False).values_list("employee_id", flat=True))


def all_phones() -> list[Phone]:
    """The place of every operator who works here."""
    rows = list(Operator.objects.filter(employee__is_active=True).exclude(sip_password="").order_by("pk"))
    shown = extensions.shown_of([one.pk for one in rows])
    return [Phone(one.pk, one.sip_password, shown.get(one.pk, "")) for one in rows]


def settings_of(phone: Phone, kind: str, *, address: str, language: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The engine's objects of a phone, in the order in which they must be made: (type, id, fields)."""
    name = phone.endpoint(kind)
    common = {
        "context": "from-operator", "disallow": "all", "dtmf_mode": "rfc4733", "direct_media": "no", "auth": name,
        "aors": name, "language": language, "from_domain": "kindline", "media_address": address,
        "bind_rtp_to_media_address": "yes", "rtp_timeout_hold": "300", "device_state_busy_at": "1",
    }  # fmt: skip
    common |= {"callerid": phone.shown} if phone.shown else {}
    browser = {
        "webrtc": "yes", "allow": "opus,ulaw", "rtp_timeout": "8", "media_encryption": "dtls",
        "dtls_verify": "fingerprint", "dtls_cipher": CIPHERS, "dtls_auto_generate_cert": "yes", "srtp_tag_32": "no",
    }  # fmt: skip
    telephone = {
        "transport": "udp", "allow": "alaw,ulaw", "rtp_symmetric": "yes", "force_rport": "yes",
        "rewrite_contact": "yes", "rtp_timeout": "20",
    }  # fmt: skip
    ask = {"qualify_frequency": "10", "qualify_timeout": "3"} if kind == TELEPHONE else {}
    return [
        ("auth", name, {"auth_type": "userpass", "username": name, "password": phone.password}),
        ("aor", name, {"max_contacts": "1", "remove_existing": "yes", "minimum_expiration": "10"} | ask),
        ("endpoint", name, common | (browser if kind == BROWSER else telephone)),
    ]


async def tell(ari: Ari, phones: Iterable[Phone], *, address: str, language: str) -> set[int]:
    """Tell the engine of all phones, and ask for news of them; returns whose could not be told."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(phone: Phone, kind: str) -> bool:
        async with limit:
            for type_, name, fields in settings_of(phone, kind, address=address, language=language):
                body = {"fields": [{"attribute": key, "value": value} for key, value in fields.items()]}
                answer = await ari.ask("PUT", f"asterisk/config/dynamic/res_pjsip/{type_}/{name}", body=body)
                if not answer.ok:
                    log.error("the phone %s cannot be told to the engine: %s", name, answer.error)
                    return False
            source = {"eventSource": f"endpoint:PJSIP/{phone.endpoint(kind)}"}
            answer = await ari.ask("POST", f"applications/{ari.app}/subscription", source)
            if not answer.ok:
                log.error("no news will come of the phone %s: %s %s", phone.endpoint(kind), answer.status, answer.error)
            return answer.ok

    each = [(phone, kind) for phone in phones for kind in (BROWSER, TELEPHONE)]
    told = await asyncio.gather(*(one(phone, kind) for phone, kind in each))
    return {phone.employee for (phone, _), ok in zip(each, told, strict=True) if not ok}


async def take_back(ari: Ari, employees: Iterable[int]) -> set[int]:
    """Let the engine forget these employees' phones; returns whose it could not be told to forget.

    The endpoint goes first: from then on nothing is let in or called by that name. With the address book go the
    addresses registered there.
    """
    limit = asyncio.Semaphore(AT_ONCE)

    async def forget(name: str) -> bool:
        async with limit:
            for type_ in ("endpoint", "aor", "auth"):
                answer = await ari.ask("DELETE", f"asterisk/config/dynamic/res_pjsip/{type_}/{name}")
                if not answer.ok and answer.outcome is not Outcome.GONE:
                    log.error("the engine does not forget the phone %s: %s %s", name, answer.status, answer.error)
                    return False
        return True

    each = [(employee, name) for employee in employees for name in Phone(employee, "").endpoints]
    done = await asyncio.gather(*(forget(name) for _, name in each))
    return {employee for (employee, _), ok in zip(each, done, strict=True) if not ok}


@dataclass(slots=True)
class Presence:
    """Which phones are there, and by which address each of them is reached."""

    online: dict[str, bool] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)

    def endpoint_of(self, employee: int) -> str:
        """The phone on which an operator is called: the page where it is there, else the telephone; else nothing."""
        both = Phone(employee, "").endpoints
        return next((name for name in both if self.online.get(name)), "")

    def everybody(self) -> dict[int, str]:
        """The phone of each operator of whom anything is known; nothing: none of his is there."""
        known = {employee_of(endpoint) for endpoint in self.online}
        return {employee: self.endpoint_of(employee) for employee in known if employee is not None}

    def is_there(self, employee: int) -> bool:
        """Whether the operator can be called at all."""
        return bool(self.endpoint_of(employee))

    def seen(self, endpoint: str, state: str) -> bool:
        """Keep what is known of a phone; says whether it is news."""
        there = state == "online"
        news = self.online.get(endpoint) != there
        self.online[endpoint] = there
        return news

    def moved(self, endpoint: str, uri: str) -> bool:
        """Keep the address of a phone; says whether it was there under another one (a page that was loaded anew)."""
        before = self.contacts.get(endpoint)
        self.contacts[endpoint] = uri
        return before is not None and before != uri


def employee_of(endpoint: str) -> int | None:
    """Whose phone it is; None for others' endpoints."""
    number = endpoint.removeprefix("op")[:-1]
    return int(number) if endpoint.startswith("op") and endpoint[-1:] in "ws" and number.isdigit() else None


async def look(ari: Ari, phones: Iterable[Phone], presence: Presence) -> None:
    """Ask the engine which phones are there now."""
    answer = await ari.ask("GET", "endpoints/PJSIP")
    online = {one["resource"] for one in answer.body or [] if one["state"] == "online"} if answer.ok else set()
    for phone in phones:
        for name in phone.endpoints:
            presence.seen(name, "online" if name in online else "offline")
