"""Every transition of every profile's workflow, allowed and refused; nothing closes without an end of the standard."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindline.appeals import moves
from kindline.appeals.models import Answer, Appeal
from kindline.conversations.errors import RefusedError
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard import acts, loader
from tests.appeals.registry import NOW, Registry, registry

PROFILES = loader.profile_ids()


def _kind(one: Registry) -> str:
    """A kind that needs no decision of its own."""
    return "application" if "application" not in one.flow.decided_kinds else "proposal"


@pytest.mark.db
@pytest.mark.parametrize("act", acts.ACTS)
@pytest.mark.parametrize("profile", PROFILES)
class TestEveryTransition:
    """From the data: what is written may be done by those who are named, and nothing else."""

    def test_is_allowed_where_it_is_written_and_nowhere_else(self, profile: str, act: str) -> None:
        here = registry(profile)
        for state in here.flow.states:
            if act == "mark_notified" and here.flow.is_final(state):
                continue  # a late notice moves nothing
            transition = here.flow.find(act, state)
            appeal = here.at(state, kind=_kind(here), channel="phone" if act == "answer_orally" else "paper")
            who = here.doer(transition) if transition else here.people["unit_head"]
            if transition is None:
                with pytest.raises(moves.WrongStateError), transaction.atomic():
                    here.perform(act, appeal, who)
            else:
                here.perform(act, appeal, who)
            appeal.refresh_from_db()
            assert appeal.state == (transition.target or state if transition else state)
            assert (appeal.closed_at is not None) == here.flow.is_final(appeal.state)
            assert not transition or facts_of("appeal", appeal.pk).count() > 1 or act in CONTACT_FACTS

    def test_is_refused_to_others_with_the_clauses(self, profile: str, act: str) -> None:
        here = registry(profile)
        for transition in here.flow.named(act):
            appeal = here.at(transition.sources[0], kind=_kind(here))
            with pytest.raises(moves.NotYoursError) as refused, transaction.atomic():
                here.perform(act, appeal, here.outsider(transition))
            assert refused.value.clauses == transition.clauses
            if "system" not in transition.by and act not in PERSONAL:
                with pytest.raises(moves.NotYoursError), transaction.atomic():
                    here.perform(act, appeal, None)
            appeal.refresh_from_db()
            assert appeal.state == transition.sources[0]


CONTACT_FACTS = ("take", "forward", "tell_forwarding")
"""Acts whose fact belongs to the contact in which the appeal was made."""
PERSONAL = ("take",)
"""Acts that a person does to himself: without one they cannot even be asked for."""


@pytest.mark.db
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("state", "act"), [("sign", "sign"), ("sent", "close"), ("assigned", "answer_orally")])
def test_a_complaint_is_answered_only_when_it_is_decided(profile: str, state: str, act: str) -> None:
    here = registry(profile)
    transition = here.flow.find(act, state)
    assert transition is not None
    appeal = here.at(state, kind="complaint", channel="phone" if act == "answer_orally" else "paper")
    with pytest.raises(moves.NeedError) as refused, transaction.atomic():
        here.perform(act, appeal, here.doer(transition))
    assert (refused.value.need, refused.value.clauses) == ("decision", here.flow.decided_clauses)
    here.decide(appeal)
    _fit_for(here, appeal)
    here.perform(act, appeal, here.doer(transition))
    appeal.refresh_from_db()
    assert appeal.state == transition.target


def _fit_for(here: Registry, appeal: Appeal) -> None:
    """A letter that says what was decided."""
    Answer.objects.filter(appeal=appeal).delete()
    here.write(appeal, signed=appeal.state == "sent")


@pytest.mark.db
@pytest.mark.parametrize("profile", PROFILES)
def test_every_end_can_be_reached(profile: str) -> None:
    here = registry(profile)
    for transition in here.flow.transitions:
        for end in transition.ends:
            found = here.flow.ends[end]
            channel = found.channels[0] if found.channels else "paper"
            appeal = here.at(transition.sources[0], kind=_kind(here), channel=channel)
            here.perform(transition.act, appeal, here.doer(transition), end)
            if transition.act == "give_notice":
                mark = here.flow.find("mark_notified", "notice")
                assert mark is not None
                here.perform("mark_notified", appeal, here.doer(mark))
            appeal.refresh_from_db()
            assert (appeal.end, appeal.closed_at) == (end, NOW)
            closed = facts_of("appeal", appeal.pk).filter(kind="appeal_closed").get()
            assert closed.data["way_out"] == found.how


@pytest.mark.clause("krc-5.7.2-20", "voe-8-03", "yumek-9.1-07")
@pytest.mark.db(transaction=False)
@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_appeal_is_closed_without_an_allowed_end(profile: str, data: st.DataObject) -> None:
    """Random sequences of acts by random people with random ends: closed means an end that the standard names."""
    with transaction.atomic():
        here = registry(profile)
        appeal = here.register(channel=data.draw(st.sampled_from(["phone", "paper", "web"])), kind=_kind(here))
        people: list[Employee | None] = [*dict.fromkeys(here.people.values()), None]
        ends = ["", *here.flow.ends, "nonsense"]
        steps = st.tuples(st.sampled_from(acts.ACTS), st.sampled_from(people), st.sampled_from(ends))
        for act, who, end in data.draw(st.lists(steps, max_size=25)):
            _try(here, appeal, act, who, end)
            appeal.refresh_from_db()
            final = here.flow.is_final(appeal.state)
            assert (appeal.closed_at is not None) == final
            assert not final or appeal.end in here.flow.ends
            assert appeal.state in here.flow.states
        transaction.set_rollback(True)


def _try(here: Registry, appeal: Appeal, act: str, who: Any, end: str) -> None:
    try:
        with transaction.atomic():
            here.perform(act, appeal, who, end)
    except (RefusedError, KeyError, IndexError, AssertionError, AttributeError):
        pass
    except Exception as error:  # the letter is not there: the act is refused in its own way
        if type(error).__name__ != "DoesNotExist":
            raise


@pytest.mark.db
def test_the_database_itself_refuses_a_closing_without_an_end(krc: Registry) -> None:
    appeal = krc.register()
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(closed_at=NOW)


@pytest.mark.db
def test_a_profile_without_a_workflow_says_so(krc: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = krc.register()
    bare = replace(krc.profile, workflow=None)
    monkeypatch.setattr(loader, "load", lambda *_args: bare)
    with pytest.raises(moves.NoWorkflowError, match=r"workflow\.yaml"):
        krc.perform("take", appeal, krc.people["unit_head"])
