"""The editor of a template of answers: its text with a preview and faults, versions, approval, withdrawal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from kindline.appeals import answer_templates, queries, template_faults, template_filling, template_offers
from kindline.appeals import wording as appeal_words
from kindline.appeals.models import Appeal
from kindline.appeals.template_faults import Content
from kindline.appeals.template_models import AnswerTemplate, TemplateVersion
from kindline.conversations import queries as conversations
from kindline.conversations.errors import RefusedError
from kindline.desk import access, house, refusals, template_words, wording
from kindline.desk.answer_templates import rights_of, topics_of
from kindline.desk.typed import Post, UnknownActError, is_key, post_of
from kindline.standard import gaps
from kindline.standard.profile import Profile


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.REGISTRY)
def new(request: HttpRequest) -> HttpResponseBase:
    """The editor of a template that is not there yet; `?like=` begins with the text of another."""
    if not rights_of(house.profile(), request)["may_draft"]:
        raise PermissionDenied
    raw = request.GET.get("like", "")
    like = TemplateVersion.objects.filter(template__profile=house.profile().id, pk=int(raw) if is_key(raw) else 0)
    return _editor(request, None, like.select_related("template").first())


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.REGISTRY)
def one(request: HttpRequest, template: int) -> HttpResponseBase:
    """A template: its text with a preview, its versions, its use; a post keeps, approves or withdraws it."""
    found = get_object_or_404(
        template_offers.counted(AnswerTemplate.objects.filter(profile=house.profile().id), timezone.now()), pk=template
    )
    return _editor(request, found, None)


def _editor(request: HttpRequest, found: AnswerTemplate | None, like: TemplateVersion | None) -> HttpResponseBase:
    profile, post = house.profile(), post_of(request)
    latest = found.versions.select_related("template").order_by("-number").first() if found else like
    if request.method != "POST":
        context = _context(request, profile, found, latest, _of(profile, latest))
        return render(request, "desk/answer_template.html", context)
    content = typed(profile, post.typed) if "text" in post.typed else _of(profile, latest)
    refused: dict[str, Any] = {}
    if post.text("verb") != "preview":
        try:
            return redirect("answer-template", template=_done(profile, post, found, content))
        except RefusedError as error:
            refused = {"refusal": refusals.message_of(error), "refusal_clauses": error.clauses}
    context = _context(request, profile, found, latest, content)
    kept = {name: post.text(name) for name in ("revision", "reason") if name in post.typed}
    return render(request, "desk/answer_template.html", context | refused | kept, status=422 if refused else 200)


def _done(profile: Profile, post: Post, found: AnswerTemplate | None, content: Content) -> int:
    """Do what was pressed; the key of the template. Raises: RefusedError of every kind."""
    verb = post.text("verb")
    if verb == "withdraw" and found is not None:
        answer_templates.withdraw_template(template=found, reason=post.text("reason"), employee=post.me, now=post.now)
        return found.pk
    if verb not in ("save", "approve"):
        raise UnknownActError(verb)
    with transaction.atomic():
        row = _kept(profile, post, found, content)
        if verb == "approve":
            answer_templates.approve_template(
                template=row.template, revision=row.revision, employee=post.me, now=post.now
            )
    return row.template_id


def _kept(profile: Profile, post: Post, found: AnswerTemplate | None, content: Content) -> TemplateVersion:
    """What was typed as a draft; the draft itself where nothing was changed in it."""
    if found is None:
        return answer_templates.begin_template(profile=profile, content=content, employee=post.me, now=post.now)
    latest = found.versions.select_related("template").order_by("-number").first()
    if latest is not None and _is_unchanged(found, latest, content) and _revision(latest) == post.key("revision"):
        return latest
    return answer_templates.draft_template(
        template=found, content=content, revision=post.key("revision"), employee=post.me, now=post.now
    )


def _is_unchanged(found: AnswerTemplate, latest: TemplateVersion, content: Content) -> bool:
    """Whether there is nothing to keep; what was withdrawn comes back as a new version all the same."""
    comes_back = found.withdrawn_at is not None and latest.approved_at is not None
    return not comes_back and answer_templates.content_of(latest) == content


def _revision(latest: TemplateVersion | None) -> int:
    """That of the draft; 0 where there is none."""
    return latest.revision if latest is not None and latest.approved_at is None else 0


def typed(profile: Profile, data: QueryDict) -> Content:
    """A template as the form has it; topics, kinds and languages that there are not are left out."""
    known, languages = topics_of(profile), profile.languages
    return Content(
        title=data.get("title", "").strip(),
        text=data.get("text", "").replace("\r\n", "\n").strip(),
        language=language if (language := data.get("language", "")) in languages else profile.language,
        topics=tuple(code for code in data.getlist("topics") if code in known),
        kinds=tuple(kind for kind in data.getlist("kinds") if kind in queries.kinds(profile)),
        is_whole=data.get("form") != "passage",
    )


def _of(profile: Profile, row: TemplateVersion | None) -> Content:
    return answer_templates.content_of(row) if row else Content("", "", profile.language)


def _context(
    request: HttpRequest, profile: Profile, found: Any, latest: TemplateVersion | None, content: Content
) -> dict[str, Any]:
    draft = found is not None and latest is not None and latest.approved_at is None
    return {
        "template": found,
        "latest": latest if found else None,
        "is_draft": draft,
        "revision": _revision(latest) if found else 0,
        "content": content,
        "topics": conversations.topics(profile.id),
        "kinds": appeal_words.kinds_of(profile),
        "languages": [(code, wording.language_title(code)) for code in profile.languages],
        "variables": [(name, gettext(title)) for name, title in template_filling.VARIABLES.items()],
        "history": list(template_offers.history(found)) if found else [],
        **rights_of(profile, request),
        **_previewed(request, profile, content),
    }


# --- the preview ---
@require_POST
@access.for_roles(*access.REGISTRY)
def preview(request: HttpRequest) -> HttpResponseBase:
    """The preview alone, for a page that shows it while one types; nothing is kept."""
    profile = house.profile()
    context = _previewed(request, profile, typed(profile, request.POST))
    return render(request, "desk/_template_preview.html", context)


def _previewed(request: HttpRequest, profile: Profile, content: Content) -> dict[str, Any]:
    """The text with the values of the named appeal, else of an invented one, and what is wrong in it."""
    me, now = access.employee_of(request), timezone.now()
    number = (request.POST or request.GET).get("sample", "").strip()
    real = _sample(profile, number)
    topic = next((one for one in conversations.topics(profile.id) if one.code in content.topics), None)
    shown = real or template_filling.sample(profile, content.language, topic, me, now)
    text = template_filling.filled(content.text, shown, content.language, now, profile)
    faults = template_faults.find(profile, content) if content.title or content.text else []
    return {
        "sample": number,
        "sample_found": real,
        "sample_unknown": bool(number) and real is None,
        "previewed": marked(text),
        "preview_language": content.language,
        "gaps_left": len(gaps.find(text)),
        "faults": [template_words.fault(one) for one in faults],
    }


def _sample(profile: Profile, number: str) -> Appeal | None:
    found = Appeal.objects.select_related("client", "topic", "executor").defer("lookup")
    return found.filter(profile=profile.id, number__iexact=number).first() if number else None


def marked(text: str) -> SafeString:
    """The text with what is still to be filled in marked."""
    return format_html_join("", "{}", ((part,) for part in _parts(text)))


def _parts(text: str) -> Iterable[SafeString | str]:
    last = 0
    for hit in gaps.FOUND.finditer(text):
        yield text[last : hit.start()]
        yield format_html("<mark>{}</mark>", hit[0])
        last = hit.end()
    yield text[last:]
