"""Telephones of an employee who was disabled: gone within seconds, the browser's too, and not let in again (X2)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kindline.runtime.asterisk import engine
from kindline.switchboard.phones import BROWSER, TELEPHONE
from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard.rig import Rig, until

pytestmark = pytest.mark.asterisk
WITHIN_S = 5
LEAVES = "from kindline.staff.models import Employee; Employee.objects.filter(pk={}).update(is_active=False)"


@pytest.fixture
def rig(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Of its own: an operator leaves."""
    made = rigs.build(tmp_path_factory.mktemp("rig"), pg)
    yield made
    rigs.end(made)


def _known(rig: Rig, who: int) -> bool:
    """Whether the engine knows anything by which his telephone, or that of his browser, registers."""
    told = "".join(rig.engine.ask(f"pjsip show {what}") for what in ("contacts", "endpoints", "auths", "aors"))
    return any(f"op{who}{kind}" in told for kind in (BROWSER, TELEPHONE))


def test_his_telephone_is_refused_and_his_talk_ends_as_talks_do(rig: Rig) -> None:
    rig.start()
    leaver, stays = sorted(rig.operators())[:2]
    assert f"op{leaver}{TELEPHONE}" in rig.engine.ask("pjsip show auths")
    with rig.telephones(leaver, stays) as phones:
        rig.ready(leaver)
        _, phone, contact = phones.talk(leaver)
        rig.manage("shell", "-v", "0", "-c", LEAVES.format(leaver))
        until(lambda: not _known(rig, leaver), WITHIN_S, "the engine still knows him")
        assert rig.state(contact) == "talking"
        assert _known(rig, stays)
        engine.ask(phones.exchange.tree, phones.exchange.folder, "pjsip send register *all")
        until(lambda: not phones.exchange.registered(f"op{leaver}s"), 10, "his telephone is let in")
        until(lambda: phones.exchange.registered(f"op{stays}s"), 10, "his colleague's telephone is not let in")
        assert not phones.exchange.registered(f"op{leaver}s")
        phone.hang_up()
        rig.becomes(contact, "ended")
        until(lambda: rig.operators()[leaver] == "offline", what="he is not away")
