"""The form of a question from the account: that of the reception, without what is known already."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_http_methods

from kindline.clients.login_models import Login
from kindline.conversations.errors import MissingFieldsError
from kindline.site import actions, form, here, reception, refused, uploads
from kindline.site.account import asking, own, parts, session
from kindline.site.errors import NotAcceptedError
from kindline.site.models import Submission
from kindline.standard.profile import Profile

PAGE = "site/account/ask.html"


@parts.part("questions")
@session.needed
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, login: Login) -> HttpResponseBase:
    """Ask, with files and a topic, without typing anything again that is known (krc-2-12, krc-5.7.2-01)."""
    profile = here.profile()
    shown = {"accounts": own.accounts_of(login), "email": login.email, "draft": _draft(login)}
    if not shown["accounts"]:
        raise Http404
    if request.method != "POST":
        context = reception.context_of(profile, request.GET, {}) | shown | {"fresh": True}
        return render(request, PAGE, context)
    key = form.key_of(request.POST.get("key", ""))
    try:
        return reception.thanked(request, _submitted(request, profile, login, key))
    except reception.REFUSED as error:
        context, status = reception.again(profile, request.POST, error, key)
    return refused.shown(request, PAGE, context | shown, status)


def _submitted(request: HttpRequest, profile: Profile, login: Login, key: uuid.UUID) -> Submission:
    now, account = timezone.now(), own.chosen(login, request.POST)
    asked, inside = form.read(profile, request.POST), actions.Inside(login, account)
    known = asking.completed(login, account, asked)
    draft = uploads.take_or_refuse(request, key, now, lambda draft: actions.faults_of(profile, known, draft, inside))
    try:
        return asking.ask(profile=profile, login=login, account=account, asked=asked, key=key, draft=draft, now=now)
    except MissingFieldsError as error:  # nothing on this form could fill them
        raise NotAcceptedError({"": "card_incomplete"}) from error


def _draft(login: Login) -> str:
    """Under which name the browser keeps what is typed: another person in the same browser does not see it."""
    return salted_hmac("kindline.site.draft", f"login {login.pk}").hexdigest()[:12]
