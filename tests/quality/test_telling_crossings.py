"""What goes beyond its threshold is written to those who were chosen, each once, with a quiet time between letters."""

from __future__ import annotations

from typing import Any

import pytest

from kindline.correspondence.models import Outgoing
from kindline.journal.models import Fact
from kindline.quality import telling_crossings
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.switchboard import crossing_letters
from kindline.switchboard.models import Crossing
from kindline.switchboard.thresholds import ThresholdError
from tests.switchboard.people import at, employee

pytestmark = [pytest.mark.db, pytest.mark.clause("krc-4-04")]
KRC = loader.load("krc")


@pytest.fixture(autouse=True)
def relay(settings: Any) -> None:
    """Mail is set up; nothing is sent in these tests."""
    described = {"class": "kindline.connectors.mail.smtp.Smtp", "url": "smtp://127.0.0.1:1", "sender": "a@b.example"}
    settings.MAIL = {**settings.MAIL, "relay": described}
    settings.PUBLIC_URL = "https://desk.example"


@pytest.fixture
def vera() -> Employee:
    """Somebody in charge with an address."""
    made = employee("vera", Role.SUPERVISOR)
    Employee.objects.filter(pk=made.pk).update(email="vera@example.org", language="en")
    made.refresh_from_db()
    return made


def crosses(second: float, *, level: str = "alarm", measure: str = "longest_wait_s", **more: Any) -> Crossing:
    values: dict[str, Any] = {"queue": "general", "value": 301.0, "limit": 300.0, "began_at": at(second), **more}
    return Crossing.objects.create(profile="krc", measure=measure, level=level, **values)


def chosen(*people: Employee, alarms_only: bool = False, quiet_min: int = 15) -> None:
    by = people[0]
    crossing_letters.set_letters(
        profile=KRC, people=[one.pk for one in people], alarms_only=alarms_only, quiet_min=quiet_min, by=by, now=at(0)
    )


def swept(second: float) -> int:
    return telling_crossings.sweep(profile=KRC, now=at(second))


def test_each_crossing_is_in_one_letter_and_what_comes_in_the_quiet_time_in_the_next(vera: Employee) -> None:
    chosen(vera)
    crosses(10)
    assert [swept(12), swept(60)] == [1, 0]
    [letter] = Outgoing.objects.all()
    assert (letter.recipient, letter.language, letter.is_automatic) == ("vera@example.org", "en", True)
    assert "■ alarm: Longest wait, General questions: 5:01 (threshold 5:00)" in letter.subject
    assert "https://desk.example/desk/wallboard/" in letter.text
    crosses(100, measure="asa_s", back_at=at(200), ended_at=at(230))
    crosses(400, measure="waiting", value=12.0, limit=10.0)
    assert swept(12 + 15 * 60 - 1) == 0
    assert swept(12 + 15 * 60) == 1
    later = Outgoing.objects.order_by("pk").last()
    assert later is not None
    assert "and 1 more" in later.subject
    assert "within again since" in later.text
    assert later.text.count("■") == 2


def test_nobody_is_written_to_who_was_not_chosen_and_only_of_what_he_wants(vera: Employee, settings: Any) -> None:
    crosses(10)
    assert swept(11) == 0, "nobody was chosen"
    chosen(vera, alarms_only=True)
    crosses(20, level="warn")
    Crossing.objects.filter(level="alarm").update(began_at=at(-10))
    assert swept(30) == 0, "it began before anybody was to be written to"
    crosses(40, measure="asa_s")
    settings.MAIL = {**settings.MAIL, "relay": None}
    assert swept(41) == 0
    assert not Outgoing.objects.exists()


def test_what_cannot_be_is_refused_and_what_is_set_is_a_fact(vera: Employee) -> None:
    nobody = employee("nobody", Role.SUPERVISOR)
    for people, quiet_min, code in (([vera.pk], 0, "quiet"), ([vera.pk, nobody.pk], 5, "people")):
        with pytest.raises(ThresholdError) as refused:
            crossing_letters.set_letters(
                profile=KRC, people=people, alarms_only=False, quiet_min=quiet_min, by=vera, now=at(0)
            )
        assert refused.value.code == code
    chosen(vera, quiet_min=5)
    fact = Fact.objects.get(kind="threshold_letters_set")
    assert (fact.actor, fact.data["employees"], fact.data["quiet_min"]) == (f"employee:{vera.pk}", [vera.pk], 5)


def test_settings_that_are_saved_again_lose_nothing_that_waits(vera: Employee) -> None:
    chosen(vera)
    crosses(10)
    assert swept(12) == 1
    crosses(100, measure="asa_s")

    def saved(second: float, *people: Employee) -> None:
        crossing_letters.set_letters(
            profile=KRC, people=[one.pk for one in people], alarms_only=False, quiet_min=15, by=vera, now=at(second)
        )

    saved(200, vera)
    assert swept(12 + 15 * 60) == 1, "it waited for the quiet time to end"
    saved(2000)
    crosses(2010, measure="waiting")
    saved(2020, vera)
    assert swept(4000) == 0, "while nobody was to be written to it was nobody's"
