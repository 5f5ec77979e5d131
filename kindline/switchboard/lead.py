"""Leading calls: the parts of the switchboard put together, started, and stopped together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
from collections.abc import Coroutine, Iterator
from typing import Any

from django.conf import settings

from kindline.clients import phones
from kindline.standard import loader
from kindline.standard.profile import Profile
from kindline.switchboard import api, house, menu, sending, true_time, watch
from kindline.switchboard.ari import Ari
from kindline.switchboard.board import Board
from kindline.switchboard.committing import Desk
from kindline.switchboard.watch import NameTakenError

log = logging.getLogger(__name__)
STOPPED, NAME_TAKEN, BROKEN = 0, 3, 4


def main() -> int:
    """Run until told to stop, and say how it ended as an exit code."""
    try:
        return asyncio.run(_run())
    except NameTakenError as error:
        log.error("%s", error)
        return NAME_TAKEN


async def _run() -> int:
    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    return await lead(stopped)


async def enter(lodge: house.House) -> None:
    """Take our name, at the engine and in the database.

    Raises: NameTakenError while somebody else has it, at this engine or at another one.
    """
    board = lodge.board
    await refuse_clash(board.ari)
    now = await board.in_database(true_time.ask)
    lodge.pulse.entry = await board.in_database(watch.enter, app=board.desk.app, now=now, place=place())


def name() -> str:
    """A name of our own: KINDLINE_SWITCHBOARD where it is set, else a new one for each process."""
    return os.environ.get("KINDLINE_SWITCHBOARD") or f"{watch.PREFIX}{secrets.token_hex(4)}"


def api_address() -> str:
    """Where other machines' screens ask: KINDLINE_SWITCHBOARD_ADDRESS, else on this machine only."""
    return os.environ.get("KINDLINE_SWITCHBOARD_ADDRESS") or "127.0.0.1"


def place() -> watch.Place:
    """Which engine is led, and where it takes calls and phones."""
    described = settings.KINDLINE
    host, ports = str(described.get("sip_address") or "127.0.0.1"), described["ports"]
    return watch.Place(described.get("node", "1"), f"{host}:{ports['sip']}", f"{host}:{ports['asterisk_http']}")


def api_port() -> int:
    """Where the screens ask: KINDLINE_SWITCHBOARD_PORT for a second switchboard (0 = any), else the instance's port."""
    said = os.environ.get("KINDLINE_SWITCHBOARD_PORT")
    return int(said) if said else int(settings.KINDLINE["ports"]["switchboard"])


async def lead(stopped: asyncio.Event, app: str = "") -> int:
    """Lead calls until `stopped`; calls in hand go on without us and are taken over by the next switchboard.

    Raises: NameTakenError.
    """
    app = app or name()
    lodge = build(app)
    board, port = lodge.board, api_port()
    await board.ari.open()
    try:
        await enter(lodge)
    except NameTakenError:
        await board.ari.close()
        await lodge.close()
        raise
    await lodge.messages.prepare()
    runner = await api.serve(lodge, api_address(), port)
    await board.in_database(watch.asked_at, lodge.pulse.entry, "{}:{}".format(*runner.addresses[0][:2]))
    with running(
        board.ari.events(lodge.reception.hear, lodge.connected), *board.rounds(), *lodge.rounds(), stopped=stopped
    ) as end:
        await stopped.wait()
    await runner.cleanup()
    await lodge.following.draw()
    await board.ari.close()
    await board.in_database(watch.leave, app)
    await lodge.close()
    return BROKEN if end else STOPPED


def build(app: str) -> house.House:
    """A switchboard as the instance describes it, not yet at work."""
    described = settings.KINDLINE
    url = os.environ.get("KINDLINE_ARI_URL") or f"http://127.0.0.1:{described['ports']['asterisk_http']}"
    profile = loader.load(described["profile"])
    board = Board(
        ari=Ari(url=url, user=described["ari_user"], password=described["ari_password"], app=app),
        desk=Desk(app, profile, described.get("node", "1")),
        plan=(plan := menu.plan(profile, profile.menu, {}, switchboard=app)),
        wire=sending.Wire(app, caller=shown(profile), callers=by_line(profile), destinations=plan.destinations),
    )
    return house.House(board, profile, instance=described["id"], token=described["internal_token"])


def shown(profile: Profile) -> str:
    """The number that clients see when they are called, as E.164: KINDLINE_CALLER_ID, else the organisation's own."""
    typed = os.environ.get("KINDLINE_CALLER_ID") or str(profile.variables.get("phone") or "")
    return phones.normalised(typed, profile.calendar.country) or typed


def by_line(profile: Profile) -> dict[str, str]:
    """The number of each line that has one of its own (`numbers` of the profile: number -> line)."""
    return {str(line): str(number) for number, line in (profile.variables.get("numbers") or {}).items()}


async def refuse_clash(ari: Ari) -> None:
    """Refuse to start under a name that the engine already knows (T4): both would believe to lead the calls.

    Raises: NameTakenError.
    """
    answer = await ari.ask("GET", f"applications/{ari.app}", tries=1)
    if answer.ok:
        raise NameTakenError(f"the engine already has an application named {ari.app}: stop it, or use another name")


@contextlib.contextmanager
def running(*work: Coroutine[Any, Any, None], stopped: asyncio.Event) -> Iterator[list[str]]:
    """Run all of it beside; when one ends by itself, everything stops, to be started anew by the supervisor."""
    broken: list[str] = []

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and not stopped.is_set():
            log.error("%s ended: %r", task.get_name(), task.exception())
            broken.append(task.get_name())
            stopped.set()

    tasks = [asyncio.create_task(one, name=repr(one)) for one in work]
    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield broken
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            asyncio.gather(*tasks, return_exceptions=True)
