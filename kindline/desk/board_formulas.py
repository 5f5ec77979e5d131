"""The formulas of the wallboard and its half hours, printed where a figure stands: by mouse, key and voice.

Engines of telephony count the same names differently, so none stands without its formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.switchboard import board_words, thresholds
from kindline.switchboard.board_words import said
from kindline.switchboard.thresholds import Limits

TITLES: Mapping[str, str] = {
    **board_words.TITLES,
    "occupancy": _("Occupancy"),
    "aht_s": _("Handling time (AHT)"),
    "acw_s": _("Work after the talk (ACW)"),
    "busy_hour": _("Busy hour"),
    "hold": _("Time on hold"),
    "transfers": _("Transfers"),
    "utilisation": _("Utilisation"),
    "shrinkage": _("Shrinkage"),
    "adherence": _("Adherence"),
    "blocked": _("Blocked"),
    "offered": _("Offered"),
    "answered": _("Calls answered"),
    "abandoned": _("Gave up"),
    "answered_offered": _("Answered / offered"),
    "answer_within_s": _("T: a call should be answered within"),
    "short_abandon_s": _("t: who hangs up sooner did not really wait"),
}
OFFERED = _(
    "Offered: clients who entered a queue after the menu and have left it, each once in each queue until he is "
    "answered."
)
PAID = _(
    "Paid time: the shifts without breaks that are not paid (lunch, unless KINDLINE_PAID_BREAKS says otherwise), as "
    "far as they have passed. Of a day on which an operator has no shift paid time is not known: the time that he was "
    "signed in stands for it."
)
FORMULAS: Mapping[str, tuple[str, ...]] = {
    "waiting": (_("Calls that stand in the queue now, with those whose operator's phone rings already."),),
    "longest_wait_s": (
        _(
            "Now − the moment at which the client who waits longest began to wait; who is sent on to another queue "
            "keeps it."
        ),
    ),
    "service_level": (
        _("Answered within T / (offered − abandoned within t), calls of the day that have left the queue."),
    ),
    "asa_s": (
        _("Sum of the wait of answered calls / answered calls; the median and the 90th percentile stand beside it."),
    ),
    "abandonment": (
        _(
            "(Client left in the queue − those before t) / (offered − those before t); beside it the share with those "
            "before t. Who asked to be called back has not abandoned."
        ),
    ),
    "ready": (_("Operators who are ready, with a phone, and with the skills of the queue."),),
    "occupancy": (
        _(
            "(Talk + hold + wrap-up) / (the same + ready, the ringing of his phone included), all operators. Talks "
            "inside the house and dialling count as talk here, though not in the handling time; pauses and "
            "supervisors' listening do not count. Of today it is counted once a minute."
        ),
    ),
    "aht_s": (
        _(
            "(Talk + hold + wrap-up) / calls with clients that operators handled, incoming and outgoing, that ended on "
            "the day. Talks inside the house do not count. Of today it is counted once a minute."
        ),
    ),
    "acw_s": (
        _(
            "Sum of the time from the end of a contact until the operator is ready again / such times that ended on "
            "the day. Of today it is counted once a minute."
        ),
    ),
    "busy_hour": (
        _(
            "The sixty whole minutes of today in which most calls arrived, the earliest of several. Counted once a "
            "minute."
        ),
    ),
    "hold": (
        _("An episode: sum of the holds that ended today / their number. A call: the same sum / handled calls."),
        _("In all: the sum of the holds that ended today. Counted once a minute."),
    ),
    "transfers": (
        _(
            "Transfers of today that came about / handled calls, attended and blind ones apart; a call that is passed "
            "on twice counts twice. Counted once a minute."
        ),
    ),
    "utilisation": (
        _(
            "(Talk + hold + wrap-up + ready, with the ringing) within paid time / paid time. Talks inside the house "
            "count as talk."
        ),
        PAID,
    ),
    "shrinkage": (
        _(
            "Paid time not ready for calls (pauses, supervisors' listening, not signed in) / paid time: 100 % − "
            "utilisation."
        ),
        PAID,
    ),
    "adherence": (
        _(
            "Time in the planned state / planned time of the shifts, breaks included, as far as it has passed. In "
            "planned work: talk, hold, wrap-up, ready, listening, pauses for training, a meeting or technical "
            "trouble. In a planned break: any pause. Days without a shift do not count."
        ),
    ),
    "blocked": (
        _(
            "Calls of today that a telephone engine refused because it had as many as it takes. They entered no menu "
            "and no queue there; the exchange then tries another engine, which may have taken the call. Counted once "
            "a minute."
        ),
    ),
    "offered": (OFFERED,),
    "answered": (_("Offered clients with whom an operator has talked."),),
    "abandoned": (_("Offered clients who hung up in the queue. Who asked to be called back has not given up."),),
    "answered_offered": (_("Offered clients with whom an operator has talked."), OFFERED),
}
OTHERS: Mapping[str, str] = {
    "level_answered_only": _("in time / answered (abandoned ignored)"),
    "level_with_abandoned": _("(answered in time + abandoned in time) / (answered + abandoned)"),
    "level_left_queue": _("left the queue within T, however / offered"),
}
"""Other engines' service levels, printed beside ours."""
WITH_TERMS = ("service_level", "abandonment")
"""In whose formulas T or t stand."""


def printed(measures: Iterable[str], limits: Limits, queues: Iterable[tuple[str, str]] = ()) -> list[dict[str, Any]]:
    """The formulas of these figures with the numbers that hold; of each queue (name, title) where it has its own."""
    of_queues = list(queues)
    return [_printed(one, limits, of_queues) for one in measures]


def _printed(measure: str, limits: Limits, queues: list[tuple[str, str]]) -> dict[str, Any]:
    limit, common = limits.of("", measure), limits.terms("")
    has_terms = measure in WITH_TERMS
    own = [(title, limits.terms(name)) for name, title in queues if has_terms and limits.terms(name) != common]
    return {
        "measure": measure,
        "title": gettext(TITLES[measure]),
        "texts": [gettext(one) for one in FORMULAS[measure]],
        "others": [gettext(title) for title in OTHERS.values()] if measure == "service_level" else [],
        "terms": _terms(measure, common) if has_terms else "",
        "own_terms": [(title, _terms(measure, terms)) for title, terms in own],
        "warn": said(measure, limit.warn) if limit.warn is not None else "",
        "alarm": said(measure, limit.alarm) if limit.alarm is not None else "",
        "clause": limit.clause,
        "below": thresholds.MEASURES.get(measure) == "below",
    }


def _terms(measure: str, terms: Any) -> str:
    within = said("x_s", terms.answer_within_s) if terms.answer_within_s is not None else gettext("T is not set")
    shown = [f"T = {within}" if terms.answer_within_s is not None else within] if measure == "service_level" else []
    return "; ".join([*shown, f"t = {said('x_s', terms.short_s)}"])
