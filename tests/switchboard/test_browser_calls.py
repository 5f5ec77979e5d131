"""Telephones of browsers at a real engine: let in with what their session was given, by nothing else (ASVS 4.4.4)."""

from __future__ import annotations

import contextlib
import re
import signal
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from kindline.runtime.asterisk import engine
from kindline.switchboard.phones import CIPHERS
from tests.plugins.postgres import Server
from tests.switchboard import nodes
from tests.switchboard import rig as rigs
from tests.switchboard.browsers import Browser
from tests.switchboard.rig import Rig, until

pytestmark = pytest.mark.asterisk
WITHIN_S = 5
LOGS_IN = """
INSERT INTO staff_employeesession (employee_id, token, opened_at, seen_at, browser, address, proof)
VALUES (%s, %s, now(), now(), '', '', '') RETURNING id
"""
TAKES = """
INSERT INTO switchboard_browserphone (operator_id, session_id, password, made_at) VALUES (%s, %s, %s, now())
ON CONFLICT (operator_id) DO UPDATE
SET session_id = excluded.session_id, password = excluded.password, made_at = excluded.made_at RETURNING 1
"""
LOGS_OUT = "from kindline.staff.models import EmployeeSession; EmployeeSession.objects.filter(pk={}).delete()"
LEAVES = "from kindline.staff.models import Employee; Employee.objects.filter(pk={}).update(is_active=False)"


@dataclass
class Session:
    """A session of an operator that has his browser's telephone."""

    rig: Rig
    who: int
    key: int
    password: str

    def at(self, stack: contextlib.ExitStack, rig: Rig | None = None) -> Browser:
        """Its page, at the engine of a node."""
        port = (rig or self.rig).engine.values.ari_port
        return stack.enter_context(contextlib.closing(Browser(f"op{self.who}w", self.password, port)))


