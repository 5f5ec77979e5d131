"""Every operation against its own OpenAPI document, with every set of scopes (fault W2): no 5xx, no drift."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest
import requests
import schemathesis
from django.test import Client as Browser
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from urllib3.response import HTTPResponse

from kindline.api.rest import api
from kindline.readings.models import Reading
from kindline.staff.models import Employee, Role, Scope
from tests.api.calling import Program, program, somebody
from tests.readings.conftest import account_of, meter

SCOPES = {
    "all": [*Scope.values],
    "create": [Scope.CREATE.value],
    "read": [Scope.READ.value],
    "write": [Scope.WRITE.value],
    "webhooks": [Scope.WEBHOOKS.value],
}
READING = {"account": "1234567", "meter": "E-1", "zone": "", "taken_on": "2026-03-20"}
EXAMPLES = {"all": 60}
SEED = 20261128
schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"))))
CHECKS: list[Any] = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def operations() -> list[Any]:
    """Every operation of the document."""
    found: list[Any] = [*schema.get_all_operations()]
    return [one.ok() for one in found]


@pytest.mark.db
@pytest.mark.parametrize("scopes", SCOPES)
@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.label)
def test_it_keeps_to_its_document(operation: Any, scopes: str, clerk: Employee) -> None:
    asked = program(clerk, *SCOPES[scopes])
    own = asked.post().json().get("id", 1) if "appeals:create" in asked.token.scopes else 1
    given = operation.as_strategy()

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=EXAMPLES.get(scopes, 8), deadline=None, database=None, derandomize=False,
        suppress_health_check=[*hypothesis.HealthCheck],
    )  # fmt: skip
    @hypothesis.given(case=given, own=hypothesis.strategies.booleans())
    def ask(case: Any, own: bool) -> None:
        if own:
            _make_fit(case, here)
        case.headers["Authorization"] = f"Bearer {asked.text}"
        answer = _sent(case)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    here, statuses = own, set[int]()
    if "/readings" in operation.path:
        _meter(asked)
    ask()
    if scopes == "all":
        assert statuses & {200, 201} or operation.method == "delete", "the test must get through, too"


def _meter(asked: Program) -> None:
    """A meter, and a reading that was asked back of this program."""
    meter(account_of("1234567"), "E-1", "kWh", 5, [""])
    asked.post("/api/v1/readings", READING | {"value": "1000", "taken_on": "2026-03-19"})
    asked.post("/api/v1/readings", READING | {"value": "5"})


def _waiting() -> int:
    """A reading that waits for an answer, again and again."""
    Reading.objects.filter(value=5).update(state="asked_back")
    found = Reading.objects.filter(value=5).first()
    return found.pk if found else 1


def _make_fit(case: Any, here: int) -> None:
    """Let a case come further: an appeal that is there, choices that the standard knows."""
    if "appeal" in case.path_parameters:
        case.path_parameters["appeal"] = here
    if "reading" in case.path_parameters:
        case.path_parameters["reading"] = _waiting()
    if isinstance(case.body, dict) and "meter" in case.body:
        case.body |= READING | {"value": str(1000 + Reading.objects.count())}
    if isinstance(case.body, dict) and "url" in case.body:
        case.body["url"] = "https://city.example/hook"
    if isinstance(case.body, dict) and "kind" in case.body:
        case.body |= {"kind": "application"}
        for name in ("other_kinds", "subject", "topic", "earlier", "sent_at", "received_at", "in_court"):
            case.body.pop(name, None)


def _sent(case: Any) -> requests.Response:
    """The case sent through Django's own client, within the test's transaction."""
    wire = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
    parts = urlsplit(str(wire.url))
    headers = {name: str(value) for name, value in wire.headers.items() if name != "Content-Length"}
    body = wire.body.encode() if isinstance(wire.body, str) else wire.body or b""
    browser = Browser(raise_request_exception=False)
    answer = browser.generic(
        str(wire.method), parts.path, body, headers.get("Content-Type", ""), headers=headers, QUERY_STRING=parts.query
    )  # fmt: skip
    told = requests.Response()
    told.status_code, told._content, told.request = answer.status_code, answer.content, wire
    told.headers.update(dict(answer.items()))
    told.elapsed, told.url = dt.timedelta(milliseconds=1), str(wire.url)
    told.raw = HTTPResponse(
        io.BytesIO(answer.content), headers=dict(answer.items()), status=answer.status_code, version=11
    )
    return told


@pytest.mark.db
@pytest.mark.parametrize("role", [*Role.values])
@pytest.mark.parametrize("operation", operations(), ids=lambda one: one.label)
def test_every_role_is_let_in_or_told_why_not(operation: Any, role: str) -> None:
    """The roles of the desk's registry are let in (whatever comes then), the administrator is not."""
    asked = program(somebody("one", role))
    answer = _asked(asked, operation)
    closed = role == Role.ADMINISTRATOR
    assert (answer.status_code == 403) == closed, answer.content
    assert answer.status_code < 500


def _asked(asked: Program, operation: Any) -> Any:
    path = f"/api/v1{operation.path.removeprefix('/api/v1')}"
    for name in ("appeal", "reading", "subscription"):
        path = path.replace(f"{{{name}}}", "1")
    if operation.method.upper() == "GET":
        return asked.get(path)
    if operation.method.upper() == "DELETE":
        return asked.browser.delete(path, headers=asked._headers())
    return asked.post(path, {})


def test_every_operation_is_met_by_the_matrix_of_rights() -> None:
    """A new operation must be added to tests/api/test_rights.py: what is open to whom is said there in full."""
    from tests.api.test_rights import VERBS  # the matrix

    assert {one.label.replace("/api/v1", "") for one in operations()} == set(VERBS)
