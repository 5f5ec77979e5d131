"""The API as a whole: its operations, its OpenAPI document, and how its refusals are told."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from kindline.api import appeals, attachments, problems, readings, subscriptions
from kindline.api.problems import ProblemError
from kindline.conversations.errors import RefusedError
from kindline.files import arriving, limits
from kindline.files.errors import FilesError
from kindline.readings.errors import ReadingsError

log = logging.getLogger(__name__)


class Api(NinjaAPI):
    """Ninja, with refusals as problems in its document too."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The OpenAPI document: whatever is refused is a problem (RFC 9457)."""
        found = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        for operations in found["paths"].values():
            for operation in operations.values():
                for status, told in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in told.get("content", {}):
                        told["content"] = {problems.MEDIA_TYPE: told["content"]["application/json"]}
        return found


api = Api(title="Kindline", version="1", urls_namespace="api-1", docs_url="/docs", openapi_url="/openapi.json")
api.add_router("/appeals", appeals.router)
api.add_router("/appeals", attachments.router)
api.add_router("/readings", readings.router)
api.add_router("/webhooks", subscriptions.router)


@api.exception_handler(ProblemError)
def _problem(request: HttpRequest, error: ProblemError) -> HttpResponse:
    return problems.answer(request, error)


@api.exception_handler(RefusedError)
def _refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
    return problems.answer(request, problems.of_refusal(error))


@api.exception_handler(ReadingsError)
def _readings(request: HttpRequest, error: ReadingsError) -> HttpResponse:
    return problems.answer(request, problems.of_readings(error))


@api.exception_handler(FilesError)
def _file(request: HttpRequest, error: FilesError) -> HttpResponse:
    return problems.answer(request, problems.of_file(error))


@api.exception_handler(MultiPartParserError)
def _not_a_form(request: HttpRequest, _error: MultiPartParserError) -> HttpResponse:
    return problems.answer(request, ProblemError("not_a_form"))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    if arriving.cut_off(request):
        return problems.answer(request, ProblemError("file_large", more={"bytes_max": limits.size_max()}))
    return problems.answer(request, problems.of_fields(error.errors))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    code = {400: "not_json", 401: "unauthorized", 404: "not_found"}.get(error.status_code, "refused")
    return problems.answer(request, ProblemError(code))


@api.exception_handler(Http404)
def _absent(request: HttpRequest, _error: Http404) -> HttpResponse:
    return problems.answer(request, ProblemError("not_found"))


@api.exception_handler(SuspiciousOperation)
def _suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    return problems.answer(request, ProblemError("too_large" if isinstance(error, RequestDataTooBig) else "not_json"))


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _database_down(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("a request could not be carried out: %s", error)
    return problems.answer(request, ProblemError("unavailable", headers={"Retry-After": "5"}))
