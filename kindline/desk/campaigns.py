"""Campaigns for those in charge: how they stand, a new one, whom it calls, start and stop, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kindline.appeals.models import Incident
from kindline.campaigns import actions, lines, purposes, queries
from kindline.campaigns.audience import Asked, gather
from kindline.campaigns.errors import CampaignError
from kindline.campaigns.models import Campaign, CampaignState, Target, TargetState, Way
from kindline.conversations import queries as conversations
from kindline.desk import access, campaign_form, campaigning, exporting, house, lists
from kindline.desk.wording import titled
from kindline.notifications import wires
from kindline.staff import exports
from kindline.staff.models import Employee
from kindline.switchboard import calling_hours

LEFT_SHOWN = 50
Act = Callable[..., Campaign]


@require_safe
@access.for_roles(*access.IN_CHARGE)
def several(request: HttpRequest) -> HttpResponseBase:
    """All campaigns with their progress; with `?part=1` only the living table.

    Clause: krc-2-02, krc-2-42, krc-5.5.2-06..08.
    """
    page = lists.page_of(request, queries.campaigns(house.profile().id))
    standing = queries.progress(page)
    context = {
        "page": page,
        "rows": [campaigning.row(campaign, standing[campaign.pk]) for campaign in page],
        "live_url": house.live_url(request),
    }
    part = "part" in request.GET
    return render(request, "desk/_campaigns.html" if part else "desk/campaigns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def new(request: HttpRequest) -> HttpResponseBase:
    """The form of a new campaign; what cannot stand is said at its field, and what was typed stays."""
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def edit(request: HttpRequest, campaign: int) -> HttpResponseBase:
    """The same form for a draft."""
    found = _found(campaign)
    if found.state != CampaignState.DRAFT:
        messages.error(request, titled(campaigning.REFUSALS, "state"))
        return redirect("campaign", campaign=found.pk)
    return _form(request, found)


def _form(request: HttpRequest, draft: Campaign | None) -> HttpResponseBase:
    typed = campaign_form.of_campaign(draft) if draft else _fresh(request)
    faults: dict[str, str] = {}
    if request.method == "POST":
        typed = request.POST.dict()
        read = campaign_form.campaign(request.POST)
        faults = campaigning.faults([*read.wrong, *_over(typed, draft)])
        made = None if faults else _keep(request, draft, read, faults)
        if made is not None and made.incident and draft is None:
            return _add(request, made, Asked(incident="1"))
        if made is not None:
            return redirect("campaign", campaign=made.pk)
    context = {
        "draft": draft,
        "incident": draft.incident if draft else _incident(typed),
        "typed": typed,
        "faults": faults,
        "kinds": _kinds(),
        "ways": [(code, titled(campaigning.WAYS, code)) for code in campaigning.WAYS],
        "chosen": [(name, typed.get(name, "")) for name in campaign_form.WAYS],
        "purposes": list(purposes.of(house.profile()).values()),
        "machines": [(code, titled(campaigning.MACHINES, code)) for code in campaigning.MACHINES],
        "message_purposes": [
            (one, titled(campaigning.CONSENTS, one.consent)) for one in purposes.of_messages(house.profile()).values()
        ],
        "has_gateway": wires.is_set(),
        "hours": calling_hours.of(house.profile()),
    }
    return render(request, "desk/campaign_new.html", context, status=422 if faults else 200)


def _fresh(request: HttpRequest) -> dict[str, str]:
    """An empty form; of an incident that is not over, with its title and its notice."""
    found = _incident(request.GET)
    proposed = {}
    if found:
        about = next(iter(purposes.of_messages(house.profile())), "")  # the profile names service first
        proposed = {"incident": str(found.pk), "title": found.title, "text": found.notice or found.title}
        proposed["message_purpose"] = about
    hours = calling_hours.of(house.profile())
    permitted = {"hours_from": f"{hours.begins:%H:%M}", "hours_until": f"{hours.ends:%H:%M}"} if hours else {}
    return campaign_form.FRESH | permitted | proposed


def _incident(typed: Mapping[str, str]) -> Incident | None:
    """The incident that a new campaign is to tell of."""
    key = str(typed.get("incident", ""))
    rows = Incident.objects.filter(profile=house.profile().id, ended_at=None)
    return rows.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() and len(key) < 18 else None


def _over(typed: Mapping[str, str], draft: Campaign | None) -> list[str]:
    """The field of an incident that has ended since the form of a new campaign was opened."""
    return ["incident"] if draft is None and typed.get("incident") and _incident(typed) is None else []


def _keep(
    request: HttpRequest, draft: Campaign | None, read: campaign_form.Read, faults: dict[str, str]
) -> Campaign | None:
    by: dict[str, Any] = {"profile": house.profile(), "employee": access.employee_of(request), "now": timezone.now()}
    try:
        if draft is None:
            return actions.create_campaign(fields=read.fields | {"incident": _incident(request.POST.dict())}, **by)
        return actions.change_campaign(campaign=draft, fields=read.fields, **by)
    except ValidationError as error:
        faults.update(campaigning.faults(error.message_dict))
    except CampaignError as error:
        faults["kind"] = titled(campaigning.REFUSALS, error.code)
    return None


def _kinds() -> list[tuple[str, str]]:
    """A survey only where the standard names a purpose for it."""
    kinds = campaigning.KINDS if purposes.of(house.profile()) else {"message": campaigning.KINDS["message"]}
    return [(code, titled(kinds, code)) for code in kinds]


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.IN_CHARGE)
def one(request: HttpRequest, campaign: int) -> HttpResponseBase:
    """One campaign: who was reached and how; with `?part=` a living part alone; a post previews or adds an audience."""
    found = _found(campaign)
    if request.method == "POST":
        return _audience(request, found)
    if request.GET.get("format") == "csv":
        return exporting.out(request, "campaign", lambda: _download(found))
    page = PARTS.get(request.GET.get("part", ""), "desk/campaign.html")
    return render(request, page, _report(request, found) | {"typed": {}, "preview": None})


PARTS = {"progress": "desk/_campaign_progress.html", "acts": "desk/_campaign_acts.html"}


def _audience(request: HttpRequest, campaign: Campaign) -> HttpResponseBase:
    """Who would be added, or add them; what cannot be read is said at its field, and what was typed stays."""
    typed, wrong = campaign_form.wanted(request)
    asked, country = campaign_form.asked(typed), house.profile().calendar.country
    faults, preview = campaigning.faults(wrong), None
    try:
        if not faults and request.POST.get("verb") == "add":
            return _add(request, campaign, asked)
        preview = None if faults else gather(campaign=campaign, asked=asked, country=country)
    except ValidationError as error:
        faults = campaigning.faults(error.message_dict)
    context = _report(request, campaign) | {"typed": typed, "faults": faults, **_told(preview)}
    return render(request, "desk/campaign.html", context, status=422 if faults else 200)


def _found(campaign: int) -> Campaign:
    rows = Campaign.objects.filter(profile=house.profile().id).select_related("created_by", "incident")
    found: Campaign = get_object_or_404(rows, pk=campaign)
    return found


def _told(preview: Any) -> dict[str, Any]:
    if preview is None:
        return {"preview": None}
    reasons = [(titled(campaigning.REASONS, code), n) for code, n in preview.reasons.items()]
    left = [(one.who, titled(campaigning.REASONS, one.reason)) for one in preview.left[:LEFT_SHOWN]]
    return {"preview": preview, "reasons": reasons, "left": left, "left_more": len(preview.left) - len(left)}


def _add(request: HttpRequest, campaign: Campaign, asked: Asked) -> HttpResponseBase:
    me, country = access.employee_of(request), house.profile().calendar.country
    try:
        found = actions.fill(campaign=campaign, asked=asked, country=country, employee=me, now=timezone.now())
    except CampaignError as error:
        messages.error(request, titled(campaigning.REFUSALS, error.code))
    else:
        said = {"added": len(found.people), "left": len(found.left)}
        messages.success(request, _("Added: %(added)s. Left out: %(left)s.") % said)
    return redirect("campaign", campaign=campaign.pk)


def _report(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    state = request.GET.get("state", "")
    rows = queries.targets(campaign)
    page = lists.page_of(request, rows.filter(state=state) if state in TargetState.values else rows)
    standing = queries.progress([campaign])[campaign.pk]
    return {
        "campaign": campaign,
        "row": campaigning.row(campaign, standing),
        "goes_on_at": queries.goes_on_at(campaign, timezone.now()),
        "live_url": house.live_url(request),
        **_purpose(campaign),
        "page": page,
        "targets": [_target(target) for target in page],
        "counts": _counts(standing),
        "state": state,
        "tallies": list(queries.tallies(campaign)),
        "verbs": VERBS_BY_STATE[campaign.state],
        "may_fill": campaign.state in actions.OPEN,
        "may_edit": campaign.state == CampaignState.DRAFT,
        "ways": [titled(campaigning.WAYS, way) for way in campaign.ways],
        "by_way": campaigning.by_way(campaign),
        "topics": conversations.topics(house.profile().id),
        "needs_gateway": Way.SMS in campaign.ways and not wires.is_set(),
        "has_gateway": wires.is_set(),
        "has_one_line": Way.VOICE in campaign.ways and lines.in_all(timezone.now()) == 1,
    }


def _counts(standing: queries.Progress) -> list[tuple[str, str, int]]:
    titles = campaigning.TARGETS
    return [(code, titled(titles, code), standing.counts.get(code, 0)) for code in titles]


VERBS_BY_STATE: dict[str, tuple[str, ...]] = {
    CampaignState.DRAFT: ("start", "stop"),
    CampaignState.RUNNING: ("pause", "stop"),
    CampaignState.PAUSED: ("start", "stop"),
    CampaignState.STOPPED: (),
    CampaignState.DONE: (),
}
ACTS: dict[str, Act] = {
    "start": actions.start_campaign,
    "pause": actions.pause_campaign,
    "stop": actions.stop_campaign,
}


@require_POST
@access.for_roles(*access.IN_CHARGE)
def act(request: HttpRequest, campaign: int, verb: str) -> HttpResponseBase:
    """Start, pause or stop a campaign."""
    found = _found(campaign)
    if verb not in ACTS:
        raise Http404
    try:
        ACTS[verb](campaign=found, employee=access.employee_of(request), now=timezone.now())
    except CampaignError as error:
        messages.error(request, titled(campaigning.REFUSALS, error.code))
    return redirect("campaign", campaign=found.pk)


def _purpose(campaign: Campaign) -> dict[str, str]:
    """What the campaign is for, in words, whom it may reach, and the clause behind it; nothing where none is asked."""
    profile = house.profile()
    found = purposes.of(profile).get(campaign.purpose) or purposes.of_messages(profile).get(campaign.purpose)
    if found is None:
        return {}
    consent = titled(campaigning.CONSENTS, purposes.consent_of(campaign, profile))
    return {"purpose": house.titled(dict(found.title)), "consent": consent, "clause": _clause(found)}


def _clause(purpose: purposes.Purpose | purposes.Message) -> str:
    """The clause that names the purpose, or lets personal data be used for it."""
    if isinstance(purpose, purposes.Purpose):
        return purpose.clause
    return next(iter(exports.clauses(house.profile())), "")


def _target(target: Target) -> dict[str, Any]:
    return {
        "target": target,
        "way": titled(campaigning.WAYS, target.way),
        "at": target.written_at if target.way != Way.VOICE else target.called_at,
        "state": titled(campaigning.TARGETS, target.state),
        "outcome": titled(campaigning.OUTCOMES, target.outcome) if target.outcome else "",
        "reason": titled(campaigning.REASONS, target.reason) if target.reason else "",
    }


def _download(campaign: Campaign) -> HttpResponseBase:
    heads = [_("Phone"), _("E-mail"), _("Client"), _("State"), _("Why left out"), _("Way"), _("Came to")]
    heads += [_("Tries"), _("When")]
    heads += [_("Operator"), *(question["text"] for question in campaign.questions)]
    return lists.as_csv(f"campaign-{campaign.pk}", heads, _lines(campaign))


def _lines(campaign: Campaign) -> Iterator[list[object]]:
    for target in queries.targets(campaign).iterator(1000):
        told = _target(target)
        called = house.local(told["at"])
        yield [
            target.phone, target.email, _name(target.client), told["state"], told["reason"], told["way"],
            told["outcome"], target.tries, f"{called:%Y-%m-%d %H:%M}" if called else "", _name(target.employee),
            *(target.answers.get(str(number), "") for number in range(len(campaign.questions))),
        ]  # fmt: skip


def _name(who: Employee | Any) -> str:
    return str(who) if who is not None else ""
