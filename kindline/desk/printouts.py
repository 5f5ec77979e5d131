"""The registry on paper: an appeal's card, a list, the label for a letter that came on paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from kindline.appeals import queries
from kindline.appeals.models import Answer, Appeal
from kindline.correspondence import pdfs, printing
from kindline.correspondence.errors import PrintingUnavailableError
from kindline.desk import access, appeal_history, appeal_rows, house, mail_words
from kindline.desk.wording import titled

LABELLED = ("paper", "office")
"""Channels on which there is a sheet of paper to stick the label on."""
ROWS_MAX = 1000
LANDSCAPE_COLUMNS = 9


@require_safe
@access.for_roles(*access.REGISTRY)
def card(request: HttpRequest, appeal: int) -> HttpResponseBase:
    """One appeal as PDF: what it says, its limit with the derivation, its answer, what happened."""
    found = get_object_or_404(queries.appeals(), pk=appeal)
    context = {
        "appeal": found,
        "applicant": found.applicant or str(found.client or ""),
        "answer": Answer.objects.select_related("signed_by").filter(appeal=found).first(),
        "facts": appeal_history.told(found),
    }
    return _pdf(request, "desk/print_card.html", context, found.number, "appeal", found.pk)


def listed(request: HttpRequest, found: QuerySet[Appeal]) -> HttpResponseBase:
    """The list of the present filters as PDF, to ROWS_MAX rows."""
    rows = [appeal_rows.line(one)[:LANDSCAPE_COLUMNS] for one in found[: ROWS_MAX + 1]]
    context = {"heads": appeal_rows.heads()[:LANDSCAPE_COLUMNS], "rows": rows[:ROWS_MAX], "most": ROWS_MAX}
    context["more"] = len(rows) > ROWS_MAX
    return _pdf(request, "desk/print_list.html", context, "appeals", "appeals")


@require_safe
@access.for_roles(*access.REGISTRY)
def label(request: HttpRequest, appeal: int) -> HttpResponseBase:
    """The label with number, code and day of registration as PDF; `?format=svg` the code alone."""
    found = get_object_or_404(Appeal, pk=appeal)
    if request.GET.get("format") == "svg":
        return HttpResponse(printing.code(found.number), content_type="image/svg+xml")
    lines = [f"{house.local(found.registered_at):%d.%m.%Y %H:%M}", found.applicant]
    return made(request, lambda: printing.label_pdf(found.number, lines), found.number, "appeal", found.pk)


def _pdf(request: HttpRequest, template: str, context: dict[str, Any], name: str, *back: Any) -> HttpResponseBase:
    known = {"now": timezone.now(), "profile": house.profile(), "me": access.employee_of(request)}
    return made(request, lambda: pdfs.made(render_to_string(template, known | context, request)), name, *back)


def made(request: HttpRequest, make: Any, name: str, back: str, *keys: Any) -> HttpResponseBase:
    """The PDF; where this machine cannot print, what to install, on the page from which it was asked."""
    try:
        content = make()
    except PrintingUnavailableError as error:
        messages.error(request, f"{titled(mail_words.REFUSALS, error.code)} {error}")
        return redirect(back, *keys)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name.replace("/", "-")}.pdf"'
    return answer
