"""A document as everybody gets it, and the page on which those who answer for an item put its documents."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from kindline.files import arriving, handing, limits, quota
from kindline.files.errors import FilesError, OverQuotaError
from kindline.files.stores import store
from kindline.site import documents, file_words, form, here, keeping, shelf, uploads
from kindline.site.document_models import PublishedDocument
from kindline.site.documents import NoTitleError
from kindline.site.models import ItemPage
from kindline.staff.models import Employee

FIELD = "file"
ACCEPTED = ".pdf,.docx,.xlsx,.odt,.ods,.rtf,.txt"
"""What the browser's dialogue offers first; what is taken is decided by content."""


@require_safe
def one(request: HttpRequest, key: int) -> HttpResponseBase:
    """The document, to be saved under its name: nothing of it is shown or run in our name (ASVS 5.4.1, 5.4.2).

    It is the same for everybody, so caches may keep it like a page. Clause: krc-5.7.1-27.
    """
    row = get_object_or_404(PublishedDocument.objects.given(), pk=key)
    mark = f'"{row.attachment.file.sha256[:32]}"'
    kept: HttpResponseBase | None = get_conditional_response(request, etag=mark)
    answer = kept or _saved(row)
    answer.headers["Cache-Control"], answer.headers["ETag"] = shelf.PUBLIC, mark
    return answer


def _saved(row: PublishedDocument) -> HttpResponseBase:
    try:
        content = store().opened(row.attachment.file.sha256)
    except FilesError as error:
        raise Http404(row.pk) from error
    return handing.closed(content, row.attachment.file, inline=False)


@require_http_methods(["GET", "HEAD", "POST"])
@keeping.for_reviewers
def several(request: HttpRequest, slot: str) -> HttpResponseBase:
    """The documents of an item: more are put there, others taken away."""
    page = get_object_or_404(ItemPage.objects.exclude(slot=""), slot=slot)
    if request.method != "POST":
        return _shown(request, page)
    said = _withdrawn(request, page) if request.POST.get("drop") else _published(request, page)
    return _shown(request, page, said) if said else redirect("documents", slot=slot)


def _published(request: HttpRequest, page: ItemPage) -> str:
    """Why nothing was published; empty where it was."""
    given, large = request.FILES.get(FIELD), uploads.too_large(request)
    if given is None:
        return large[0] if large else gettext("Choose a file.")
    me, now = _me(request), timezone.now()
    try:
        with arriving.upload_of(given, quota.employee(me), now) as upload:
            documents.publish(
                page=page, title=request.POST.get("title", ""), upload=upload, employee=me, now=now
            )  # fmt: skip
    except NoTitleError:
        return gettext("Give the document a title: it is found by it.")
    except OverQuotaError:
        return gettext("As many files came from you as one employee may give in a day: publish this one tomorrow.")
    except FilesError as error:
        return file_words.refusal(error, given.name or "")
    messages.success(request, gettext("The document is on the page."))
    return ""


def _withdrawn(request: HttpRequest, page: ItemPage) -> str:
    row = get_object_or_404(documents.of(page), pk=form.row_key(request.POST["drop"]))
    documents.withdraw(document=row, employee=_me(request), now=timezone.now())
    messages.success(request, gettext("The document was taken away."))
    return ""


def _me(request: HttpRequest) -> Employee:
    return cast(Employee, request.user)


def _shown(request: HttpRequest, page: ItemPage, said: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "page": page, "said": said, "typed": request.POST.get("title", ""), "accept": ACCEPTED,
        "mb": limits.size_max() // 2**20, "written_in": here.profile().language,
        "rows": [_row(one) for one in documents.of(page)],
    }  # fmt: skip
    return render(request, "site/documents.html", context, status=422 if said else 200)


def _row(document: PublishedDocument) -> dict[str, Any]:
    file = document.attachment.file
    return {"document": document, "file": file, "told": file_words.state_of(file)}
