"""A second telephone engine with a switchboard of its own, beside a rig's, on the same database."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from kindline.runtime import instance, phone
from kindline.runtime.asterisk import layout
from tests.plugins.asterisk import Asterisk
from tests.switchboard.rig import Rig, until


@dataclass
class Node(Rig):
    """The rig as its second node sees it; the database and the operators are the same."""

    node: int = 2
    first: Rig | None = field(default=None, repr=False)

    def environment(self, **more: str) -> dict[str, str]:
        return super().environment(**{instance.NODE_ENVIRONMENT: str(self.node)} | more)

    @property
    def described(self) -> dict[str, Any]:
        return instance.read(self.folder).at(self.node).content()

    def die(self) -> float:
        """Engine and switchboard end at the same moment, as with a machine whose power fails; when that was."""
        for process in (self.processes[-1], self.engine.process):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGKILL)
        for process in (self.processes[-1], self.engine.process):
            if process is not None:
                process.wait(15)
        return time.monotonic()


def beside(rig: Rig, number: int = 2) -> Node:
    """One more node of a rig's house, its engine started and its switchboard not."""
    known = instance.read(rig.folder).with_node(number)
    known.save()
    own = known.at(number)
    engine = Asterisk(rig.engine.tree, own, phone.values(own))
    own.paths["spool"].mkdir(exist_ok=True)
    layout.write(engine.folder, engine.tree, engine.values)
    engine.start()
    return Node(rig.folder, engine, rig.database, rig.processes, node=number, first=rig)


def joined(*rigs: Rig) -> None:
    """Wait until the switchboards know each other, and their engines too."""
    query = "SELECT count(*) FROM switchboard_switchboard WHERE serving AND beat_at > now() - interval '3 s'"
    until(lambda: rigs[0].rows(query) == [(len(rigs),)], 60, "not all switchboards serve")
    for rig in rigs:
        until(partial(_knows_others, rig), 30, "the engines do not know each other")


def _knows_others(rig: Rig) -> bool:
    return "kl-" in rig.engine.ask("pjsip show aors")
