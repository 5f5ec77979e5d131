"""The page of voice messages: taken in hand, called, handled; what was refused is said beside the message."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from kindline.conversations.models import Callback, Contact
from kindline.desk import calling_out, recordings
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Role
from kindline.switchboard import sounds
from kindline.switchboard import voicemail_work as work
from kindline.switchboard.models import Recording, Voicemail
from tests.desk.conftest import employee

pytestmark = pytest.mark.db
PAGE = "/desk/voicemail/"


@pytest.fixture
def message(judged: Contact) -> Voicemail:
    """A message that can be listened to, of somebody whose number is known."""
    now = timezone.now()
    Contact.objects.filter(pk=judged.pk).update(caller="+79271112233")
    kept = Recording.objects.create(contact=judged, leg="voicemail", name="m", path="m.wav", started_at=now)
    return Voicemail.objects.create(
        contact=judged, box="general", recording=kept, left_at=now, due_at=now + dt.timedelta(hours=1)
    )


def does(browser: Browser, message: Voicemail, verb: str, **posted: str) -> Any:
    return browser.post(f"{PAGE}{message.pk}/{verb}", posted)


def row(browser: Browser) -> dict[str, Any]:
    [found] = browser.get(PAGE).context["rows"]
    return dict(found)


def test_a_message_is_taken_in_hand_called_and_handled(
    as_operator: Browser, message: Voicemail, operator: Employee
) -> None:
    assert row(as_operator)["message"] == message
    assert does(as_operator, message, "take").url == PAGE
    assert row(as_operator)["mine"]
    called = does(as_operator, message, "call")
    promised = Callback.objects.get()
    assert as_operator.session[calling_out.ASKED]["url"] == f"/desk/callbacks/{promised.pk}/call"
    assert called.url == "/desk/"
    assert f"#callback-{promised.pk}" in as_operator.get(PAGE).content.decode()
    for outcome in ("reached", "nothing"):
        assert does(as_operator, message, "handled", outcome=outcome, as_is="1").url == PAGE
    message.refresh_from_db()
    assert (message.handled_by, message.outcome) == (operator, "reached")
    assert Fact.objects.filter(kind="voicemail_handled").count() == 1
    assert as_operator.get(PAGE + "?state=done").context["rows"][0]["outcome"]


def test_who_has_not_listened_is_asked_and_his_choice_is_kept(as_operator: Browser, message: Voicemail) -> None:
    refused = does(as_operator, message, "handled", outcome="registered")
    assert refused.status_code == 422
    said = refused.content.decode()
    assert 'name="as_is"' in said
    assert '<option value="registered" selected>' in said
    assert not Fact.objects.filter(kind="voicemail_handled").exists()


def test_an_outcome_must_be_chosen(as_operator: Browser, message: Voicemail) -> None:
    assert does(as_operator, message, "handled", outcome="", as_is="1").status_code == 422


def test_who_comes_second_is_told_who_has_it_and_those_in_charge_may_give_it_back(
    as_operator: Browser, as_supervisor: Browser, message: Voicemail
) -> None:
    other = employee("boris", Role.OPERATOR)
    work.take(voicemail=message.pk, employee=other, now=timezone.now())
    refused = does(as_operator, message, "call")
    assert refused.status_code == 422
    assert str(other) in refused.content.decode()
    unasked = does(as_operator, message, "back")
    assert (unasked.status_code, str(other) in unasked.content.decode()) == (422, True)
    assert does(as_supervisor, message, "back").url == PAGE
    assert not row(as_operator)["others"]
    stale = does(as_operator, message, "back")
    assert stale.status_code == 422, "the page was older than what somebody did: it is said, with the page"
    assert stale.context["fault"]["said"]


def test_an_overdue_message_stands_on_the_floor_until_it_is_handled(
    as_supervisor: Browser, message: Voicemail, supervisor: Employee
) -> None:
    later = timezone.now() + dt.timedelta(hours=2)
    work.sweep(now=later)
    mark = f'data-crossing="voicemail-{message.pk}"'
    assert mark in as_supervisor.get("/desk/supervisor/?part=1").content.decode()
    work.handle(voicemail=message.pk, outcome="nothing", employee=supervisor, as_is=True, now=later)
    assert mark not in as_supervisor.get("/desk/supervisor/?part=1").content.decode()


@pytest.mark.parametrize(("profile", "assumed"), [("krc", False), ("yumek", True)])
def test_a_time_that_the_standard_does_not_name_is_marked_as_assumed(
    as_operator: Browser, message: Voicemail, house: Any, profile: str, assumed: bool
) -> None:
    house(profile)
    assert ("<abbr" in as_operator.get(PAGE).content.decode()) is assumed


@pytest.mark.parametrize("open_for_s", [0, recordings.LIFE_S + 60, 20 * 60])
def test_a_message_is_played_however_long_the_page_is_open_and_once_whatever_is_fetched(
    as_operator: Browser, message: Voicemail, open_for_s: int
) -> None:
    """The link to the sound is made when it is played: it is old after five minutes, the page is not."""
    sounds.write(Path(settings.KINDLINE["paths"]["recordings"]) / "m.wav", [1000, -1000] * 8000)
    sound = row(as_operator)["sound"]
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=open_for_s), tick=False):
        answers = [as_operator.get(sound, follow=True, headers={"Range": "bytes=0-99"}) for _ in range(2)]
    lengths = [len(b"".join(answer.streaming_content)) for answer in answers]  # type: ignore[attr-defined]
    assert [(one.status_code, length) for one, length in zip(answers, lengths, strict=True)] == [(206, 100)] * 2
    assert Fact.objects.filter(kind="recording_listened").count() == 1


def test_what_plays_a_message_is_nobody_else_s(
    as_operator: Browser, as_supervisor: Browser, message: Voicemail
) -> None:
    sound = row(as_operator)["sound"]
    assert as_supervisor.get(sound, follow=True).status_code == 403
    assert as_operator.get(sound[:-1] + ("A" if sound[-1] != "A" else "B")).status_code == 403
    assert as_operator.get(sound, headers={"Referer": "https://elsewhere.example/"}).status_code == 403
