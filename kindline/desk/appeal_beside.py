"""What stands beside the states on an appeal's page: its reason, what was asked of others, its place on the site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.shortcuts import get_object_or_404

from kindline.appeals import correcting, enquiries, frequency, owning, publications, reasons, rights, talking, threats
from kindline.appeals.models import Appeal, AppealMessage, Enquiry, Publication, Reason
from kindline.clients.models import Client
from kindline.desk import access, appeal_acts, appeal_stages
from kindline.desk.appeal_acts import Turn
from kindline.feedback import queries as feedback
from kindline.files import queries as files
from kindline.staff import queries as staff
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

RIGHTS = ("set_reason", "enquire", "invite_applicant", "close_enquiry", threats.RIGHT)


def act(verb: str, turn: Turn) -> None:
    """One act, of the workflow or beside it. Raises: RefusedError of every kind; Http404."""
    found = BESIDE.get(verb)
    if found is None:
        appeal_acts.act(verb, turn)
    else:
        found(turn)


def context(appeal: Appeal, me: Employee, beside: frozenset[str], *, is_rated: bool) -> dict[str, Any]:
    """What the page shows of it; `beside` names what there is (`appeals.presence`)."""
    profile = loader.load(appeal.profile)
    may = {name: rights.may(profile, name, me, appeal) for name in RIGHTS}
    asking = appeal.closed_at is None and (may["enquire"] or may["invite_applicant"])
    asked_of = appeal.enquiries.select_related("employee", "by").order_by("made_at")
    messages = messages_of(appeal) if "messages" in beside else []
    is_complaint = _is_complaint(profile, appeal)
    return {
        "may": may,
        "may_correct": correcting.may(appeal, me),
        "asking": asking,
        "is_complaint": is_complaint,
        "reasons": list(frequency.reasons(profile)) if is_complaint and may["set_reason"] else [],
        "enquiries": list(asked_of) if "enquiries" in beside else [],
        "colleagues": list(staff.with_role(*access.EVERYBODY)) if asking else [],
        "me": me,
        "publication": _publication(appeal) if "publication" in beside else None,
        "talk": [(one, [row.file for row in files.of(one.owner)]) for one in messages],
        "rating": feedback.of("appeal", appeal.pk) if is_rated else None,
        "may_write": talking.may_write(appeal, me),
        **appeal_stages.context(appeal, me, beside),
        "publishes": bool(profile.workflow and profile.workflow.publishing) and publications.may_see(profile, me),
    }


def _publication(appeal: Appeal) -> Publication | None:
    return Publication.objects.select_related("withdrawn_by").filter(appeal=appeal).first()


def owners(appeal: Appeal, me: Employee, asked: str = "") -> dict[str, Any]:
    """Whose the appeal may be, while it is on nobody's card or another client is looked for."""
    may = rights.may(loader.load(appeal.profile), owning.RIGHT, me, appeal)
    found = owning.candidates(appeal, asked) if may and (asked or appeal.client_id is None) else []
    return {"owners": [one for one in found if one.pk != appeal.client_id], "who": asked, "may_name_client": may}


def messages_of(appeal: Appeal) -> list[AppealMessage]:
    """What was written since the registration, by the applicant and to him."""
    return list(appeal.messages.select_related("author").order_by("pk"))


def _is_complaint(profile: Profile, appeal: Appeal) -> bool:
    kinds = (profile.workflow.decided_kinds if profile.workflow else ()) or frequency.COMPLAINTS
    return bool({appeal.kind, *appeal.kinds_voiced} & set(kinds))


def _set_reason(turn: Turn) -> None:
    chosen = Reason.objects.filter(pk=turn.key("reason"), profile=turn.appeal.profile).first()
    reasons.set_reason(appeal=turn.appeal, reason=chosen, employee=turn.me, now=turn.now)


def _enquire(turn: Turn) -> None:
    inside = Employee.objects.filter(pk=turn.key("colleague"), is_active=True).first()
    enquiries.enquire(
        appeal=turn.appeal, to=inside or turn.text("addressee"), text=turn.text("asked"), due_on=turn.day("due_on"),
        employee=turn.me, now=turn.now,
    )  # fmt: skip


def _invite(turn: Turn) -> None:
    enquiries.invite_applicant(
        appeal=turn.appeal, text=turn.text("asked"), due_on=turn.day("due_on"), employee=turn.me, now=turn.now
    )


def _close(turn: Turn) -> None:
    enquiry = get_object_or_404(Enquiry, pk=turn.key("enquiry"), appeal=turn.appeal)
    enquiries.close_enquiry(enquiry=enquiry, outcome=turn.text("outcome"), employee=turn.me, now=turn.now)


def _write(turn: Turn) -> None:
    talking.write_message(
        appeal=turn.appeal, text=turn.text("message"), show=turn.keys("show"), employee=turn.me, now=turn.now
    )


def _name_client(turn: Turn) -> None:
    client = get_object_or_404(Client, pk=turn.key("client"))
    owning.name_client(appeal=turn.appeal, client=client, employee=turn.me, now=turn.now)


def _make_card(turn: Turn) -> None:
    owning.make_card(appeal=turn.appeal, employee=turn.me, now=turn.now)


def _warn_security(turn: Turn) -> None:
    threats.warn_security(appeal=turn.appeal, employee=turn.me, now=turn.now)


BESIDE: Mapping[str, Callable[[Turn], None]] = {
    "set_reason": _set_reason,
    "name_client": _name_client,
    "make_card": _make_card,
    "enquire": _enquire,
    "invite_applicant": _invite,
    "close_enquiry": _close,
    "write_message": _write,
    threats.RIGHT: _warn_security,
    **appeal_stages.ACTS,
}
"""The acts beside the workflow, by name."""
