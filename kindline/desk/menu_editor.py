"""The editor of a menu's draft: the page, what it saves, the live check, and the sounds of its messages."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kindline.desk import access, faulting, house, menu, menu_versions, menu_words, reach
from kindline.desk.bodies import body_of, number_of, text_of
from kindline.standard import menu_changes, menu_drafts, menu_faults
from kindline.standard.menu_drafts import Content, UnreadableMenuError
from kindline.standard.menus import ACTIONS, Menu
from kindline.standard.shapes import LANGUAGES
from kindline.switchboard import in_force, menu_sounds, work
from kindline.switchboard import menu_versions as versions
from kindline.switchboard.menu_sounds import SoundRefusedError
from kindline.switchboard.menu_versions import MenuChangedError, MenuVersionError
from kindline.switchboard.models import MenuState, MenuVersion


@require_safe
@access.for_roles(*menu_versions.ROLES)
def one(request: HttpRequest, number: int) -> HttpResponseBase:
    """A version: a draft with the editor, any other with its tree as it is; `state.json` for the editor."""
    row = menu_versions.version_of(number)
    me = access.employee_of(request)
    said = menu_versions.about(row)
    may_edit = me.has_role(*access.RUNNING_IT)
    edits = row.state == MenuState.DRAFT and may_edit
    refused = versions.may_approve(house.profile(), row, me)
    state = _state(row)
    context = said | {
        "tab": "versions",
        "edits": edits,
        "may_edit": may_edit,
        "editor": {"state": state, "words": menu_words.editor(), "urls": _urls(number)} if edits else {},
        "checked": state,
        **({} if edits else menu.drawn(said["menu"], state["lengths"])),
        "why_not": menu_words.refusal(refused) if refused else "",
        "zone": str(house.profile().zone),
    }
    if edits:
        reach.may_hear(request)  # a message may be said into it
    return render(request, "desk/menu_version.html", context)


def _urls(number: int) -> dict[str, str]:
    return {
        "save": reverse("menu-save", args=[number]),
        "beside": reverse("menu-beside", args=[number]),
        "say": reverse("menu-say", args=[number]),
        "sound": reverse("menu-sound-new", args=[number]),
        "heard": reverse("menu-heard", args=[number]),
        "clause": reverse("clause", args=["CLAUSE"]),
        "versions": reverse("menu-versions"),
    }


def _state(row: MenuVersion) -> dict[str, Any]:
    """A version as the editor draws it: its content, what is wrong with it, how long each message is."""
    profile = house.profile()
    content, known = in_force.content_of_version(profile, row), in_force.menu_of_version(profile, row.number)
    if profile.menu is None or known is None:
        return {}
    durations = work.prompt_durations(profile, known)
    found = menu_faults.faults(content, profile, durations)
    here = house.local(row.changed_at)
    return {
        "number": row.number,
        "title": row.title,
        "revision": row.revision,
        "content": content,
        "faults": [_fault(faulting.told(fault, known)) for fault in found],
        "lengths": durations,
        "guessed": menu_faults.lengths(known, durations),
        "changed_at": f"{here:%H:%M:%S}" if here else "",
        "choices": _choices(profile.menu),
        "languages": list(LANGUAGES),
        "language": house.language(),
        "spoken": profile.language,
    }


def _fault(told: dict[str, Any]) -> dict[str, Any]:
    fault = told["fault"]
    plain = {name: told[name] for name in ("where", "what", "cure")}
    return plain | {"key": fault.key, "level": fault.level, "clause": fault.clause}


def _choices(own: Menu) -> dict[str, Any]:
    queues = [{"id": queue.id, "title": house.titled(queue.title)} for queue in own.queues.values()]
    options = [option for node in own.nodes.values() for option in node.options.values()]
    boxes = dict.fromkeys([*own.queues, *(one.target or "" for one in options if one.action == "voicemail")])
    return {
        "actions": [{"id": name, "title": menu_words.action_title(name)} for name in ACTIONS],
        "queues": queues,
        "boxes": [{"id": box, "title": menu_words.box_title(own, box)} for box in boxes if box],
        "services": menu_words.services(),
        "ends": menu_words.ends(),
        "keys": list(menu_drafts.KEYS),
    }


# --- what the page sends ---
@require_POST
@access.for_roles(*access.RUNNING_IT)
def save(request: HttpRequest, number: int) -> HttpResponseBase:
    """Keep the draft as it is on the page; 409 with what another has changed meanwhile."""
    row, body = menu_versions.version_of(number), body_of(request)
    try:
        content = menu_drafts.tidied(body.get("content"))
        kept = versions.save_menu_draft(
            version=row, profile=house.profile(), content=content, revision=number_of(body, "revision") or 0,
            employee=access.employee_of(request), now=timezone.now(), title=text_of(body, "title"),
        )  # fmt: skip
    except UnreadableMenuError:
        return _no(422, "unreadable")
    except MenuChangedError as error:
        return _changed(error.version, body)
    except MenuVersionError as error:
        return _no(409 if error.code == "not_draft" else 422, error.code)
    return JsonResponse(_state(kept))


def _changed(row: MenuVersion, body: dict[str, Any]) -> JsonResponse:
    """What the other did, as the difference from what this page began with."""
    state, known = _state(row), in_force.menu_of_version(house.profile(), row.number)
    try:
        began = menu_drafts.tidied(body.get("began"))
    except UnreadableMenuError:
        began = row.content
    found = menu_changes.differences(began, row.content) if known else []
    said = [menu_words.changed(one, known) for one in found] if known else []
    body_ = {"error": "changed", "by": str(row.changed_by or ""), "at": state["changed_at"], "changes": said}
    return JsonResponse(body_ | {"state": state}, status=409)


@require_POST
@access.for_roles(*access.RUNNING_IT)
def beside(request: HttpRequest, number: int) -> HttpResponseBase:
    """What somebody typed while another changed the draft becomes a draft of its own."""
    body = body_of(request)
    try:
        content: Content = menu_drafts.tidied(body.get("content"))
        made = versions.draft_menu(
            profile=house.profile(), based_on=number, content=content, title=text_of(body, "title"),
            employee=access.employee_of(request), now=timezone.now(),
        )  # fmt: skip
    except UnreadableMenuError:
        return _no(422, "unreadable")
    except MenuVersionError as error:
        return _no(422, error.code)
    return JsonResponse({"url": reverse("menu-version", args=[made.number])})


@require_POST
@access.for_roles(*access.RUNNING_IT)
def say(request: HttpRequest, number: int) -> HttpResponseBase:  # noqa: ARG001 - a view's shape
    """Let the voice say the messages of the saved draft that nobody has recorded; the draft with their lengths."""
    row, profile = menu_versions.version_of(number), house.profile()
    known = in_force.menu_of_version(profile, number)
    made = work.make_prompts(profile, known)
    if known and any(prompt.text and prompt.key not in made for prompt in known.prompts()):
        return _no(422, "no_voice")
    return JsonResponse(_state(row))


@require_POST
@access.for_roles(*access.RUNNING_IT)
def keep_sound(request: HttpRequest, number: int) -> HttpResponseBase:
    """Keep a recording that was uploaded or spoken into the microphone; its hash goes into the draft."""
    menu_versions.version_of(number)
    file = request.FILES.get("sound")
    if file is None or (file.size or 0) > menu_sounds.SIZE_MAX:
        return _no(422, "no_sound_file" if file is None else "large")
    try:
        made = menu_sounds.keep_sound(
            profile=house.profile(), content=file.read(), way=request.POST.get("way", ""), name=file.name or "",
            employee=access.employee_of(request), now=timezone.now(),
        )  # fmt: skip
    except SoundRefusedError as error:
        return _no(422, "no_sound_file" if error.code == "no_sound" else error.code)
    return JsonResponse({"sound": made.sha256, "seconds": made.duration_s})


@require_safe
@access.for_roles(*menu_versions.ROLES)
def heard(request: HttpRequest, number: int) -> HttpResponseBase:
    """The sound of a message (`key`) of a version as callers hear it. Raises: Http404 where it is not made yet."""
    profile = house.profile()
    path = work.prompt_files(profile, in_force.menu_of_version(profile, number)).get(request.GET.get("key", ""))
    if path is None:
        raise Http404
    answer: HttpResponse | FileResponse = FileResponse(path.open("rb"), content_type="audio/wav")
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _no(status: int, code: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": menu_words.refusal(code)}, status=status)
