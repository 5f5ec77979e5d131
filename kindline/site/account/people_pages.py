"""The pages of who sees an account: colleagues of a firm, and the link by which a joining is disowned."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kindline.clients.login_models import Login
from kindline.site import form, here
from kindline.site.account import joining, own, people, proving, session

page = require_http_methods(["GET", "HEAD", "POST"])


@session.needed
@page
@proving.needed("people", to_see=False)
def several(request: HttpRequest, login: Login) -> HttpResponseBase:
    """Who sees the accounts of the firm; one takes another's access away."""
    accounts = people.firm_accounts(login)
    if not accounts:
        raise Http404
    wrong = _removed(request, login) if request.method == "POST" else ""
    if request.method == "POST" and not wrong:
        messages.success(request, gettext("The access is taken away; both of you are told by e-mail."))
        return redirect("account_people")
    context = {"login": login, "firms": [(one, people.of(one)) for one in accounts], "wrong": wrong}
    return render(request, "site/account/people.html", context, status=422 if wrong else 200)


def _removed(request: HttpRequest, login: Login) -> str:
    """What is wrong; empty where it was done. Raises: Http404."""
    try:
        people.remove(
            profile=here.profile(), login=login, number=request.POST.get("account", ""),
            key=form.row_key(request.POST.get("person", "")), language=here.language(), now=timezone.now(),
        )  # fmt: skip
    except people.NoColleagueError:
        raise Http404 from None
    except people.NewcomerError:
        return "newcomer"
    return ""


@never_cache
@page
def not_me(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the letter: it only shows a button, since programs that look through mail open links too."""
    profile, now = here.profile(), timezone.now()
    found = joining.by_token(token, now)
    if found is None:
        raise Http404
    made, told = found
    if request.method == "POST":
        made = joining.disown(profile=profile, joining=made, told=told, now=now)
    context = {"joining": made, "email": own.hidden(made.login.email)}
    return render(request, "site/account/not_me.html", context)
