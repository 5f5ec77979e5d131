"""Messages of the autoinformer, asked for over the internal API: said by a voice, then told to a client each."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web
from django.conf import settings

from kindline.switchboard import prompts
from kindline.switchboard.board import utc_now
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.plan import Sound
from kindline.switchboard.machine.state import CallState, identifier
from kindline.switchboard.wanted import KEY, Asked, AskedError, read

if TYPE_CHECKING:
    from kindline.switchboard.house import House

RING_LIMIT_S_MAX = 600


async def prepare(request: web.Request) -> web.StreamResponse:
    """POST /announcements/prepare {text, confirm, operator}: let the voice say it; how long it lasts."""
    house, asked = request.app[KEY], await read(request)
    _check_ready(house)
    sound = await _sound(house, asked)
    return web.json_response({"duration_s": sound.duration_s})


async def announce(request: web.Request) -> web.StreamResponse:
    """POST /announcements {contact, number, text, confirm, operator, on_machine, ring_limit_s, about, client,
    until}: call, tell.

    Asked again for the same contact it changes nothing; asked too late (after `until`) it is refused, so that whoever
    asks may count on it that nobody is called any more. Clause: krc-2-02, krc-2-42.
    """
    house, asked = request.app[KEY], await read(request)
    contact, number = asked.contact(), asked.phone()
    _check_ready(house)
    sound = await _sound(house, asked)
    if utc_now() > _moment(asked, "until"):
        raise AskedError(409, "too_late", "the time until which the call might begin is over")
    if contact not in house.board.calls:
        await _begin(house, contact, number, sound, asked)
    return web.json_response({"contact": contact})


async def _begin(house: House, contact: str, number: str, sound: Sound, asked: Asked) -> None:
    now = utc_now()
    house.board.take(contact, CallState(contact, identifier(contact, "client"), now))
    event = e.Announce(
        at=now, number=number, about=asked.text("about"), media=sound.media, duration_s=sound.duration_s,
        confirm=asked.text("confirm"), operator=asked.text("operator"),
        on_machine=asked.text("on_machine"), client=_number(asked, "client"),
        ring_limit_s=min(RING_LIMIT_S_MAX, _number(asked, "ring_limit_s") or 0),
        line=next(iter(house.board.plan.lines), ""),
    )  # fmt: skip
    await house.board.ask(contact, event)


def _check_ready(house: House) -> None:
    if not house.ready or not house.board.healthy or not house.board.ari.connected.is_set():
        raise AskedError(503, "not_ready", "the telephone engine or the database is not there now")


async def _sound(house: House, asked: Asked) -> Sound:
    text = asked.text("text").strip()
    if not text:
        raise AskedError(422, "missing", "text must say something", field="text")
    said = prompts.announcement(house.profile, text, confirm=asked.text("confirm"), operator=asked.text("operator"))
    folder = Path(settings.KINDLINE["paths"]["prompts"])
    made = await house.aside(prompts.make, [said], house.profile.language, folder)
    if said.key not in made:
        raise AskedError(422, "no_voice", "no voice can say this text", field="text")
    sound: Sound = made[said.key]
    return sound


def _number(asked: Asked, name: str) -> int | None:
    return asked.number(name) if asked.body.get(name) is not None else None


def _moment(asked: Asked, name: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(asked.text(name))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise AskedError(422, "moment", f"{name} must be a moment with its zone", field=name)
    return found
