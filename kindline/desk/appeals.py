"""The registry of appeals: the list, and one appeal with its history, its limit and what may be done to it now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from kindline.appeals import (
    dispatching,
    enquiries,
    extending,
    letters,
    linking,
    misplaced,
    moves,
    notice_signing,
    notices,
    own_work,
    presence,
    publications,
    queries,
    recalled_notices,
    reminding,
    rights,
    saving,
    signing,
)
from kindline.appeals.models import Answer, Appeal, ClientNotice, Decision, Incident
from kindline.conversations.errors import RefusedError
from kindline.desk import (
    access,
    appeal_acts,
    appeal_beside,
    appeal_history,
    appeal_rows,
    appeal_stages,
    appeal_table,
    control,
    exporting,
    files,
    house,
    lists,
    mail_words,
    next_steps,
    outdated,
    printouts,
    refusals,
    registry_batches,
    staleness,
    template_choice,
    uploads,
    wording,
)
from kindline.desk import applicants as others
from kindline.desk.wording import titled
from kindline.feedback import actions as feedback
from kindline.journal import retrying
from kindline.staff import queries as staff
from kindline.staff.models import Employee, Role, Unit
from kindline.standard import loader
from kindline.standard.workflows import End, Transition

EXPORT_MAX = 50_000
TOLD_MAX = 10
VIEWS_MAX = 40
Beside = frozenset[str]
"""The names of what stands beside an appeal (`appeals.presence`)."""
CARD = ("client", "topic", "unit", "executor")
"""What nearly every card shows; a contact, a reason, a body, an incident ... are asked for where there is one."""


@require_safe
@access.for_roles(*access.REGISTRY)
def several(request: HttpRequest) -> HttpResponseBase:
    """The list with its filters, open ones first by their limit; `?format=` csv, xlsx or pdf takes it out."""
    me, now = access.employee_of(request), timezone.now()
    found = appeal_rows.asked(request.GET, me, now)
    if (form := request.GET.get("format")) in FORMS:
        rows, kept = found.select_related(*queries.SHOWN), appeal_rows.filters_of(request.GET)
        return exporting.out(request, "appeals", lambda: FORMS[form](request, rows), kept)
    page = lists.window_of(request, found)
    context = {
        "page": page,
        "rows": appeal_table.rows(list(page), now),
        "query": appeal_rows.chosen(request.GET),
        "now": now,
        "in_charge": access.in_charge(me),
        **_views(me, now),
        "me": me,
        "kept": appeal_rows.filters_of(request.GET),
        "roles": [(code, wording.role_title(code)) for code in access.REGISTRY],
        "batch": registry_batches.offered(house.profile(), me, now),
        "publishes": publications.may_see(house.profile(), me),
        "erases": rights.may(house.profile(), "erase_client", me),
        "discloses": rights.may(house.profile(), "disclose", me),
        "analysis_wanting": _analysis(me, now),
        **_waiting(me),
        **appeal_rows.choices(house.profile()),
    }
    return render(request, "desk/appeals.html", context)


def _waiting(me: Employee) -> dict[str, Any]:
    """What the employee was told of and has not seen, and what is asked of him."""
    names = presence.waiting_for(me)
    return {
        "told": list(notices.unseen(me)[:TOLD_MAX]) if "notices" in names else [],
        "asked_of_me": list(enquiries.asked_of(me)[:TOLD_MAX]) if "enquiries" in names else [],
    }


def _views(me: Employee, now: dt.datetime) -> dict[str, Any]:
    """The saved views with their counts, and with whom a new one may be shared."""
    found = list(saving.views_of(me)[:VIEWS_MAX])
    counts = appeal_rows.counted(found, me, now)
    return {"views": [(one, counts[one.pk]) for one in found], "own_unit": me.unit}


def _analysis(me: Employee, now: dt.datetime) -> dt.datetime | None:
    """Until when the month's analysis is to be made, for whoever makes it and while it is not there."""
    if not rights.may(house.profile(), reminding.ACT, me):
        return None
    month = reminding.wanting(house.profile(), now)
    return month.due_at - dt.timedelta(seconds=1) if month else None


