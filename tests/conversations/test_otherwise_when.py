"""Our own call comes at a bad time: the guide asks when else, and it becomes a promise with that time."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from kindline.conversations import actions, errors
from kindline.conversations.models import Contact
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard import loader
from tests.conversations.conftest import over

Call = Callable[..., Contact]
ASKED = {"krc": ("not_convenient", "ask_time"), "yumek": ("not_convenient", "ask_time"),
         "court": ("promise_again", "promise_callback"), "voe": ("promise_again", "promise_callback")}  # fmt: skip


@pytest.mark.clause("krc-5.5.2-05", "yumek-9.4-14", "court-3-08")
@pytest.mark.parametrize("profile", ASKED)
def test_every_guide_of_outgoing_calls_asks_for_another_time(profile: str) -> None:
    script = loader.load(profile).scripts["outgoing"]
    branch_id, step_id = ASKED[profile]
    phrases = " ".join(phrase for step in script.steps for phrase in step.all_words()).lower()
    assert "удобно" in phrases or "зручно" in phrases, "first whether he may talk now"
    [branch] = [one for one in script.branches if one.id == branch_id]
    [step] = [one for one in branch.steps if one.id == step_id]
    assert step.phrases
    assert "due_at" in [str(asked) for asked in step.ask]
    assert [one.requires for one in script.outcomes if "callback_promised" in one.requires]


@pytest.fixture
def inconvenient(call: Callable[..., Contact], employee: Employee, now: dt.datetime) -> Contact:
    """The client of a call of ours has no time now."""
    contact = call("krc", direction="out")
    for step in ("greet", "right_person", "state_purpose"):
        actions.mark_step(contact=contact, step=step, employee=employee, now=now)
    return actions.take_branch(contact=contact, branch="not_convenient", employee=employee, now=now)


@pytest.mark.db
@pytest.mark.clause("krc-5.5.2-05")
def test_the_time_that_the_client_names_is_kept_even_tomorrow(
    inconvenient: Contact, employee: Employee, now: dt.datetime
) -> None:
    tomorrow = now + dt.timedelta(days=1)
    promised = actions.promise_callback(
        contact=inconvenient, phone="+79271112233", due_at=tomorrow, employee=employee, now=now
    )
    assert promised.due_at == tomorrow
    fact = facts_of("contact", inconvenient.pk).filter(kind="callback_promised").get()
    assert dt.datetime.fromisoformat(fact.data["due_at"]) == tomorrow


@pytest.mark.db
def test_the_call_is_closed_as_a_callback_only_when_one_is_promised(
    inconvenient: Contact, employee: Employee, now: dt.datetime
) -> None:
    closing: dict[str, Any] = {
        "contact": over(inconvenient, now),
        "outcome": "callback",
        "employee": employee,
        "now": now,
    }
    with pytest.raises(errors.StillRequiredError) as refused:
        actions.close_contact(**closing, skip_reason="x")
    assert "callback_promised" in [one.id for one in refused.value.missing]
    actions.promise_callback(
        contact=inconvenient, phone="+79271112233", due_at=now + dt.timedelta(hours=3), employee=employee, now=now
    )
    closed = actions.close_contact(**closing, skip_reason="клиенту неудобно говорить")
    assert closed.outcome == "callback"
