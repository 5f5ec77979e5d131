"""Looking for a client while somebody is on the line."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from kindline.clients import queries as clients
from kindline.conversations import actions as conversations
from kindline.conversations.models import Contact
from kindline.desk import access, card
from kindline.journal.models import Fact
from kindline.staff.models import Employee

SHORTEST = 2


@require_GET
@access.for_roles(*access.AT_THE_PHONE, *access.IN_CHARGE)
def search(request: HttpRequest) -> HttpResponseBase:
    """Clients whom the words fit, briefly; the first search of a contact starts the clock of the standard."""
    text = request.GET.get("q", "").strip()
    if len(text) < SHORTEST:
        return JsonResponse({"clients": []})
    _begin(request.GET.get("contact", ""), access.employee_of(request))
    return JsonResponse({"clients": [card.brief(client) for client in clients.find(text)]})


def _begin(contact: str, me: Employee) -> None:
    try:
        found = Contact.objects.filter(pk=uuid.UUID(contact), closed_at=None, client=None).first()
    except ValueError:
        return
    if found is None or not access.may_see(me, found):
        return
    begun = Fact.objects.filter(subject_type="contact", subject_id=str(found.pk), kind="client_search_started")
    if not begun.filter(at__gte=found.started_at).exists():
        conversations.start_search(contact=found, by="name", employee=me, now=timezone.now())
