"""The messages and the menu in service: made quickly at the start, then said by the best voice, switched by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from kindline.standard.profile import Profile
from kindline.switchboard import menu, prompts, work
from kindline.switchboard.board import Board, utc_now
from kindline.switchboard.machine.plan import Sound

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
        self._menu = profile.menu

    async def prepare(self) -> None:
        """Make the messages quickly, so that calls can be taken; then let the best voice say them."""
        self._menu = await self._aside(work.menu_in_service, self.profile)
        await self._make("messages", quick=True)
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
        wanted = [*prompts.menu_messages(self.profile), *prompts.system_messages(self.profile)]
        folder, language = Path(settings.KINDLINE["paths"]["prompts"]), self.profile.language
        self._sounds = await self._aside(prompts.make, wanted, language, folder, self._progress(what), quick=quick)
        await self._aside(prompts.lay_out_fallback, self._sounds, folder)
        self._replan()

    def _progress(self, what: str) -> prompts.Progress:
        def say(count: int, total: int, key: str) -> None:
            self.state = f"{what} {count}/{total}"
            if count == total or count % 20 == 0:
                log.info("%s: %s of %s made (%s)", what, count, total, key)

        return say

    async def watch(self) -> None:
        """Let keys that were switched by hand take effect (krc-5.6.6-14)."""
        found = await self._aside(work.menu_in_service, self.profile)
        if found != self._menu:
            self._menu = found
            await self._activate()

    async def _activate(self) -> None:
        self._replan()
        if self._menu is None:
            return
        durations = {key: sound.duration_s for key, sound in self._sounds.items()}
        faults = await self.board.in_database(menu.activated, self.profile, self._menu, durations, utc_now())
        for fault in faults:
            level = logging.INFO if fault.level == "warning" else logging.WARNING
            log.log(level, "the menu breaks %s at %s: %s", fault.clause, fault.key, fault.message)

    def _replan(self) -> None:
        self.board.plan = menu.plan(self.profile, self._menu, self._sounds, switchboard=self.board.desk.app)
