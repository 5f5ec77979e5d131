"""The internet reception: a question is put, and answered at once with thanks, a number and a term."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.appeals import actions as appeals
from kindline.appeals import wording as appeal_words
from kindline.appeals.stages import KIND
from kindline.conversations import queries as conversations
from kindline.conversations.errors import MissingFieldsError, RefusedError
from kindline.site import actions, catalogue, form, here, messages, pace, queries, refused, stages, uploads, words
from kindline.site.account import session
from kindline.site.errors import AnotherError, FloodError, NotAcceptedError, TooManyError
from kindline.site.models import Submission
from kindline.staff.known_browsers import KnownBrowser
from kindline.standard import phrases
from kindline.standard.profile import Profile

SHOWN = ("appeal__number", "appeal__limit_at", "appeal__kind", "appeal__closed_at")
NOTICE, THANKS = "reception_notice", "reception_thanks"
REFUSED = (
    uploads.NotTakenError, NotAcceptedError, MissingFieldsError, RefusedError, TooManyError, AnotherError,
)  # fmt: skip
"""Why a form is shown again."""
ASKED = KnownBrowser("kindline_asked", "kindline.site.asked", 365 * 24 * 3600, most=10)
"""What was asked in this browser."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponseBase:
    """The form; what is wrong with it is said beside the fields, and nothing typed is lost (krc-5.7.2-01)."""
    profile = here.profile()
    if request.method != "POST":
        return _form(request, context_of(profile, request.GET, {}) | {"fresh": not request.GET})
    key = form.key_of(request.POST.get("key", ""))
    try:
        return thanked(request, _submitted(request, profile, key))
    except FloodError:
        return refused.too_many(request)
    except REFUSED as error:
        context, status = again(profile, request.POST, error, key)
    return _form(request, context, status)


def again(profile: Profile, typed: Any, error: Exception, key: uuid.UUID) -> tuple[dict[str, Any], int]:
    """What the form shows that was refused, and the status of the answer: nothing typed is lost."""
    if isinstance(error, AnotherError):
        return _another(profile, typed, error, key), 409
    status = 429 if isinstance(error, TooManyError) else 422
    said = error.said if isinstance(error, uploads.NotTakenError) else []
    return context_of(profile, typed, _faults(error), key) | {"wrong_files": said}, status


def _faults(error: Exception) -> dict[str, str]:
    match error:
        case NotAcceptedError() | uploads.NotTakenError():
            return form.in_order(error.faults)
        case MissingFieldsError():
            return dict.fromkeys(error.missing, "needed")
        case RefusedError():
            return {"kind": error.code}
        case _:
            return {"": "too_many"}


def _form(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context["puzzle"] = pace.puzzle(request, context["key"], timezone.now())
    context["is_inside"] = session.current(request) is not None
    return refused.shown(request, "site/ask.html", context, status)


def _submitted(request: HttpRequest, profile: Profile, key: uuid.UUID) -> Submission:
    now = timezone.now()
    posts = pace.count(request, now)
    is_proven = pace.is_proven(request, posts, key, now)
    asked = form.read(profile, request.POST)
    draft = uploads.take_or_refuse(request, key, now, lambda draft: actions.faults_of(profile, asked, draft))
    return actions.submit(
        profile=profile, key=key, asked=asked, draft=draft, whose=posts.whose, is_proven=is_proven, now=now
    )


def thanked(request: HttpRequest, made: Submission) -> HttpResponse:
    """To the thanks, whose code this browser alone is shown: an address may be passed on, or stand in a history."""
    answer = redirect("asked", key=made.pk)
    ASKED.remember(request, answer, made.pk)
    return answer


@never_cache
def asked(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Thanks, the number, the term, the code for the state, and another question (krc-5.7.2-04, krc-5.7.2-05)."""
    made = Submission.objects.select_related("appeal").only(*SHOWN).filter(pk=key).first()
    if made is None:
        raise Http404
    profile, appeal = here.profile(), made.appeal
    said = here.said(profile, THANKS)
    values = {
        "company": here.company(profile),
        "appeal_number": appeal.number,
        "deadline": words.plain_day(profile, appeal.limit_at),
    }
    own = ASKED.is_of(request, made.pk)
    context = {
        "title": phrases.render(said.subject, values) if said else "",
        "text": phrases.render(said.text, values) if said else "",
        "appeal": appeal,
        "key": made.pk,
        "limit": words.day(profile, appeal.limit_at),
        "code": queries.code_of(made.pk) if own else "",
        "sent_with": messages.sent_with(appeal) if own else [],
        "service": stages.told(profile, appeal) if appeal.kind == KIND else None,
    }
    return render(request, "site/asked.html", context)


def _another(profile: Profile, typed: Any, error: AnotherError, sent: uuid.UUID) -> dict[str, Any]:
    """Back was pressed and another question typed: nothing is sent twice or lost unseen, nor the files with it."""
    key = uuid.uuid4()
    uploads.move(sent, key, timezone.now())
    return refused.another(context_of(profile, typed, {"": "already_sent"}, key), error)


def context_of(profile: Profile, typed: Any, faults: dict[str, str], key: uuid.UUID | None = None) -> dict[str, Any]:
    """What the form shows; without a key, of a form that is just opened: it has no files yet."""
    notice = here.said(profile, NOTICE)
    service = catalogue.shown(catalogue.chosen(profile, typed.get("service", "")))
    required = {one.name: one for one in appeals.required_fields(profile, actions.CHANNEL)}
    return {
        "key": key or uuid.uuid4(),
        "profile": profile,
        "panel": uploads.panel(key),
        "typed": typed,
        "answer_by": typed.get("answer_by") or "email",
        "faults": [words.fault(field, code, profile) for field, code in faults.items()],
        "wrong": {field: words.fault(field, code, profile)["text"] for field, code in faults.items()},
        "kinds": [(kind, appeal_words.kind_title(kind)) for kind in form.kinds(profile)],
        "subjects": appeal_words.subjects_of(profile),
        "topics": conversations.topics(profile.id),
        "fields": [_field(name, required, typed, faults, profile) for name in form.FIELDS],
        "organisations": [(code, appeal_words.applicant_title(code)) for code in form.ORGANISATIONS],
        "notice": phrases.render(notice.text, {"company": here.company(profile)}) if notice else "",
        "trap": form.TRAP,
        "longest": form.LONGEST,
        "status_address": reverse("status"),
        "service": service,
        "ticked": {name for name, _ in service["documents"] if typed.get(f"doc-{name}")} if service else (),
    }


def _field(name: str, required: dict[str, Any], typed: Any, faults: dict[str, str], profile: Profile) -> dict[str, Any]:
    norm = required.get(name)
    return {
        "id": name,
        "label": words.field_title(name),
        "type": words.INPUTS.get(name, "text"),
        "autocomplete": words.AUTOCOMPLETE.get(name, "off"),
        "value": typed.get(name, ""),
        "required": norm is not None,
        "none_allowed": norm is not None and norm.allow_none,
        "none": bool(typed.get(f"none_{name}")),
        "wrong": words.fault(name, faults[name], profile)["text"] if name in faults else "",
    }
