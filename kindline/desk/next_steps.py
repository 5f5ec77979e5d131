"""What is next with an appeal and whose it is, where the one who looks at it has nothing to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import moves, signing
from kindline.appeals.models import Appeal
from kindline.desk.wording import role_title
from kindline.standard import acts as known_acts
from kindline.standard import loader
from kindline.standard.workflows import Transition

TITLES = {
    "sort": _("say what it is"),
    "assign": _("give it to an executor"),
    "draft": _("write the answer"),
    "submit": _("give the answer to be checked"),
    "approve": _("check the answer"),
    "sign": _("sign the answer"),
    "mark_sent": _("send the answer"),
    "mark_notified": _("send the notice to the applicant"),
    "tell_forwarding": _("tell the applicant where it went"),
    "close": _("close the appeal"),
    "give_notice": _("write to the applicant"),
}
"""The steps that lead an appeal on, in their order."""
PLAIN = (
    "sort", "draft", "approve", "sign", "send_back", "recall", "close", "take", "assign", "plan_measure",
    "request_data", "join",
)  # fmt: skip
"""Acts whose form stands on the card whenever somebody may do them."""


def told(appeal: Appeal, shown: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    """What a card says of it; `shown`: the context of the page so far."""
    acts, is_drafted = shown["acts"], shown["answer"] is not None
    return {"anything_to_do": _has_forms(appeal, shown), "next_step": _told(appeal, acts, is_drafted, now)}


def _has_forms(appeal: Appeal, shown: Mapping[str, Any]) -> bool:
    """Whether the part *To do* has anything in it, as its template is made."""
    offered = {
        "submit": shown["answer"],
        "mark_sent": not shown["answer_on_its_way"],
        "tell_forwarding": appeal.forwarding_told_at is None,
        "answer_orally": shown["answers_orally"],
        "decide": shown["is_complaint"],
        "receive_data": appeal.data_due_at,
        "decide_unanswered": appeal.data_due_at,
        "extend": shown["extend_until"],
        "forward": shown["bodies"],
        "give_notice": shown["notice_ends"],
        "close_silently": shown["silent_ends"],
    } | dict.fromkeys(PLAIN, True)
    return bool(shown["may_send_answer"]) or any(offered.get(name) for name in shown["acts"])


def _told(appeal: Appeal, acts: Mapping[str, Any], is_drafted: bool, now: dt.datetime) -> dict[str, str] | None:
    """The next step of an open appeal and who does it; None where the one who looks may do it, and once it has left."""
    if appeal.closed_at is not None or loader.load(appeal.profile).workflow is None:
        return None
    found = _next(appeal, is_drafted)
    if found is None or found.act in acts:
        return None
    return {"what": gettext(TITLES[found.act]), "who": ", ".join(_who(appeal, found, now))}


def _next(appeal: Appeal, is_drafted: bool) -> Transition | None:
    flow = moves.flow_of(appeal)
    over = {
        "assign": appeal.executor_id is not None and flow.find("draft", appeal.state) is not None,
        "draft": is_drafted and flow.find("submit", appeal.state) is not None,
        "tell_forwarding": appeal.forwarding_told_at is not None,
    }
    found = (flow.find(act, appeal.state) for act in TITLES if not over.get(act))
    return next((one for one in found if one is not None), None)


NOBODY = _("nobody in the list of signers may: have a power entered")


def _who(appeal: Appeal, step: Transition, now: dt.datetime) -> list[str]:
    """By name where there is one who does it, else by role; of those who sign, whoever the list names."""
    if step.act == signing.ACT and (powers := signing.for_appeal(appeal, now)).is_kept:
        reached = [str(signing.named(one)) for one in powers.reaching(appeal.kind, appeal.unit_id)]
        return list(dict.fromkeys(reached)) or [gettext(NOBODY)]
    named = [str(appeal.executor)] if "executor" in step.by and appeal.executor else []
    return [*named, *(role_title(one) for one in step.by if one in known_acts.STAFF_ROLES)]
