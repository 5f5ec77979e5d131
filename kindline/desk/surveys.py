"""Surveys for operators: the next person, the call, the questions and what was answered (krc-5.5.2-06..08)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kindline.campaigns import calling, purposes, queries, surveys
from kindline.campaigns.errors import CampaignError, NotPermittedError
from kindline.campaigns.models import Campaign, Kind, Target
from kindline.conversations import guides
from kindline.conversations.models import Contact
from kindline.desk import access, campaigning, house, switchboard
from kindline.desk.wording import titled
from kindline.staff.models import Employee


@require_safe
@access.for_roles(*access.AT_THE_PHONE)
def several(request: HttpRequest) -> HttpResponseBase:
    """The surveys that run now."""
    running = list(queries.running_surveys(house.profile().id))
    standing = queries.progress(running)
    named = purposes.of(house.profile())
    rows = [
        {"campaign": one, "progress": standing[one.pk], "purpose": _purpose(named, one)} for one in running
    ]  # fmt: skip
    return render(request, "desk/surveys.html", {"rows": rows})


def _purpose(named: dict[str, purposes.Purpose], campaign: Campaign) -> str:
    found = named.get(campaign.purpose)
    return house.titled(dict(found.title)) if found else campaign.purpose


@require_POST
@access.for_roles(*access.AT_THE_PHONE)
def take(request: HttpRequest, campaign: int) -> HttpResponseBase:
    """The next person of a survey."""
    found = get_object_or_404(Campaign, pk=campaign, kind=Kind.SURVEY, profile=house.profile().id)
    me, now = access.employee_of(request), timezone.now()
    target = surveys.take_next(campaign=found, employee=me, profile=house.profile(), now=now)
    if target is None:
        messages.info(request, _("Nobody is to be called in this survey now."))
        return redirect("surveys")
    return redirect("survey", target=target.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.AT_THE_PHONE)
def one(request: HttpRequest, target: int) -> HttpResponseBase:
    """One person: who, the purpose in words, the guide, the questions; a post keeps what was answered."""
    me = access.employee_of(request)
    found = _mine(target, me)
    faults: dict[str, str] = {}
    if request.method == "POST":
        faults = _record(request, found, me)
        if not faults:
            messages.success(request, _("Kept."))
            return redirect("surveys")
    return render(request, "desk/survey.html", _picture(request, found, faults), status=422 if faults else 200)


def _mine(target: int, me: Employee) -> Target:
    """A person on this operator's screen. Raises: PermissionDenied."""
    rows = Target.objects.select_related("campaign", "client", "employee")
    found: Target = get_object_or_404(rows, pk=target, campaign__kind=Kind.SURVEY)
    if found.employee_id != me.pk:
        raise PermissionDenied
    return found


def _record(request: HttpRequest, target: Target, me: Employee) -> dict[str, str]:
    said = {number: request.POST.get(f"answer-{number}", "") for number in range(len(target.campaign.questions))}
    country, ending = house.profile().calendar.country, request.POST.get("ending", "")
    try:
        surveys.record_answers(
            target=target, answers=said, ending=ending, country=country, employee=me, now=timezone.now()
        )
    except ValidationError as error:
        return campaigning.faults(error.message_dict)
    return {}


def _picture(request: HttpRequest, target: Target, faults: dict[str, str]) -> dict[str, Any]:
    profile, campaign = house.profile(), target.campaign
    purpose = purposes.of(profile).get(campaign.purpose)
    contact = Contact.objects.filter(pk=target.contact_id).first() if target.contact_id else None
    typed = request.POST if request.method == "POST" else {}
    return {
        "target": target,
        "campaign": campaign,
        "purpose": _purpose(purposes.of(profile), campaign),
        "phrase": purpose.phrase if purpose else "",
        "clause": purpose.clause if purpose else "",
        "steps": guides.state(contact, profile, timezone.now()).steps if contact else [],
        "contact": contact,
        "questions": _questions(campaign, target, typed),
        "endings": [(code, titled(campaigning.ENDINGS, code)) for code in campaigning.ENDINGS],
        "ending": typed.get("ending", ""),
        "faults": faults,
        "may_dial": target.state == "waiting",
    }


def _questions(campaign: Campaign, target: Target, typed: Any) -> list[dict[str, Any]]:
    return [
        {**question, "name": f"answer-{number}",
         "value": typed.get(f"answer-{number}", target.answers.get(str(number), ""))}
        for number, question in enumerate(campaign.questions)
    ]  # fmt: skip


@require_POST
@access.for_roles(*access.AT_THE_PHONE)
def dial(request: HttpRequest, target: int) -> HttpResponseBase:
    """Call the person: the operator's phone first, then his; never without his permission."""
    me, now = access.employee_of(request), timezone.now()
    found = _mine(target, me)
    try:
        called = surveys.open_call(target=found, profile=house.profile(), employee=me, now=now)
    except NotPermittedError as error:
        why = titled(campaigning.REASONS, error.reason)
        messages.error(request, _("This number must not be called: %(why)s.") % {"why": why})
        return redirect("surveys")
    except CampaignError as error:
        messages.error(request, titled(campaigning.REFUSALS, error.code))
        return redirect("surveys")
    _ask(request, called, me)
    return redirect("survey", target=found.pk)


def _ask(request: HttpRequest, target: Target, me: Employee) -> None:
    body = {"employee": me.pk, "contact": str(target.contact_id), "number": target.phone}
    try:
        switchboard.post("/outgoing", body)
    except switchboard.SwitchboardError as error:
        messages.error(request, error.message)
        if error.code != "unreachable":  # else it may have been heard: facts or the sweep will tell
            calling.release(target=target, now=timezone.now())
