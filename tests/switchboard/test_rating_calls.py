"""A real call over SIP: the operator says goodbye, the client rates the talk by keys and is let go."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from kindline.runtime.demo_calls.handset import Handset
from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard.rig import Rig, until

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def rig(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A house that asks for a rating on its line without a menu, after any talk."""
    made = rigs.build(tmp_path_factory.mktemp("rig"), pg, operators=1)
    menu = made.folder / "profiles" / "krc" / "menu.yaml"
    asked = 'rating: {lines: [hotline], talk_s_min: "$var.rating_talk_s_min"'
    text = menu.read_text(encoding="utf-8")
    assert asked in text
    menu.write_text(text.replace(asked, "rating: {lines: [direct], talk_s_min: 0"), encoding="utf-8")
    yield made
    rigs.end(made)


def _counts(rig: Rig, client: Handset, contact: str) -> bool:
    """Press a key, as one does until something happens: while nobody leads the call it is heard by nobody."""
    client.press("4")
    with contextlib.suppress(AssertionError):
        rig.comes(contact, "rating_given", 2)
    return "rating_given" in rig.kinds(contact)


@pytest.mark.clause("krc-5.5.2-03", "krc-5.6.1-33", "yumek-9.4-28")
def test_a_client_rates_by_keys_while_the_operator_is_free(rig: Rig) -> None:
    process = rig.start()
    with rig.telephones(1) as phones:
        rig.ready(1)
        client, phone, contact = phones.talk(1)
        assert rig.post(f"/calls/{contact}/hangup", employee=1)[0] == 200
        assert phone.ended(10)
        until(lambda: rig.operators() == {1: "wrap_up"}, what="the operator is not free")
        rig.comes(contact, "rating_asked")
        assert client.listen(10), "the question is not heard"
        rig.kill(process)  # whoever goes on with it knows what was asked
        rig.start()
        until(lambda: _counts(rig, client, contact), 60, "no key counts")
        assert client.ended(30), rig.story()
        rig.becomes(contact, "ended")
    kept = "SELECT way, answer, service FROM feedback_rating WHERE subject_id = %s"
    assert rig.rows(kept, contact) == [("phone", None, 4)]
    kinds = rig.kinds(contact)
    assert kinds.index("call_ended") < kinds.index("rating_asked") < kinds.index("rating_given")
    assert rig.fact(contact, "call_ended")["by"] == "operator"
