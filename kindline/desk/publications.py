"""Answers on the site: what is found of a person in question and answer, the proposal, the second look, the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from kindline.appeals import masking, publications, queries, rights
from kindline.appeals.masking import Hit
from kindline.appeals.models import Answer, Appeal, Publication, PublicationState
from kindline.appeals.publications import Public
from kindline.conversations import queries as conversations
from kindline.conversations.errors import RefusedError
from kindline.desk import access, house, lists, refusals, wording
from kindline.desk.typed import Post, UnknownActError, post_of
from kindline.standard.profile import Profile


@require_safe
@access.for_roles(*access.REGISTRY)
def several(request: HttpRequest) -> HttpResponseBase:
    """What waits for a second look, is published, was withdrawn; `?state=` leaves one of them (krc-5.7.2-17)."""
    profile = _allowed(request)
    rows = Publication.objects.filter(appeal__profile=profile.id).select_related(
        "appeal", "topic", "decided_by", "approved_by"
    )
    state = request.GET.get("state", "")
    found = rows.filter(state=state) if state in PublicationState.values else rows
    context = {
        "page": lists.page_of(request, found.order_by("-decided_at")),
        "states": [(code, wording.publication_title(code)) for code in PublicationState.values],
        "state": state,
    }
    return render(request, "desk/publications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.REGISTRY)
def one(request: HttpRequest, appeal: int) -> HttpResponseBase:
    """The publication of one answer; a refused act loses nothing that was typed (krc-5.7.2-17, krc-5.7.2-18)."""
    profile = _allowed(request)
    found = get_object_or_404(queries.appeals(), pk=appeal, profile=profile.id)
    post = post_of(request)
    if request.method != "POST":
        return render(request, "desk/publication.html", _context(found, profile, post))
    try:
        _act(found, profile, post)
    except RefusedError as error:
        refused = {"refusal": refusals.message_of(error), "refusal_clauses": error.clauses, "typed": post.typed}
        context = {**_context(found, profile, post, _public(profile, post)), **refused}
        return render(request, "desk/publication.html", context, status=422)
    return redirect("publication", appeal=found.pk)


def _allowed(request: HttpRequest) -> Profile:
    profile = house.profile()
    if not publications.may_see(profile, access.employee_of(request)):
        raise PermissionDenied
    return profile


def _act(appeal: Appeal, profile: Profile, post: Post) -> None:
    verb, by = post.text("verb"), {"employee": post.me, "now": post.now}
    if verb == "propose":
        publications.propose(appeal=appeal, public=_public(profile, post), **by)  # type: ignore[arg-type] # two names
    elif verb == "approve":
        override = post.text("override")
        publications.approve(
            appeal=appeal, public=_public(profile, post), override=override, employee=post.me, now=post.now
        )
    elif verb in REASONED:
        REASONED[verb](appeal=appeal, reason=post.text("reason"), employee=post.me, now=post.now)
    else:
        raise UnknownActError(verb)


REASONED: Mapping[str, Any] = {
    "decline": publications.decline,
    "send_back": publications.send_back,
    "withdraw": publications.withdraw,
}


def _public(profile: Profile, post: Post) -> Public:
    topic = conversations.topics(profile.id).filter(pk=post.key("topic")).first()
    return Public(post.text("title"), post.text("question"), post.text("answer"), topic)


def _context(appeal: Appeal, profile: Profile, post: Post, typed: Public | None = None) -> dict[str, Any]:
    row = Publication.objects.select_related("decided_by", "approved_by", "withdrawn_by").filter(appeal=appeal).first()
    answer = Answer.objects.filter(appeal=appeal).first()
    written = row is not None and bool(row.question)
    public = typed or (publications.public_of(row) if row is not None and written else publications.proposal(appeal))
    who, state = masking.person_of(appeal), row.state if row else ""
    may = {act: rights.may(profile, f"{act}_publication", post.me) for act in ("propose", "approve", "withdraw")}
    own = row is not None and row.decided_by_id == post.me.pk
    return {
        "appeal": appeal,
        "row": row,
        "answer": answer,
        "public": public,
        "topics": conversations.topics(profile.id),
        "question": marked(appeal.substance, masking.find(appeal.substance, who, profile)),
        "answer_text": marked(answer.text, masking.find(answer.text, who, profile)) if answer else "",
        "left": [_left(public, name, hit) for name, hits in publications.hits(appeal, public).items() for hit in hits],
        "may_propose": may["propose"] and state != "published" and (state != "proposed" or own),
        "may_approve": may["approve"] and state == "proposed" and not own,
        "may_withdraw": may["withdraw"] and state == "published",
        "sent": answer is not None and answer.sent_at is not None,
        "typed": {},
    }


def _left(public: Public, name: str, hit: Hit) -> tuple[str, str, str]:
    """What still looks like a person's data: in which text, the words, of which kind."""
    words = getattr(public, name)[hit.start : hit.end]
    return wording.publication_part(name), words, wording.mask_title(hit.kind)


def marked(text: str, hits: Iterable[Hit]) -> SafeString:
    """The text with what was found in it marked."""
    parts, last = [], 0
    for hit in hits:
        said = format_html('<mark title="{}">{}</mark>', wording.mask_title(hit.kind), text[hit.start : hit.end])
        parts += [(text[last : hit.start],), (said,)]
        last = hit.end
    return format_html_join("", "{}", [*parts, (text[last:],)])
