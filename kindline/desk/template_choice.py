"""Templates on an appeal's page: what fits is offered, what is taken goes into the draft, nothing typed is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kindline.appeals import letters, template_filling, template_offers
from kindline.appeals.models import Appeal
from kindline.appeals.template_models import AnswerTemplate
from kindline.desk import access, answer_templates, house
from kindline.desk.typed import is_key
from kindline.standard import gaps, loader
from kindline.standard.workflows import Transition

TAKE, FIND = "take", "find_template"
INSERT, REPLACE = "insert", "replace"


@require_safe
@access.for_roles(*access.REGISTRY)
def found(request: HttpRequest, appeal: int) -> HttpResponseBase:
    """The templates that fit an appeal, or have the `?words=`: the list alone, for a page that is open."""
    row, words = _appeal(appeal), request.GET.get("words", "")
    return render(request, "desk/_templates_found.html", _rows(row, timezone.now(), words))


@require_safe
@access.for_roles(*access.REGISTRY)
def one(_request: HttpRequest, appeal: int, template: int) -> HttpResponseBase:
    """A template filled in for an appeal: `text`, and `passage`, which goes into a letter that is there already."""
    row = _appeal(appeal)
    chosen = get_object_or_404(template_offers.in_force(row.profile), pk=template)
    return JsonResponse(_filled(row, chosen, timezone.now()))


def _appeal(key: int) -> Appeal:
    rows = Appeal.objects.select_related("client", "topic__parent", "executor").defer("lookup")
    return get_object_or_404(rows, pk=key, profile=house.profile().id)


def _filled(appeal: Appeal, chosen: AnswerTemplate, now: dt.datetime) -> dict[str, Any]:
    version, profile = chosen.in_force, loader.load(appeal.profile)
    text, is_whole = (version.text, version.is_whole) if version else ("", False)
    part = template_filling.passage(text) if is_whole else text
    whole, passage = (template_filling.filled(one, appeal, chosen.language, now, profile) for one in (text, part))
    return {"whole": is_whole, "text": whole, "passage": passage, "title": str(version or "")}


def is_asked(data: QueryDict) -> bool:
    """Whether a form of the page asks for a template, and not for an act."""
    return TAKE in data or data.get("verb") == FIND


def context(
    appeal: Appeal, acts: Mapping[str, Transition], letter: Mapping[str, Any], now: dt.datetime
) -> dict[str, Any]:
    """What the draft's form shows beside the text: the templates that fit, and what is still to be filled in."""
    if "draft" not in acts:
        return {}
    return {
        **_rows(appeal, now),
        "draft_gaps": gaps.find(letter["draft_text"]),
        "untouched": letter["answer"] is None,  # what stands there is the first draft of every answer
    }


def form_of(data: QueryDict) -> QueryDict:
    """What was posted as the draft's form has it: whoever asks for a template has typed a draft too."""
    form = data.copy()
    if is_asked(data):
        form["verb"] = "draft"
    return form


def retyped(data: QueryDict) -> dict[str, Any]:
    """What a refused draft keeps beside its text: of which templates it was made, and what is open in it."""
    if data.get("verb") != "draft":
        return {}
    return {"taken": _taken(data), "draft_gaps": gaps.find(data.get("text", "")), "untouched": False}


def answered(appeal: Appeal, data: QueryDict, now: dt.datetime) -> dict[str, Any]:
    """The page without JavaScript: templates looked for, one put in, or the question how; the draft is not kept yet."""
    form, taken = form_of(data), _taken(data)
    told: dict[str, Any] = {"typed": form, "templates_open": True, **_rows(appeal, now, data.get("words", ""))}
    key, _colon, how = data.get(TAKE, "").partition(":")
    chosen = template_offers.in_force(appeal.profile).filter(pk=int(key) if is_key(key) else 0).first()
    if chosen is not None:
        text = _put(appeal, data.get("text", ""), _filled(appeal, chosen, now), how)
        if text is None:
            told["asked_how"] = chosen
        else:
            form["text"] = text
            taken = list(dict.fromkeys([*taken, chosen.pk]))
            told["put_in"] = chosen
    return told | {"taken": taken, "draft_gaps": gaps.find(form.get("text", "")), "untouched": False}


def _put(appeal: Appeal, text: str, filled: Mapping[str, Any], how: str) -> str | None:
    """The draft with the template in it; None where it must be asked whether what is written may go."""
    if how == REPLACE or (filled["whole"] and _is_untouched(appeal, text)):
        return str(filled["text"])
    if how == INSERT or not filled["whole"]:
        return inserted(text, filled["passage"], letters.signature(appeal))
    return None


def inserted(text: str, passage: str, signature: list[str]) -> str:
    """The passage before the block of the executor's data with which a letter ends, else at its end."""
    parts = text.replace("\r\n", "\n").strip().split("\n\n")
    at = len(parts)
    if signature and any(one in parts[-1] for one in signature):
        at -= 1
    return "\n\n".join(part.strip("\n") for part in [*parts[:at], passage, *parts[at:]] if part.strip())


def _is_untouched(appeal: Appeal, text: str) -> bool:
    """Whether nobody has written anything yet: nothing, or what every first draft holds."""
    said = text.replace("\r\n", "\n").strip()
    return not said or said == letters.proposed(loader.load(appeal.profile), appeal).strip()


def _taken(data: QueryDict) -> list[int]:
    return [int(raw) for raw in data.getlist("template") if is_key(raw)]


def _rows(appeal: Appeal, now: dt.datetime, words: str = "") -> dict[str, Any]:
    rows = template_offers.offered(appeal, now, words)
    titles = answer_templates.topics_of(loader.load(appeal.profile)) if rows else {}
    told = [(one, answer_templates.told_for(version, titles)) for one in rows if (version := one.in_force)]
    return {"offered": told, "words": words, "appeal": appeal}