def _csv(_request: HttpRequest, found: QuerySet[Appeal]) -> HttpResponseBase:
    return lists.as_csv("appeals", appeal_rows.heads(), _lines(found))


def _xlsx(_request: HttpRequest, found: QuerySet[Appeal]) -> HttpResponseBase:
    return lists.as_xlsx("appeals", appeal_rows.heads(), _lines(found))


def _lines(found: QuerySet[Appeal]) -> Iterator[list[object]]:
    """The rows of the file; where they are more than it holds, its last line says so."""
    for at, one in enumerate(found[: EXPORT_MAX + 1].iterator(1000)):
        if at == EXPORT_MAX:
            yield [gettext("The first %(most)s rows; narrow the filters for the others.") % {"most": EXPORT_MAX}]
        else:
            yield appeal_rows.line(one)


FORMS = {"csv": _csv, "xlsx": _xlsx, "pdf": printouts.listed}


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.REGISTRY)
def one(request: HttpRequest, appeal: int) -> HttpResponseBase:
    """One appeal; a post does one act to it, and where that is refused nothing that was typed is lost."""
    found = get_object_or_404(_cards(), pk=appeal)
    me, now = access.employee_of(request), timezone.now()
    if request.method != "POST":
        context = _seen(found, me, now) | appeal_beside.owners(found, me, request.GET.get("who", ""))
        return render(request, "desk/appeal.html", context)
    try:
        retrying.whole(lambda: _act(found, appeal_acts.Turn(found, me, now, request.POST)))
    except RefusedError as error:
        fresh, typed = _cards().get(pk=appeal), template_choice.form_of(request.POST)
        context = _context(fresh, me, now) | appeal_beside.owners(fresh, me) | {"typed": typed, **_refused(error)}
        is_stale = isinstance(error, moves.StaleError)
        context |= staleness.merge(fresh, typed) if is_stale else {}
        appeal_stages.retyped(context, typed)
        context |= template_choice.retyped(typed)
        return render(request, "desk/appeal.html", context, status=409 if is_stale else 422)
    if template_choice.is_asked(request.POST):
        context = _context(found, me, now) | appeal_beside.owners(found, me)
        return render(request, "desk/appeal.html", context | template_choice.answered(found, request.POST, now))
    return redirect("appeal", appeal=found.pk)


def _cards() -> QuerySet[Appeal]:
    """Appeals as a card shows them; to leave columns out costs a card more than to read them."""
    return Appeal.objects.select_related(*CARD)


def _act(found: Appeal, turn: appeal_acts.Turn) -> None:
    """One act, unless somebody has changed the appeal since its page was opened; asking for a template is none."""
    staleness.check(found, turn.typed)
    if not template_choice.is_asked(turn.typed):
        appeal_beside.act(turn.typed.get("verb", ""), turn)


def _refused(error: RefusedError) -> dict[str, Any]:
    """Why it was refused, with clauses; of a letter, everything that it lacks and where."""
    lacking = error.lacking if isinstance(error, moves.IncompleteLetterError) else []
    told = [
        {
            "what": wording.letter_check_title(one.what),
            "where": wording.letter_place_title(one.where, one.line),
            "expected": one.expected,
            "clauses": one.clauses,
        }
        for one in lacking
    ]
    return {"refusal": refusals.message_of(error), "refusal_clauses": error.clauses, "lacking": told}


def _seen(found: Appeal, me: Employee, now: dt.datetime) -> dict[str, Any]:
    """The page; who was told of the appeal has seen it now."""
    context = _context(found, me, now)
    if "notices" in context["beside"]:
        notices.mark_seen(employee=me, appeal=found, now=now)
    return context


