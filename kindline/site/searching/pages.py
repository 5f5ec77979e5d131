"""The page of the search, and what is suggested while a question is typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kindline.site import documents, here, pace
from kindline.site.errors import FloodError
from kindline.site.reports import finding as reports
from kindline.site.searching import finding, own, wanted

SUGGESTED, LEAST_WORDS, KEPT_S = 3, 2, 600
OWN_BROWSER = f"private, max-age={KEPT_S}"
"""What somebody types is kept by his own browser alone, no cache on the way."""


@require_safe
@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """What was looked for, in any inflection, in answers, pages and services (krc-5.7.2-06)."""
    profile, text = here.profile(), request.GET.get("q", "").strip()
    asked = wanted.words_of(text, profile.language)
    least = finding.half(asked)
    context = {
        "q": text,
        "pages": [one.place for one in own.pages(profile, asked, least)],
        "services": [one.place for one in own.services(profile, asked, least)],
        "reports": reports.found(profile, asked, least),
        "items": finding.items(profile, asked),
        "documents": documents.found(asked, least),
        "answers": finding.answers(profile, asked),
    }
    return render(request, "site/search.html", context)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """What may spare the question that is being typed, at most three links; nothing typed is kept (krc-5.7.2-02).

    `?q=` words of the text, `?in=` the language of the page. Who asks too often is told nothing (429).
    """
    profile, languages = here.profile(), dict(here.LANGUAGES)
    asked = wanted.telling(request.GET.get("q", ""), profile.language)
    said = request.GET.get("in", "")
    try:
        pace.look(request, timezone.now())
    except FloodError:
        return JsonResponse({"said": "", "links": []}, status=429)
    with translation.override(said if said in languages else profile.language):
        links = finding.suggested(profile, asked, SUGGESTED) if len(asked) >= LEAST_WORDS else []
        known = {"said": _counted(len(links)), "links": [[one.address, one.title, one.language] for one in links]}
    answer = JsonResponse(known)
    answer.headers["Cache-Control"] = OWN_BROWSER
    return answer


def _counted(count: int) -> str:
    told = ngettext(
        "%(n)s page may have the answer already. It opens in a new tab; your text stays here.",
        "%(n)s pages may have the answer already. They open in new tabs; your text stays here.",
        count,
    )
    return told % {"n": count} if count else ""