@pytest.fixture(scope="module")
def rig(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Of its own: an operator leaves, the engine ends."""
    made = rigs.build(tmp_path_factory.mktemp("rig"), pg, operators=3)
    made.start()
    until(lambda: len(made.passwords()) == 3)
    yield made
    rigs.end(made)


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    """Pages that are closed at the end."""
    with contextlib.ExitStack() as made:
        yield made


def takes(rig: Rig, who: int, *others: Rig) -> Session:
    """An operator logs in and opens his telephone there; the engines are told before his page is."""
    ((key,),) = rig.rows(LOGS_IN, who, uuid.uuid4().hex)
    found = Session(rig, who, key, uuid.uuid4().hex)
    rig.rows(TAKES, who, key, found.password)
    for one in (rig, *others):
        assert one.post(f"/operators/{who}/phones") == (200, {"known": True})
    return found


def is_there(rig: Rig, name: str) -> bool:
    return name in rig.health()["phones"]


def addresses(rig: Rig, name: str) -> int:
    """At how many addresses the engine would call it."""
    return rig.engine.ask("pjsip show contacts").count(f"Contact:  {name}/")


def refused(browser: Browser) -> bool:
    """Whether it is not let in; at the address of the trunk, as here, an unknown name is not asked for a password."""
    return browser.registers() in (401, 403, 404)


def test_a_page_is_let_in_at_once_and_until_its_operator_logs_out(rig: Rig, stack: contextlib.ExitStack) -> None:
    who, colleague = sorted(rig.operators())[:2]
    with rig.telephones(who) as phones:
        session, other = takes(rig, who), takes(rig, colleague)
        page, beside = session.at(stack), other.at(stack)
        assert (page.registers(), beside.registers()) == (200, 200)
        until(lambda: is_there(rig, page.name) and is_there(rig, beside.name), what="the house does not see the pages")
        rig.manage("shell", "-v", "0", "-c", LOGS_OUT.format(session.key))
        until(lambda: refused(page), WITHIN_S, "whoever has logged out is let in")
        until(lambda: not is_there(rig, page.name), WITHIN_S, "whoever has logged out is called")
        assert page.name not in rig.engine.ask("pjsip show contacts")
        assert beside.registers() == 200
        engine.ask(phones.exchange.tree, phones.exchange.folder, "pjsip send register *all")
        until(lambda: phones.exchange.registered(f"op{who}s"), what="his telephone is not let in")
        assert is_there(rig, f"op{who}s")


def test_news_of_it_comes_after_the_next_log_in_as_after_the_first(rig: Rig, stack: contextlib.ExitStack) -> None:
    who = sorted(rig.operators())[1]
    for _ in range(2):
        session = takes(rig, who)
        page = session.at(stack)
        assert page.registers() == 200
        until(lambda: is_there(rig, f"op{who}w"), WITHIN_S, "the house does not see the page")
        page.close()
        until(lambda: not is_there(rig, f"op{who}w"), WITHIN_S, "the house does not see that the page is gone")
        rig.manage("shell", "-v", "0", "-c", LOGS_OUT.format(session.key))
        until(partial(refused, session.at(stack)), WITHIN_S, "whoever has logged out is let in")


def test_the_page_that_took_it_last_is_let_in_and_the_former_is_not(rig: Rig, stack: contextlib.ExitStack) -> None:
    who = sorted(rig.operators())[1]
    first = takes(rig, who).at(stack)
    assert first.registers() == 200
    second = takes(rig, who).at(stack)
    assert second.registers() == 200
    assert refused(first)
    assert addresses(rig, second.name) == 1
    lasting = Session(rig, who, 0, rig.passwords()[who])
    assert refused(lasting.at(stack)), "the telephone's password lets a page in"


def test_an_engine_that_was_started_anew_knows_who_may_come_in(rig: Rig, stack: contextlib.ExitStack) -> None:
    who = sorted(rig.operators())[1]
    former = takes(rig, who)
    session = takes(rig, who)
    rig.engine.stop(signal.SIGKILL)
    rig.engine.start()

    def let_in() -> bool:
        return session.at(stack).registers() == 200

    until(let_in, 20, "whoever is logged in is not let in")
    assert refused(former.at(stack))


def test_a_switchboard_that_was_away_makes_up_for_what_ended_meanwhile(rig: Rig, stack: contextlib.ExitStack) -> None:
    who, colleague = sorted(rig.operators())[1:3]
    ended, other = takes(rig, who), takes(rig, colleague)
    page, beside = ended.at(stack), other.at(stack)
    assert (page.registers(), beside.registers()) == (200, 200)
    rig.kill(rig.processes[-1])
    rig.manage("shell", "-v", "0", "-c", LOGS_OUT.format(ended.key))
    assert page.registers() == 200, "nobody could tell the engine"
    rig.start()
    assert refused(page)
    assert page.name not in rig.engine.ask("pjsip show contacts")
    assert beside.registers() == 200
    assert is_there(rig, beside.name)
    again = other.at(stack)
    assert again.registers() == 200
    assert addresses(rig, again.name) == 1, "a page that was loaded anew is called where it was before, too"
    again.close()
    until(lambda: not is_there(rig, again.name), WITHIN_S, "the house does not see that the page is gone")


def test_each_engine_knows_it_and_forgets_it(rig: Rig, stack: contextlib.ExitStack) -> None:
    who = sorted(rig.operators())[1]
    second = nodes.beside(rig)
    stack.callback(second.engine.stop)
    second.start(KINDLINE_SWITCHBOARD="sb-second")
    nodes.joined(rig, second)
    session = takes(rig, who, second)
    pages = [session.at(stack), session.at(stack, second)]
    assert [one.registers() for one in pages] == [200, 200]
    rig.manage("shell", "-v", "0", "-c", LOGS_OUT.format(session.key))
    until(lambda: all(refused(one) for one in pages), WITHIN_S, "an engine lets in whoever has logged out")
    rig.kill(rig.processes.pop(), signal.SIGTERM)


def test_who_is_disabled_is_let_in_nowhere(rig: Rig, stack: contextlib.ExitStack) -> None:
    who = sorted(rig.operators())[2]
    page = takes(rig, who).at(stack)
    assert page.registers() == 200
    rig.manage("shell", "-v", "0", "-c", LEAVES.format(who))
    until(lambda: refused(page), WITHIN_S, "who was disabled is let in")
    assert f"op{who}" not in rig.engine.ask("pjsip show endpoints")


def test_the_engine_is_told_how_sound_of_browsers_is_sealed(rig: Rig) -> None:
    """ASVS 5.0: 17.2.1 a key made anew for each start, 17.2.2, 17.2.3 tags of 80 bits, 17.2.8 the fingerprint."""
    who = sorted(rig.operators())[0]
    takes(rig, who)
    said = rig.engine.ask(f"pjsip show endpoint op{who}w")
    told = dict(re.findall(r"^ (\w+) +: (.*)$", said, re.M))
    assert told["media_encryption"] == "dtls"
    assert told["dtls_verify"] == "Fingerprint"
    assert told["dtls_cipher"] == CIPHERS
    assert (told["dtls_auto_generate_cert"], told["dtls_private_key"]) == ("Yes", "")
    assert told["srtp_tag_32"] == "false"
    assert told["media_encryption_optimistic"] == "false", "sound in the clear is never taken instead"
    assert re.search(r"Strict RTP:\s+Yes", rig.engine.ask("rtp show settings"))
