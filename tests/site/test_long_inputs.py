"""What is far too long is refused by its length, unread, in every public form: nobody waits for others' megabytes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from kindline.appeals import lookup
from kindline.appeals.models import Appeal
from kindline.site import form
from kindline.standard.profile import Profile
from tests.site.test_reception import TYPED

pytestmark = pytest.mark.db
Site = Callable[..., Profile]
LONG = 300_000
NASTY = ("a@" + "." * LONG + " b", "a" * LONG, "1 " * (LONG // 2), "@" * LONG, "+7" + "(" * LONG, "\u0301" * LONG)
"""Over any of them a search that goes back and forth would not come to its end within a test's time."""
FORMS = {
    "/ask/": ("substance", *form.LONGEST_LINES, "topic", "subject", "service", "kind", "answer_by"),
    "/meeting/": ("surname", "given_name", "patronymic", "phone", "email", "matter", "starts_at"),
    "/consultation/": ("surname", "given_name", "phone", "email", "problem", "way", "subject", "starts_at", "centre"),
    "/callback/": ("phone", "name", "when", "topic"),
    "/notices/ask/": ("to", "street", "house", "topics"),
    "/readings/": ("account", "meter", "value", "zone", "taken_on"),
    "/status/": ("number", "code", "text"),
    "/account/enter/": ("email", "password"),
    "/account/register/": ("email", "number", "amount"),
    "/account/letter/": ("email",),
    "/account/code/": ("code",),
}


@pytest.mark.parametrize("nasty", NASTY, ids=["dots", "letters", "figures", "ats", "brackets", "marks"])
@pytest.mark.parametrize("path", FORMS)
def test_whatever_is_written_into_a_public_form_is_answered_and_keeps_nothing(
    site: Site, visitor: Browser, path: str, nasty: str
) -> None:
    site("krc")
    typed = dict.fromkeys(FORMS[path], nasty) | {"consent": "on", "key": str(uuid.uuid4())}
    assert visitor.post(path, typed).status_code < 500
    assert not Appeal.objects.exists()


@pytest.mark.parametrize("field", form.LONGEST_LINES)
def test_a_line_of_the_reception_has_an_end(site: Site, visitor: Browser, field: str) -> None:
    """What is said at the field, and all that was typed is still there."""
    site("krc")
    long = "я" * (form.LONGEST_LINES[field] + 1)
    answer = visitor.post("/ask/", {**TYPED, "key": str(uuid.uuid4()), field: long})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in page
    assert f'id="f-{field}"' in page
    assert long in page
    assert not Appeal.objects.exists()


@pytest.mark.parametrize(
    ("written", "is_one"),
    [("elkin@example.com", True), ("пётр@почта.рф", False), ("a@b", False), ("a@" + "b" * 260 + ".com", False)],
)
def test_an_address_is_what_a_letter_can_go_to(written: str, is_one: bool) -> None:
    assert form.is_address(written) is is_one


def test_what_an_appeal_is_found_by_is_taken_of_the_beginning_of_a_line(db: None) -> None:
    """Whichever way it came: a program may send what a form refuses."""
    appeal = Appeal(profile="krc", surname="ёлкин " + "икс" * LONG, residence="садовая " + "7" * LONG, number="1/1")
    found: Any = lookup.words_of(appeal)
    assert {"елкин", "садовая"} <= found
    assert max(map(len, found)) <= lookup.LINE_MAX
