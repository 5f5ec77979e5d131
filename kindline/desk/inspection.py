"""One inspection: carried out with a telephone in the hand, then shown as it was frozen, and as an act on paper."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from kindline.conversations.errors import RefusedError
from kindline.correspondence import pdfs
from kindline.desk import access, file_words, house, inspection_words, inspections, printouts, refusals, uploads
from kindline.desk.typed import Post, UnknownActError, post_of
from kindline.files import arriving, quota
from kindline.files.content import Finding
from kindline.files.errors import FilesError, RefusedFileError
from kindline.files.models import Attachment
from kindline.quality import corrections, inspecting
from kindline.quality.inspecting import Answer
from kindline.quality.inspection_models import Correction, Inspection
from kindline.standard.inspections import Item
from kindline.standard.profile import Profile

PART = "X-Part"
PHOTO = "photo-"


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.EVERYBODY)
def one(request: HttpRequest, inspection: int) -> HttpResponseBase:
    """The checklist, by areas in the order in which one walks; whatever is typed is kept before anything else."""
    profile, post, found = _found(request, inspection)
    if request.method != "POST":
        return _page(request, profile, post, found)
    more = _refused(request, profile, post, found)
    if request.headers.get(PART):
        kept = {"kept": f"{house.local(post.now):%H:%M:%S}"}
        return JsonResponse({"said": more["refusal"]} if more else kept, status=409 if more else 200)
    if more:
        return _page(request, profile, post, _row_of(profile, found.pk), more)
    at = post.text("at")
    return redirect(request.path + (f"#i-{at}" if at.isidentifier() else ""))


def _refused(request: HttpRequest, profile: Profile, post: Post, found: Inspection) -> dict[str, Any]:
    """Do what the form asks; why it was refused, with what is missing by item, nothing where it was done."""
    try:
        said = _act(request, profile, post, found)
    except inspecting.UnansweredError as error:
        return {"refusal": refusals.message_of(error), "wrong": error.wrong}
    except RefusedError as error:
        return {"refusal": refusals.message_of(error)}
    return {"refusal": " ".join(said)} if said else {}


def _found(request: HttpRequest, key: int) -> tuple[Profile, Post, Inspection]:
    profile, post = house.profile(), post_of(request)
    if profile.inspections is None:
        raise Http404
    found = _row_of(profile, key)
    if not inspecting.may_see(profile, post.me, found):
        raise PermissionDenied
    return profile, post, found


def _row_of(profile: Profile, key: int) -> Inspection:
    rows = Inspection.objects.select_related("place__office__head", "place__head", "employee", "inspector", "repeats")
    return get_object_or_404(rows, pk=key, profile=profile.id)


def _act(request: HttpRequest, profile: Profile, post: Post, found: Inspection) -> list[str]:
    """Begin, keep, finish or put right; why photos were not taken. Raises: RefusedError."""
    verb, by = post.text("verb"), {"profile": profile, "inspection": found, "employee": post.me, "now": post.now}
    if verb == "begin":
        inspecting.begin(**by)  # type: ignore[arg-type] # four names
        return []
    if verb == "done":
        inspections.put_right(profile, post)
        return []
    if verb not in ("keep", "finish"):
        raise UnknownActError(verb)
    inspecting.keep(**by, answers=_answers(profile, post, found))  # type: ignore[arg-type] # four names
    said = _photos(request, profile, post, found)
    if verb == "finish" and not said:
        until = post.day("correct_until") if post.text("correct_until") else None
        inspecting.finish(**by, correct_until=until)  # type: ignore[arg-type] # four names
    return said


def _answers(profile: Profile, post: Post, found: Inspection) -> dict[str, Answer]:
    """What the form says of the items that it has."""
    return {
        item.id: Answer(post.text(f"v-{item.id}"), post.text(f"n-{item.id}"), post.text(f"c-{item.id}"))
        for item in inspecting.items_of(profile, found)
        if f"c-{item.id}" in post.typed
    }


def _photos(request: HttpRequest, profile: Profile, post: Post, found: Inspection) -> list[str]:
    large = Finding("application/octet-stream", "size")
    said = [file_words.refusal(RefusedFileError(one, large)) for one in arriving.cut_off(request)]
    known = {item.id for item in inspecting.items_of(profile, found)}
    for name in (one for one in request.FILES if one.startswith(PHOTO) and one.removeprefix(PHOTO) in known):
        for given in request.FILES.getlist(name):
            try:
                with arriving.upload_of(given, quota.employee(post.me), post.now) as upload:
                    inspecting.add_photo(
                        profile=profile, inspection=found, item=name.removeprefix(PHOTO), upload=upload,
                        employee=post.me, now=post.now,
                    )  # fmt: skip
            except FilesError as error:
                said.append(file_words.refusal(error, given.name or ""))
    return said


def _page(
    request: HttpRequest, profile: Profile, post: Post, found: Inspection, more: dict[str, Any] | None = None
) -> HttpResponseBase:
    wrong = (more or {}).get("wrong", {})
    context = {**_context(profile, post, found, wrong), **(more or {})}
    return render(request, "desk/inspection.html", context, status=422 if more else 200)


def _context(profile: Profile, post: Post, found: Inspection, wrong: dict[str, str]) -> dict[str, Any]:
    today, mine = post.now.astimezone(profile.zone).date(), found.inspector_id == post.me.pk
    may = found.is_open and inspecting.may_inspect(profile, found, post.me)
    areas = _areas(profile, found, wrong)
    rows = [row for area in areas for row in area["rows"]]
    related = Correction.objects.filter(inspection=found) | Correction.objects.filter(repetition=found)
    return {
        "inspection": found,
        "title": inspection_words.checklist_title(profile, found.checklist),
        "subject": inspection_words.subject_of(found),
        "areas": areas,
        "done": sum(bool(row["verdict"]) for row in rows),
        "of": len(rows),
        "met": sum(row["verdict"] == inspecting.MET for row in rows),
        "not_met": sum(row["verdict"] == inspecting.NOT_MET for row in rows),
        "is_late": found.is_open and found.due_on < today,
        "may_begin": may and not mine,
        "walks": may and mine,
        "correct_until": corrections.default_day(profile, post.now),
        "answerable": corrections.answerable(found.place),
        "corrections": [
            inspections.correction_row(profile, one, post.me, today)
            for one in related.select_related("inspection__place__office", "inspection__employee", "responsible")
        ],
        "is_sound": found.finished_at is None or found.sha256 == inspecting.seal(found),
    }


def _areas(profile: Profile, found: Inspection, wrong: dict[str, str]) -> list[dict[str, Any]]:
    answers, wanted = inspecting.answers_of(found), {item.id for item in inspecting.items_of(profile, found)}
    photos = _photos_of(answers)
    areas = []
    for area in inspecting.checklist_of(profile, found).areas:
        rows = [
            _row(profile, found, item, answers.get(item.id, Answer()), photos, wrong.get(item.id, ""))
            for item in area.items
            if item.id in wanted
        ]
        if rows:
            areas.append({"area": area, "title": house.titled(dict(area.title)), "rows": rows})
    return areas


def _photos_of(answers: dict[str, Answer]) -> dict[int, dict[str, Any]]:
    keys = [key for one in answers.values() for key in one.photos]
    rows = Attachment.objects.select_related("file").filter(owner_kind="inspection", pk__in=keys)
    return {one.pk: uploads.row_of(one) for one in rows}


def _row(
    profile: Profile, found: Inspection, item: Item, answer: Answer, photos: dict[int, dict[str, Any]], wrong: str
) -> dict[str, Any]:
    verdict = inspecting.verdict(item, answer)
    values = ["met", "not_met"] if item.answer == "look" else []
    values += ["not_applicable"] if item.may_not_apply else []
    return {
        "item": item,
        "look": item.words(house.language()),
        "language": inspection_words.language_of(profile),
        "shown": inspection_words.shown(profile, found.place, item.shows),
        "norm": inspection_words.norm(item),
        "unit": item.unit,
        "answer": answer,
        "choices": [(value, gettext(inspection_words.ANSWERS[value])) for value in values],
        "verdict": verdict,
        "seen": inspection_words.seen(item, answer, verdict),
        "photos": [photos[key] for key in answer.photos if key in photos],
        "wrong": gettext(inspection_words.MISSING[wrong]) if wrong else "",
    }


@require_safe
@access.for_roles(*access.EVERYBODY)
def act(request: HttpRequest, inspection: int) -> HttpResponseBase:
    """The act of a finished inspection as PDF: what was seen, by whom and when, what is to be put right."""
    profile, post, found = _found(request, inspection)
    if found.finished_at is None:
        raise Http404
    context = {**_context(profile, post, found, {}), "now": post.now, "me": post.me, "profile": profile}
    make = lambda: pdfs.made(render_to_string("desk/print_inspection.html", context, request))  # noqa: E731
    return printouts.made(request, make, f"inspection-{found.pk}", "inspection", found.pk)


def address_of(key: str) -> str:
    """Where an inspection that a verdict is about is shown."""
    return reverse("inspection", args=[int(key)])


def several(keys: list[str]) -> dict[str, str]:
    """What inspections are about, by key: for lists of verdicts."""
    rows = Inspection.objects.select_related("place__office", "employee").filter(pk__in=[int(key) for key in keys])
    return {str(row.pk): inspection_words.subject_of(row) for row in rows}
