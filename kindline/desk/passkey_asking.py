"""What a page asks of an authenticator, as JSON: a challenge for one browser and one purpose.

What cannot be asked is told by a word (`error`), which the page says in the employee's language.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kindline.desk import access, house, pending, proving
from kindline.staff import challenges
from kindline.staff.models import Employee
from kindline.staff.passkey_entry import PASSKEYS
from kindline.staff.passkeys import NoHostNameError, PasskeyRefusedError, Place, place_of

ENTER, SECOND, ADD = "enter", "second", "add"


@never_cache
@require_POST
def to_enter(request: HttpRequest) -> HttpResponse:
    """Any passkey that verifies its user; nobody is logged in yet."""
    return _asked(request, ENTER, lambda place, challenge: PASSKEYS.to_show(place=place, challenge=challenge))


@never_cache
@require_POST
def to_go_on(request: HttpRequest) -> HttpResponse:
    """A passkey of who has shown the password."""
    found = pending.waiting(request, timezone.now())
    if found is None:
        return JsonResponse({"error": "over"}, status=401)
    return _asked_of(request, found[0], SECOND)


@never_cache
@require_POST
@access.for_employees
def to_prove(request: HttpRequest) -> HttpResponseBase:
    """One of his own, to show that it is he."""
    return _asked_of(request, access.employee_of(request), proving.PROVE)


@never_cache
@require_POST
@access.for_employees
def to_add(request: HttpRequest) -> HttpResponseBase:
    """A new one, for who has just shown that it is he."""
    if not proving.is_fresh(request, timezone.now()):
        return JsonResponse({"error": "proof"}, status=403)
    me, purpose = access.employee_of(request), challenges.in_session(request, ADD)
    return _asked(
        request, purpose, lambda place, challenge: PASSKEYS.to_add(
            me, place=place, challenge=challenge, name=me.username, issuer=house.issuer()
        )
    )  # fmt: skip


def _asked_of(request: HttpRequest, who: Employee, what: str) -> HttpResponse:
    """One of his, if he has any by the name that the page was opened by."""
    purpose = challenges.in_session(request, what)
    return _asked(request, purpose, lambda place, challenge: PASSKEYS.to_show(who, place=place, challenge=challenge))


def _asked(request: HttpRequest, purpose: str, told: Callable[[Place, bytes], str]) -> HttpResponse:
    try:
        place, challenge = place_of(request), challenges.made()
        answer = HttpResponse(told(place, challenge), content_type="application/json")
    except NoHostNameError:
        return JsonResponse({"error": "host"}, status=400)
    except PasskeyRefusedError as error:
        return JsonResponse({"error": error.why}, status=409)
    challenges.keep(request, answer, challenge, purpose=purpose, now=timezone.now())
    return answer
