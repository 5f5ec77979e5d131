"""The API's addresses; whatever lies beside them is refused in the API's way too."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt

from kindline.api import problems
from kindline.api.problems import ProblemError
from kindline.api.rest import api

View = Callable[..., HttpResponseBase]


def _told(view: View) -> View:
    """The view, with a method that it does not know refused as a problem."""

    @wraps(view)
    def told(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        if answer.status_code != 405:
            return answer
        return problems.answer(request, ProblemError("method", headers={"Allow": answer.get("Allow", "")}))

    return told


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    """An address that we do not have."""
    return problems.answer(request, ProblemError("no_such_address"))


operations, app, namespace = api.urls
for pattern in operations:
    if isinstance(pattern, URLPattern):
        pattern.callback = _told(pattern.callback)

urlpatterns = [path("v1/", (operations, app, namespace)), re_path(r"", nowhere)]
