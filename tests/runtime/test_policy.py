"""What browsers are told with every answer: where code comes from, whom a page may talk to, which senses it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.test import RequestFactory

from kindline.desk import reach
from kindline.runtime import policy
from kindline.staff.models import Employee, Role
from tests.desk.conftest import employee, house, krc, operator, switchboard

__all__ = ["house", "krc", "operator", "switchboard"]


def told(answer: Any) -> dict[str, list[str]]:
    """The policy of an answer, directive by directive."""
    parts = [one.split() for one in answer.headers[policy.CSP].split(";")]
    return {name: words for name, *words in parts}


def answered(path: str, view: Callable[[Any], HttpResponse] | None = None) -> HttpResponse:
    """An answer through the middleware alone."""
    found = policy.Policy(view or (lambda _: HttpResponse("x")))(RequestFactory().get(path))
    assert isinstance(found, HttpResponse)
    return found


@pytest.mark.parametrize("path", ["/", "/desk/", "/account/", "/login/", "/no-such-page/", "/apis/"])
def test_nothing_runs_but_what_is_ours(path: str) -> None:
    found = told(answered(path))
    assert found["default-src"] == ["'self'"]
    assert found["object-src"] == found["base-uri"] == found["frame-ancestors"] == ["'none'"]
    assert found["form-action"] == ["'self'"]
    assert "unsafe" not in answered(path).headers[policy.CSP]


@pytest.mark.parametrize("path", ["/api/v1/appeals", "/open311/v2/requests.json", "/api/"])
def test_answers_to_programs_load_nothing(path: str) -> None:
    assert told(answered(path)) == {"default-src": ["'none'"], "frame-ancestors": ["'none'"]}


@pytest.mark.parametrize(
    ("path", "scripts", "styles"),
    [("/cms/pages/", "'self' 'unsafe-inline' 'unsafe-eval'", "'self' 'unsafe-inline'"),
     ("/admin/", "", "'self' 'unsafe-inline'"), ("/api/v1/docs", "", "'self' 'unsafe-inline'")],
)  # fmt: skip
def test_editors_of_others_get_what_they_need_and_no_more(path: str, scripts: str, styles: str) -> None:
    found = told(answered(path))
    assert " ".join(found.get("script-src", [])) == scripts
    assert " ".join(found["style-src"]) == styles
    assert found["frame-ancestors"] == found["object-src"] == ["'none'"]


def test_a_page_talks_to_whom_its_view_has_told_it_and_to_nobody_else() -> None:
    def view(request: Any) -> HttpResponse:
        reach.may_reach(request, "http://127.0.0.1:8001/events?x=1")
        reach.may_reach(request, "ws://127.0.0.1:8088/ws")
        reach.may_reach(request, "ws://127.0.0.1:8088/other")
        return HttpResponse("x")

    assert told(answered("/", view))["connect-src"] == ["'self'", "http://127.0.0.1:8001", "ws://127.0.0.1:8088"]
    assert "connect-src" not in told(answered("/"))


def test_an_answer_that_says_more_keeps_its_word() -> None:
    strict = answered("/", lambda _: HttpResponse("x", headers={policy.CSP: "sandbox"}))
    assert strict.headers[policy.CSP] == "sandbox"


def test_only_a_page_that_says_so_hears() -> None:
    def view(request: Any) -> HttpResponse:
        reach.may_hear(request)
        return HttpResponse("x")

    assert "microphone=(self)" in answered("/", view).headers[policy.PERMISSIONS]
    quiet = answered("/").headers[policy.PERMISSIONS]
    assert all(f"{sense}=()" in quiet for sense in ("microphone", "camera", "geolocation"))


@pytest.mark.db
def test_pages_of_the_desk_carry_it_and_the_phone_s_page_alone_hears(
    krc: Any, operator: Employee, client: Browser
) -> None:
    client.force_login(operator)
    page = client.get("/desk/")
    assert page.status_code == 200
    assert "microphone=(self)" in page.headers[policy.PERMISSIONS]
    assert any(one.startswith("http://testserver:") for one in told(page)["connect-src"])
    client.force_login(employee("head", Role.SUPERVISOR))
    floor = client.get("/desk/floor/", follow=True)
    assert "microphone=()" in floor.headers[policy.PERMISSIONS]
    assert floor.headers["X-Content-Type-Options"] == "nosniff"
    assert floor.headers["Referrer-Policy"] == "same-origin"
    assert floor.headers["X-Frame-Options"] == "DENY"
