"""The messages and the menu in force: made quickly at the start, then by the best voice, turned without a restart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from kindline.standard.profile import Profile
from kindline.switchboard import emergencies, in_force, menu, prompts, watch
from kindline.switchboard.board import Board, utc_now
from kindline.switchboard.in_force import InForce
from kindline.switchboard.machine.plan import Emergency, Plan, Sound

log = logging.getLogger(__name__)
Aside = Callable[..., Coroutine[Any, Any, Any]]


class Messages:
    """What callers hear and which keys they have."""

    def __init__(self, board: Board, profile: Profile, aside: Aside) -> None:
        self.board, self.profile = board, profile
        self.state = "none"
        """How far the making of messages is, for those who look."""
        self._aside = aside
        self._sounds: Mapping[str, Sound] = {}
        self._menu = InForce(in_force.FIRST, profile.menu) if profile.menu else None
        self._emergencies: tuple[Emergency, ...] = ()
        self._urgent: dict[str, Sound] = {}
        """The sounds of emergency messages, also of those that are over: somebody may still be hearing them."""
        self.watches = (self.watch, self.watch_emergencies)

    async def prepare(self) -> None:
        """Make the messages quickly, so that calls can be taken; then let the best voice say them."""
        self._menu = await self._aside(in_force.menu_in_force, self.profile, utc_now())
        await self._look_at_emergencies()
        await self._make("messages", quick=True)
        await self._earlier(await self._aside(watch.trees_under_way))
        self.state = "quick"
        self.board.start(self._best(), "best voice")

    async def _best(self) -> None:
        try:
            await self._make("best voice", quick=False)
            self.state = "best"
            await self._activate()
        except Exception:
            log.exception("the best voice cannot say the messages")

    async def _make(self, what: str, *, quick: bool) -> None:
        self._sounds = await self._made(self._menu, what, quick=quick)
        await self._aside(prompts.lay_out_fallback, self._sounds, Path(settings.KINDLINE["paths"]["prompts"]))
        self._replan()

    async def _made(self, version: InForce | None, what: str, *, quick: bool) -> Mapping[str, Sound]:
        said = prompts.menu_messages(self.profile, version.menu if version else None)
        wanted = [*said, *prompts.system_messages(self.profile)]
        folder, language = Path(settings.KINDLINE["paths"]["prompts"]), self.profile.language
        made: Mapping[str, Sound] = await self._aside(
            prompts.make, wanted, language, folder, self._progress(what), quick=quick
        )
        return made

    def _progress(self, what: str) -> prompts.Progress:
        def say(count: int, total: int, key: str) -> None:
            self.state = f"{what} {count}/{total}"
            if count == total or count % 20 == 0:
                log.info("%s: %s of %s made (%s)", what, count, total, key)

        return say

    async def watch(self) -> None:
        """Let keys that were switched by hand, and a version whose time has come, take effect (krc-5.6.6-14)."""
        await self._earlier(self._trees())
        found = await self._aside(in_force.menu_in_force, self.profile, utc_now())
        if found == self._menu:
            return
        if found is not None and (self._menu is None or found.number != self._menu.number):
            await self._turn(found)
        self._menu = found
        await self._activate()

    async def watch_emergencies(self) -> None:
        """Let callers hear an emergency message soon after it is turned on, and no more once it is off or over."""
        await self.board.in_database(emergencies.end_due, now=utc_now())
        if await self._look_at_emergencies():
            self._replan()

    async def _look_at_emergencies(self) -> bool:
        found, sounds = await self._aside(emergencies.for_callers, self.profile, utc_now(), set(self._urgent))
        changed = bool(found != self._emergencies)
        self._emergencies = found
        self._urgent |= sounds
        return changed

    async def _turn(self, version: InForce) -> None:
        """Another version comes into force: its messages first, then the plan; calls in the menu keep the old one."""
        log.info("version %s of the menu comes into force", version.number)
        was, state = self.board.plan, self.state
        self._sounds = await self._made(version, f"menu {version.number}", quick=False)
        self.state = state
        kept = self._trees()
        self.board.earlier = {number: plan for number, plan in self.board.earlier.items() if number in kept}
        self.board.earlier[was.tree] = was

    def _trees(self) -> set[int]:
        """The versions of the menu with which the calls in hand began."""
        return {state.tree for _, state in self.board.open_calls() if state.tree}

    async def _earlier(self, trees: set[int]) -> None:
        """The versions with which calls began that others led before us, or we before this start."""
        for number in trees - {self.board.plan.tree, *self.board.earlier}:
            found = await self._aside(in_force.menu_of_version, self.profile, number)
            if found is not None:
                sounds = await self._made(InForce(number, found), f"menu {number}", quick=True)
                self.board.earlier[number] = self._plan(InForce(number, found), sounds)

    async def _activate(self) -> None:
        self._replan()
        if self._menu is None:
            return
        durations = {key: sound.duration_s for key, sound in self._sounds.items()}
        faults = await self.board.in_database(
            menu.activated, self.profile, self._menu.menu, durations, utc_now(), number=self._menu.number
        )
        for fault in faults:
            level = logging.INFO if fault.level == "warning" else logging.WARNING
            log.log(level, "the menu breaks %s at %s: %s", fault.clause, fault.key, fault.message)

    def _replan(self) -> None:
        self.board.plan = self._plan(self._menu, self._sounds)

    def _plan(self, version: InForce | None, sounds: Mapping[str, Sound]) -> Plan:
        number, tree = (version.number, version.menu) if version else (in_force.FIRST, None)
        return menu.plan(
            self.profile, tree, {**sounds, **self._urgent}, switchboard=self.board.desk.app, number=number,
            emergencies=self._emergencies,
        )  # fmt: skip
