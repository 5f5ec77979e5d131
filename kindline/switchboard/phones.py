"""Operators' phones: told to the engine at each start, and watched whether they are there."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from kindline.switchboard import browser_phones, extensions
from kindline.switchboard.ari import Ari, Outcome
from kindline.switchboard.models import Operator

log = logging.getLogger(__name__)
AT_ONCE = 8
BROWSER, TELEPHONE = "w", "s"
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of DTLS, from which the keys of a browser's sound come: forward secret, authenticated (ASVS 5.0, 17.2.2)."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One telephone of an operator's place: that of his browser, or the one on his table."""

    name: str
    password: str
    shown: str = ""
    """Name and extension of its owner, as colleagues see them."""

    @property
    def kind(self) -> str:
        """The page's or the table's."""
        return self.name[-1:]


def name_of(employee: int, kind: str) -> str:
    """The name by which a phone registers; no number can look like it."""
    return f"op{employee}{kind}"


def names_of(employee: int) -> list[str]:
    """The names of both phones, the page's first."""
    return [name_of(employee, BROWSER), name_of(employee, TELEPHONE)]


def passwords(now: dt.datetime, employees: Collection[int] | None = None) -> dict[str, str]:
    """What every phone registers with, by its name; who was disabled has none (X2).

    The telephone keeps its password; the page's is that of a session (`browser_phones`).
    """
    rows = Operator.objects.filter(employee__is_active=True).exclude(sip_password="").order_by("pk")
    rows = rows if employees is None else rows.filter(pk__in=employees)
    pages = browser_phones.passwords(now, employees)
    lasting = {name_of(pk, TELEPHONE): password for pk, password in rows.values_list("pk", "sip_password")}
    return lasting | {name_of(employee, BROWSER): password for employee, password in pages.items()}


def all_phones(now: dt.datetime, employees: Collection[int] | None = None) -> list[Phone]:
    """The phones of everybody who works here, or of these alone."""
    found = passwords(now, employees)
    owners = {name: employee_of(name) or 0 for name in found}
    shown = extensions.shown_of(sorted(set(owners.values())))
    return [Phone(name, password, shown.get(owners[name], "")) for name, password in found.items()]


def settings_of(phone: Phone, *, address: str, language: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The engine's objects of a phone, in the order in which they must be made: (type, id, fields)."""
    name, kind = phone.name, phone.kind
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


async def tell(ari: Ari, phones: Iterable[Phone], *, address: str, language: str) -> set[str]:
    """Tell the engine of these phones, and ask for news of them; returns the names that could not be told.

    An address book that is there is left alone: told anew, it would keep for ever whoever is registered in it.
    """
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(phone: Phone) -> bool:
        async with limit:
            for type_, name, fields in settings_of(phone, address=address, language=language):
                path = f"asterisk/config/dynamic/res_pjsip/{type_}/{name}"
                if type_ == "aor" and (await ari.ask("GET", path)).ok:
                    continue
                body = {"fields": [{"attribute": key, "value": value} for key, value in fields.items()]}
                answer = await ari.ask("PUT", path, body=body)
                if not answer.ok:
                    log.error("the phone %s cannot be told to the engine: %s", name, answer.error)
                    return False
            source = {"eventSource": f"endpoint:PJSIP/{phone.name}"}
            answer = await ari.ask("POST", f"applications/{ari.app}/subscription", source)
            if not answer.ok:
                log.error("no news will come of the phone %s: %s %s", phone.name, answer.status, answer.error)
            return answer.ok

    each = list(phones)
    told = await asyncio.gather(*(one(phone) for phone in each))
    return {phone.name for phone, ok in zip(each, told, strict=True) if not ok}


async def take_back(ari: Ari, names: Iterable[str]) -> set[str]:
    """Let the engine forget these phones; returns the names that it could not be told to forget.

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

    each = list(names)
    done = await asyncio.gather(*(forget(name) for name in each))
    return {name for name, ok in zip(each, done, strict=True) if not ok}


@dataclass(slots=True)
class Presence:
    """Which phones are there, and by which address each of them is reached."""

    online: dict[str, bool] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)

    def endpoint_of(self, employee: int) -> str:
        """The phone on which an operator is called: the page where it is there, else the telephone; else nothing."""
        return next((name for name in names_of(employee) if self.online.get(name)), "")

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


async def known(ari: Ari) -> dict[str, bool] | None:
    """The phones that the engine knows, and which of them are there now; None where it does not say."""
    answer = await ari.ask("GET", "endpoints/PJSIP")
    if not answer.ok:
        return None
    told = {str(one["resource"]): one["state"] == "online" for one in answer.body or []}
    return {name: there for name, there in told.items() if employee_of(name) is not None}
