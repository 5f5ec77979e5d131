"""Every refusal as a problem (RFC 9457): what is wrong, what to do, by which clause, in the caller's language."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from kindline.conversations.errors import MissingFieldsError, RefusedError
from kindline.files.errors import BusyError, FilesError, OverQuotaError, RefusedFileError, TooManyFilesError
from kindline.readings.errors import ReadingsError
from kindline.standard import loader

MEDIA_TYPE = "application/problem+json"
TITLES: Mapping[str, tuple[int, str]] = {
    "unauthorized": (401, _("Send a valid token: Authorization: Bearer kl_…")),
    "token_expired": (401, _("The token has expired: ask the administrator for a new one.")),
    "token_revoked": (401, _("The token was revoked: ask the administrator for a new one.")),
    "scope_missing": (403, _("The token does not cover this: ask the administrator for one with the scope named.")),
    "role_missing": (403, _("The owner of the token does not work with appeals: ask the administrator.")),
    "not_found": (404, _("There is no such thing, or it is not open to this token.")),
    "no_such_address": (404, _("There is nothing at this address: see /api/v1/docs.")),
    "method": (405, _("This cannot be done at this address: see the methods allowed.")),
    "not_json": (400, _("The body is not JSON in UTF-8: correct it and send it again.")),
    "key_missing": (400, _("Send an Idempotency-Key of 1 to 255 printable signs: one for each thing to be done.")),
    "too_large": (413, _("The body is too large: shorten it.")),
    "not_a_form": (400, _("The body is not a form with a file: send multipart/form-data with the field file.")),
    "file_large": (413, _("The file is too large: make it smaller, or divide it.")),
    "file_refused": (422, _("The file cannot be taken for the reason named: send a PDF, a picture or a document.")),
    "file_many": (409, _("The appeal has as many files as it may have.")),
    "file_quota": (
        429,
        _(
            "The token has given as many files as it may in a day or a year: send the same again when Retry-After is "
            "over, or ask the administrator for a higher quota."
        ),
    ),
    "photo_many": (409, _("The reading has as many photos as it may have.")),
    "file_busy": (503, _("Many files are being looked at: send the same again when Retry-After is over.")),
    "file_store": (503, _("Files cannot be kept now: send the same again with the same key in some minutes.")),
    "key_reused": (422, _("This Idempotency-Key was used for another body: take a new key.")),
    "key_in_use": (409, _("The same request is being carried out: ask again in a second with the same key.")),
    "stale": (412, _("Somebody has changed the appeal since you read it: read it again, then decide.")),
    "not_a_revision": (400, _("If-Match is not an ETag that we gave: read the appeal again.")),
    "invalid": (422, _("Correct the fields named and send it again with the same key.")),
    "missing_fields": (422, _("The standard requires more: fill in the fields named and send it again.")),
    "media_url": (
        422,
        _(
            "Files are not fetched from media_url: register the request without it, then send each file to "
            "/api/v1/appeals/{service_request_id}/attachments."
        ),
    ),
    "origin": (422, _("Webhooks go only to origins that the administrator has named: ask him to add yours.")),
    "unknown_kind": (422, _("The standard knows no such kind of appeal: choose one of those named.")),
    "barred_kind": (422, _("What is before a court is not registered as a complaint: choose another kind.")),
    "reachable": (422, _("There are contact data: name the kind of applicant, or leave them out.")),
    "empty_text": (422, _("Fill in the text.")),
    "wrong_state": (409, _("The appeal has left the registry or stands otherwise: read it; register a new one.")),
    "refused": (409, _("The standard does not allow this now.")),
    "reading_refused": (422, _("This cannot be a reading of that meter: correct it and send it with a new key.")),
    "settled": (409, _("The reading does not wait for an answer any more.")),
    "too_many": (429, _("Too many requests for this token: wait as long as Retry-After says.")),
    "unavailable": (503, _("The database does not answer: send the same again with the same key in some seconds.")),
}
NEEDED = _("Fill it in.")
CHOOSE = _("Choose one of: %(choices)s.")


@dataclass
class ProblemError(Exception):
    """A refusal by its code; `errors` says which fields are meant, `headers` go along."""

    code: str
    errors: list[dict[str, Any]] = field(default_factory=list)
    clauses: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


def answer(request: HttpRequest, problem: ProblemError) -> HttpResponse:
    """The refusal as it is sent."""
    status, title = TITLES[problem.code]
    body = {
        "type": f"urn:kindline:problem:{problem.code}",
        "title": gettext(title),
        "status": status,
        "instance": request.path,
        "code": problem.code,
        **({"errors": problem.errors} if problem.errors else {}),
        **({"clauses": clauses_of(problem.clauses)} if problem.clauses else {}),
        **problem.more,
    }
    made = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
    for name, value in problem.headers.items():
        made[name] = value
    return made


def of_refusal(error: RefusedError) -> ProblemError:
    """What the standard or the state of an appeal does not allow."""
    code = error.code if error.code in TITLES else "refused"
    if isinstance(error, MissingFieldsError):
        errors = [wrong(name, gettext(NEEDED), clauses) for name, clauses in error.missing.items()]
        return ProblemError("missing_fields", errors, error.clauses)
    return ProblemError(code, clauses=tuple(error.clauses))


def of_file(error: FilesError) -> ProblemError:
    """Why a file was not taken."""
    if isinstance(error, RefusedFileError):
        more = {"reason": error.finding.reason, "media_type": error.finding.media_type}
        return ProblemError("file_large" if error.finding.reason == "size" else "file_refused", more=more)
    if isinstance(error, OverQuotaError):
        wait_s = math.ceil((error.again_at - timezone.now()).total_seconds())
        return ProblemError("file_quota", headers={"Retry-After": str(max(1, wait_s))})
    if isinstance(error, BusyError):
        return ProblemError("file_busy", headers={"Retry-After": str(error.again_s)})
    return ProblemError("file_many" if isinstance(error, TooManyFilesError) else "file_store")


def of_readings(error: ReadingsError) -> ProblemError:
    """Why readings were not taken."""
    return ProblemError(error.code if error.code in TITLES else "refused")


def of_fields(found: Iterable[Mapping[str, Any]]) -> ProblemError:
    """What the schema does not let pass: each field by its way from the body, the query or the headers."""
    errors = []
    for one in found:
        place, *way = [str(part) for part in one["loc"]]
        name = ".".join(part for part in way if part not in ("payload", "asked"))
        errors.append(wrong(name or place, str(one["msg"])))
    return ProblemError("invalid", errors)


def wrong(name: str, message: str, clauses: Iterable[str] = ()) -> dict[str, Any]:
    """A field and what to do about it."""
    named = {"clauses": list(clauses)} if clauses else {}
    return {"field": name, "detail": message, **named}


def choose(name: str, choices: Iterable[str]) -> dict[str, Any]:
    """A field that must be one of these."""
    return wrong(name, gettext(CHOOSE) % {"choices": ", ".join(choices)})


def clauses_of(ids: Iterable[str]) -> list[dict[str, str]]:
    """The clauses that stand behind it, in the caller's language as far as the standard has it."""
    known = loader.load(settings.KINDLINE["profile"]).clauses
    language = get_language() or "en"
    found = []
    for one in dict.fromkeys(ids):
        clause = known.get(one)
        text = "" if clause is None else clause.text_en if language.startswith("en") else clause.text
        found.append({"id": one, "text": text})
    return found
