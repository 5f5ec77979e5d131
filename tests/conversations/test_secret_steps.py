"""Where a client tells secrets the guide proposes to pause the recording, and to record again: both are facts."""

import datetime as dt
from collections.abc import Callable

import pytest

from kindline.conversations import actions, errors, guides
from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.staff.models import Employee
from kindline.standard import loader

SCRIPTS = [("krc", "incoming"), ("krc", "outgoing"), ("voe", "incoming_hotline"), ("voe", "incoming_direct")]


@pytest.mark.clause("krc-2-33", "voe-6-20")
@pytest.mark.parametrize(("profile", "script"), SCRIPTS)
def test_the_guides_by_telephone_have_the_pause_and_its_end(profile: str, script: str) -> None:
    [branch] = [one for one in loader.load(profile).scripts[script].branches if one.id == "secret"]
    assert [(step.id, step.done_by, step.required, step.after) for step in branch.steps] == [
        ("secret_pause", "recording_paused", True, ()),
        ("secret_end", "recording_resumed", True, ("secret_pause",)),
    ]
    assert branch.clauses
    assert all(step.phrases and step.clauses == branch.clauses for step in branch.steps)


@pytest.mark.parametrize("profile", ["court", "yumek"])
def test_who_asks_for_no_documents_has_no_such_turn(profile: str) -> None:
    scripts = loader.load(profile).scripts.values()
    assert not [one for script in scripts for one in script.branches if one.id == "secret"]


@pytest.mark.db
@pytest.mark.clause("krc-2-33")
def test_the_turn_is_complete_once_the_recording_goes_on(
    call: Callable[..., Contact], employee: Employee, now: dt.datetime
) -> None:
    contact, profile = call("krc"), loader.load("krc")

    def unsettled() -> set[str]:
        return set(guides.state(Contact.objects.get(pk=contact.pk), profile, now).unsettled) & {
            "secret_pause",
            "secret_end",
        }

    assert unsettled() == set(), "nobody needs it who asks no secrets"
    actions.take_branch(contact=contact, branch="secret", employee=employee, now=now)
    assert unsettled() == {"secret_pause", "secret_end"}
    with pytest.raises(errors.AwaitsFactError, match="recording_paused"):
        actions.mark_step(contact=contact, step="secret_pause", employee=employee, now=now)
    for kind, more, left in (
        ("recording_paused", {}, {"secret_end"}),
        ("recording_resumed", {"duration_s": 20.0, "by": "limit"}, set()),
    ):
        data = {"employee": employee.pk, "reason": "card", **more}
        journal.record(kind=kind, subject_type="contact", subject_id=contact.pk, actor="switchboard", data=data, at=now)
        assert unsettled() == left
