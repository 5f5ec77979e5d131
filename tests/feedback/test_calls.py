"""A rating asked of who just spoke: of whom it is asked, what is kept, and how it counts beside the others."""

from __future__ import annotations

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from kindline.clients.models import BarredNumber, Client
from kindline.conversations.models import Contact
from kindline.feedback import actions, calls, queries, satisfaction
from kindline.feedback.models import Asked, Rating, Way
from kindline.journal.queries import facts_of
from kindline.standard import loader
from kindline.switchboard import inquiries
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine.commands import LookUp
from kindline.switchboard.machine.plan import RatingRule, Sound
from kindline.switchboard.machine.state import Phase
from kindline.switchboard.machine.turn import RATING
from kindline.switchboard.models import Call as Row
from tests.switchboard import people
from tests.switchboard.calls import CALLER

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("db")]
NOW = dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC)
PAUSE = dt.timedelta(days=30)
MOSCOW = ZoneInfo("Europe/Moscow")


def talk(phone: str = "+79161112233", *, profile: str = "krc", client: Client | None = None, out: bool = False) -> str:
    number = {"called": phone, "direction": "out"} if out else {"caller": phone}
    made = Contact.objects.create(
        profile=profile, version="1", channel="phone", line="hotline", started_at=NOW, client=client, **number
    )
    return str(made.pk)


def may_ask(contact: str, days: float = 0, profile: str = "krc") -> bool:
    return calls.may_ask(loader.load(profile), contact, NOW + dt.timedelta(days=days))


def test_who_was_asked_is_left_in_peace_for_the_days_of_the_profile() -> None:
    first = talk()
    assert may_ask(first)
    assert may_ask(first), "the same talk once more: who looked first is dead"
    assert not may_ask(talk(), 29)
    assert may_ask(talk("+79160000000"), 29)
    assert not may_ask(talk(out=True), 29), "a call to him counts as well"
    assert may_ask(talk(), 31)
    assert set(Asked.objects.values_list("phone", flat=True)) == {"+79161112233", "+79160000000"}
    assert may_ask(talk("+79169999999"), 70)
    assert Asked.objects.count() == 1, "what is over is forgotten"


def test_who_wishes_no_questions_is_not_asked() -> None:
    shy = Client.objects.create(surname="Ёлкин", do_not_call=True, created_at=NOW, changed_at=NOW)
    assert not may_ask(talk(client=shy))
    BarredNumber.objects.create(phone="+79161112233", barred_at=NOW)
    assert not may_ask(talk())
    assert not Asked.objects.exists()


def test_a_hidden_number_has_no_memory_and_a_profile_that_does_not_ask_asks_nobody() -> None:
    assert may_ask(talk(""))
    assert may_ask(talk(""))
    assert not Asked.objects.exists()
    assert not may_ask(talk(profile="court"), profile="court")
    assert not may_ask(str(uuid.uuid4()))


@pytest.mark.clause("krc-5.5.2-03", "krc-5.6.1-33", "yumek-9.4-28")
def test_what_is_pressed_is_kept_once_as_row_and_fact() -> None:
    contact = talk()
    calls.keep(contact=contact, score=4, of=5, now=NOW)
    calls.keep(contact=contact, score=1, of=5, now=NOW)
    kept = queries.of("contact", contact)
    assert kept
    assert (kept.way, kept.answer, kept.service, kept.words) == (Way.PHONE, None, 4, "")
    [fact] = facts_of("contact", contact)
    assert (fact.kind, fact.actor, fact.data) == ("rating_given", "client", {"score": 4, "of": 5})


@pytest.mark.clause("krc-3-02", "krc-4-05", "voe-1-02")
def test_it_counts_in_the_index_and_not_in_the_mean_of_answers() -> None:
    actions.rate(subject_type="appeal", subject_id=1, answer=2, service=3, words="", now=NOW)
    for given in (5, 4, 1):
        calls.keep(contact=talk(), score=given, of=5, now=NOW)
    [score] = satisfaction.scores(NOW.date(), NOW.date(), "month", MOSCOW)
    assert (score.ratings, score.content, score.answers, score.answer, score.service) == (4, 2, 1, 2.0, 3.25)
    Rating.objects.filter(way=Way.PAGE).delete()
    whole = satisfaction.whole(satisfaction.scores(NOW.date(), NOW.date(), "month", MOSCOW))
    assert whole
    assert (whole.answer, whole.ratings, whole.index) == (None, 3, 2 / 3)


@pytest.mark.parametrize("given", [{"way": "page", "answer": None, "service": 5}, {"way": "phone", "service": 6}])
def test_the_table_refuses_what_is_no_rating(given: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.create(subject_type="contact", subject_id="x", made_at=NOW, **given)


class Asking(people.Kept):
    """A call under krc whose changes are written, and whose messages of the rating have a sound."""

    def __init__(self) -> None:
        super().__init__()
        made = {f"rating.{one}": Sound(f"sound:/{one}", 3.0) for one in ("question", "again", "thanks", "goodbye")}
        self.plan.sounds.update(made)  # type: ignore[attr-defined]
        assert self.plan.rating == RatingRule(lines=frozenset({"hotline"}), talk_s_min=20.0)

    def leaves(self) -> None:
        """The operator ends the talk, and what is looked up is found as the switchboard finds it."""
        made = self.after(60).asks(e.HangUpAsked, self.who)
        [look] = [one for one in made if isinstance(one, LookUp)]
        assert look.service == RATING
        found = inquiries.answer(self.profile, look, contact=self.contact, caller=self.caller, now=self.at)
        self.happens(inquiries.event(look, found, self.at))

    def talks(self) -> Asking:
        self.who = people.operator().employee_id
        self.talking(self.who)
        return self


@pytest.mark.clause("krc-5.5.2-03", "krc-5.6.1-33")
def test_a_call_is_rated_and_everything_of_it_is_written() -> None:
    call = Asking().talks()
    call.leaves()
    ended = Contact.objects.get(pk=call.contact).ended_at
    assert ended == call.at, "the talk is over before the question"
    assert Row.objects.get(pk=call.contact).state == "rating"
    call.plays_out().presses("5").plays_out()
    row = Row.objects.get(pk=call.contact)
    assert (row.state, row.ended_at is not None) == ("ended", True)
    assert Contact.objects.get(pk=call.contact).ended_at == ended
    kept = queries.of("contact", call.contact)
    assert kept
    assert kept.service == 5
    kinds = list(facts_of("contact", call.contact).values_list("kind", flat=True))
    assert kinds.index("call_ended") < kinds.index("rating_asked") < kinds.index("rating_given")


def test_who_was_asked_lately_is_let_go_at_once() -> None:
    Asked.objects.create(phone="+79001112233", contact=uuid.uuid4(), at=people.at(0) - dt.timedelta(days=1))
    call = Asking().talks()
    call.leaves()
    assert call.state.phase is Phase.ENDED
    assert CALLER not in call.channels
    assert not facts_of("contact", call.contact).filter(kind="rating_asked").exists()
