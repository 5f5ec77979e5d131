"""What Kannel tells: requests with the secret of the settings; kept for good before they are answered."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kindline.connectors.sms.kannel import NAME, STATES
from kindline.notifications import receiving, states
from kindline.notifications.models import Part
from kindline.notifications.wires import Came, News, Told
from kindline.standard import loader


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """A receipt of a message of ours: its piece and Kannel's number of the state."""
    if not _is_known(request):
        return HttpResponse(status=403)
    piece, told = _asked(request, "piece"), _asked(request, "state")
    if not (piece.isascii() and piece.isdecimal() and len(piece) < 18):
        return HttpResponse("no such piece", status=400, content_type="text/plain")
    found = Part.objects.filter(pk=int(piece)).values_list("sms__phone", flat=True).first() or ""
    news = Told(piece, STATES.get(told, states.SUBMITTED), found, _asked(request, "said")[:200], int(piece))
    return _take(news)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def came(request: HttpRequest) -> HttpResponse:
    """A text that somebody sent (sms-service of Kannel: get-url = …/came?key=…&from=%p&to=%P&text=%a)."""
    if not _is_known(request):
        return HttpResponse(status=403)
    return _take(Came(_asked(request, "from"), _asked(request, "to"), _asked(request, "text")))


def _take(news: News) -> HttpResponse:
    country = loader.load(settings.KINDLINE["profile"]).calendar.country
    receiving.take(news=news, gateway=NAME, country=country, now=timezone.now())
    return HttpResponse("", content_type="text/plain")


def _asked(request: HttpRequest, name: str) -> str:
    return str(request.GET.get(name) or request.POST.get(name) or "")


def _is_known(request: HttpRequest) -> bool:
    secret = str(settings.SMS.get("callback_key") or "")
    return bool(secret) and hmac.compare_digest(secret.encode(), _asked(request, "key").encode())
