"""Letters on paper that are printed together: the print queue in one file, and that file once more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kindline.correspondence import print_queue
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.models import PrintBatch
from kindline.desk import access, file_words, house, mail, mail_words
from kindline.desk.wording import titled
from kindline.files.errors import FilesError


@require_POST
@access.for_roles(*mail.ROLES)
def print_all(request: HttpRequest) -> HttpResponseBase:
    """The print queue in one file; after a fault all of it waits still."""
    me, now = access.employee_of(request), timezone.now()
    return _file(request, lambda: print_queue.print_waiting(profile=house.profile(), employee=me, now=now), now)


@require_safe
@access.for_roles(*mail.ROLES)
def again(request: HttpRequest, batch: int) -> HttpResponseBase:
    """The file of letters that were printed together, where it got lost on its way to the paper."""
    found = get_object_or_404(PrintBatch, pk=batch)
    return _file(request, lambda: print_queue.print_again(batch=found, profile=house.profile()), found.made_at)


def _file(request: HttpRequest, make: Callable[[], bytes], made_at: dt.datetime) -> HttpResponseBase:
    """The file; where there is none, the page of the queue, with the reason."""
    content = b""
    try:
        content = make()
    except CorrespondenceError as error:
        messages.error(request, titled(mail_words.REFUSALS, error.code))
    except FilesError as error:
        messages.error(request, file_words.refusal(error))
    if not content:
        return redirect(f"{reverse('papers')}?direction=out&state=to_print")
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="letters-{house.local(made_at):%Y-%m-%d-%H%M}.pdf"'
    return answer