def _context(found: Appeal, me: Employee, now: dt.datetime) -> dict[str, Any]:
    beside, facts = presence.of(found), appeal_history.facts(found)
    acts = moves.possible(found, me, now) if loader.load(found.profile).workflow else {}
    letter = _letter(found, me, acts, beside)
    waits = found.closed_at is None and found.answered_at is None
    shown = {
        "appeal": found,
        "beside": beside,
        "seen": now.isoformat(),
        "applicant": found.applicant or str(found.client or ""),
        "facts": appeal_history.told(found, facts),
        "acts": acts,
        "overdue": bool(waits and found.limit_at and found.limit_at < now),
        "over_target": bool(waits and found.target_at and found.target_at < now),
        "for_whom": control.for_whom(found, me, signing.for_appeal(found, now)) if "sign" in acts else None,
        "typed": {},
        "labelled": found.channel in printouts.LABELLED,
        **letter,
        **template_choice.context(found, acts, letter, now),
        **_links(found, beside),
        "panel": uploads.panel(
            found.owner, removable=files.may_remove(found.owner, me), is_empty="files" not in beside
        ),
        **_letters(found, me, beside, letter["answer"]),
        **_unsigned(found, me, letter["client_notices"], now),
        **_ends(found, acts),
        "ways_on": _ways_on(found) if found.data_due_at else [],
        "is_silent": own_work.is_silent(found, now),
        **_people(acts, found),
        **appeal_beside.context(found, me, beside, is_rated=any(one.kind == feedback.RATED for one in facts)),
    }
    on_their_way = [one for one, _state, _why in shown["letters"]]
    shown["outdated"] = outdated.told(found, on_their_way, acts, letter["recallable"])
    return shown | next_steps.told(found, shown, now)


def _links(found: Appeal, beside: Beside) -> dict[str, Any]:
    """What belongs to the appeal, what else the applicant wrote, and the incidents that it may be attached to."""
    incidents = Incident.objects.filter(profile=found.profile, ended_at=None).order_by("-begun_at")[:20]
    may_join = "incidents" in beside and found.closed_at is None and found.incident_id is None
    return {
        "linked": list(linking.linked(found)[:20]) if "linked" in beside else [],
        "written": others.summary(found),
        "incidents": list(incidents) if may_join else [],
    }


def _letter(found: Appeal, me: Employee, acts: dict[str, Transition], beside: Beside) -> dict[str, Any]:
    """The answer with its versions, what it lacks yet, and what a first draft would be."""
    profile = loader.load(found.profile)
    answer = _answer(found) if "answer" in beside else None
    decision = Decision.objects.select_related("by").filter(appeal=found) if "decision" in beside else ()
    measures = found.measures.select_related("responsible", "checked_by").order_by("due_on", "pk")
    extensions = list(found.extensions.select_related("notice").order_by("made_at")) if "extensions" in beside else []
    rows = found.client_notices.select_related("author").order_by("made_at")
    notices_made = list(rows) if "client_notices" in beside else []
    return {
        "answer": answer,
        "versions": list(answer.versions.select_related("author", "signed_by").order_by("-version")[:20])
        if answer
        else [],
        **_draft(found, answer, acts),
        "goes_by": letters.channel_of(profile, found),
        "decision": next(iter(decision), None),
        "measures": list(measures) if "measures" in beside else [],
        "client_notices": notices_made,
        "recallable": recalled_notices.recallable(notices_made, found, me),
        "extensions": extensions,
        "extend_until": extending.latest(profile, found, extensions),
    }


def _answer(found: Appeal) -> Answer | None:
    return Answer.objects.select_related("author", "checked_by", "signed_by").filter(appeal=found).first()


def _draft(found: Appeal, answer: Answer | None, acts: dict[str, Transition]) -> dict[str, str]:
    """What stands in the form of the draft, where there is one."""
    if answer is not None:
        return {"draft_subject": answer.subject, "draft_text": answer.text}
    if "draft" not in acts:
        return {}
    profile = loader.load(found.profile)
    return {"draft_subject": letters.subject(profile, found), "draft_text": letters.proposed(profile, found)}


def _letters(found: Appeal, me: Employee, beside: Beside, drafted: Answer | None) -> dict[str, Any]:
    """The letters in and out with their state, and what may be sent (again) now."""
    rows = list(queries.letters_of(found)) if "letters" in beside else []
    living = [one for one in rows if dispatching.lives(one)]
    flow = loader.load(found.profile).workflow
    acts = [*flow.named("mark_sent"), *flow.named("mark_notified")] if flow else []
    may_send = any(moves.may(me, found, one) for one in acts)
    answer = drafted if drafted is not None and drafted.signed_at is not None else None
    in_vain = answer is not None and answer.pk in {one.answer_id for one in rows}
    on_its_way = any(one.answer_id for one in living)
    to_send = answer is not None and not on_its_way and (answer.sent_at is None or in_vain)
    return {
        "letters": [(one, titled(mail_words.JOINED, one.state), mail_words.why(one.reason)) for one in rows],
        "gone_recalled": [one for one in rows if one.is_gone_recalled and found.closed_at is None],
        "answer_on_its_way": on_its_way,
        "may_send_answer": may_send and to_send,
        "may_send": may_send,
        "may_move": misplaced.may_move(found, me),
        "living_notices": {one.notice_id for one in living if one.notice_id},
        "handed_notices": {one.notice_id for one in rows if one.notice_id},
        "goes_by_itself": letters.channel_of(loader.load(found.profile), found) in dispatching.WAYS
        and not (flow and dispatching.senders_of(found)),
    }


def _unsigned(found: Appeal, me: Employee, made: list[ClientNotice], now: dt.datetime) -> dict[str, Any]:
    """The notices that wait for a signature, and whether it is that of the one who asks (krc-5.8-10, krc-6.1-44)."""
    rows = notice_signing.signable(made, found)
    waiting = {one.pk for one in rows if notice_signing.is_needed(one, found)}
    more = {"to_sign": waiting, "signable": {one.pk for one in rows} - waiting}
    return more | {"may_sign_notices": bool(rows) and notice_signing.may_sign(me, found, now)}


def _ends(found: Appeal, acts: dict[str, Transition]) -> dict[str, Any]:
    """The ends that may be chosen now, for each act that leaves."""
    flow = loader.load(found.profile).workflow
    known = flow.ends if flow else {}

    def named(act: str) -> list[dict[str, Any]]:
        ends = [known[name] for name in acts[act].ends] if act in acts else []
        return [_end(end) for end in ends if not end.channels or found.channel in end.channels]

    end = known.get(found.end)
    return {
        "answers_orally": named("answer_orally"),
        "notice_ends": named("give_notice"),
        "silent_ends": named("close_silently"),
        "end_title": house.titled(end.title) if end else "",
        "bodies": list(queries.bodies(found.profile)) if {"forward", "give_notice"} & set(acts) else [],
    }


def _ways_on(found: Appeal) -> list[dict[str, Any]]:
    """What may be decided when the applicant keeps silent: as it is kept, in the standard's language, and as shown."""
    profile = loader.load(found.profile)
    ways = profile.workflow.silence if profile.workflow else ()
    return [
        {"value": dict(one.title)[profile.language], "title": house.titled(one.title), "clauses": one.clauses}
        for one in ways
    ]


def _end(end: End) -> dict[str, Any]:
    return {"id": end.id, "title": house.titled(end.title), "clauses": end.clauses, "demands": end.demands}


def _people(acts: dict[str, Transition], found: Appeal) -> dict[str, Any]:
    """Whom the appeal or a measure may be given to; those competent in the topic come first."""
    if not {"assign", "plan_measure"} & set(acts):
        return {"people": [], "units": [], "heads": []}
    everybody = staff.with_role(*(role for role in access.REGISTRY if role != Role.SECURITY))
    topic = found.topic.code if found.topic else None
    people = sorted(everybody, key=lambda one: topic not in one.competences)
    competent = [(one, topic is not None and topic in one.competences) for one in people]
    heads = [one for one in everybody if one.has_role(*access.IN_CHARGE)]
    return {"people": competent, "units": list(Unit.objects.order_by("name")), "heads": heads}
