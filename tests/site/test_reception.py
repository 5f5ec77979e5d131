"""The internet reception: what is asked becomes one appeal, the client learns number and term at once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals import wording
from kindline.appeals.models import Answer, Appeal
from kindline.conversations.models import Contact
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.site import queries
from kindline.site.models import Submission
from kindline.staff.models import Employee
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
clause = pytest.mark.clause
Site = Callable[..., Profile]
TYPED = {
    "kind": "complaint",
    "substance": "Батареи холодные третий день",
    "surname": "Ёлкин",
    "given_name": "Пётр",
    "patronymic": "Семёнович",
    "residence": "Самара, Садовая, 5",
    "phone": "8 927 111-22-33",
    "email": "elkin@example.com",
    "answer_by": "email",
    "consent": "on",
}


def key_on(page: Any) -> str:
    """The key that the empty form carries."""
    found = re.search(r'name="key" value="([0-9a-f-]{36})"', page.content.decode())
    assert found
    return found[1]


def sent(visitor: Browser, **typed: str) -> Any:
    """The form opened and sent."""
    key = key_on(visitor.get("/ask/"))
    return visitor.post("/ask/", {**TYPED, "key": key, **typed})


def test_a_form_that_is_opened_again_is_there_at_once(
    site: Site, visitor: Browser, django_assert_max_num_queries: Any
) -> None:
    """What it offers is the same for everybody for a minute: topics and kinds are not asked for anew."""
    site("krc")
    first = visitor.get("/ask/")
    with django_assert_max_num_queries(2):
        again = visitor.get("/ask/")
    assert key_on(first) != key_on(again)
    assert again.content.count(b"<option") == first.content.count(b"<option") > 10
    assert "Ask</textarea>" in visitor.get("/ask/?substance=Ask").content.decode()
    assert "Your question" in again.content.decode()
    assert "Your question" not in Browser(headers={"accept-language": "ru"}).get("/ask/").content.decode()


@clause("yumek-9.1-06")
def test_what_comes_by_the_site_stands_in_the_one_registry_of_the_contact_centre(site: Site, visitor: Browser) -> None:
    site("yumek")
    assert sent(visitor).status_code == 302
    made = Appeal.objects.get()
    assert (made.profile, made.substance) == ("yumek", TYPED["substance"])
    assert made.number
    assert Contact.objects.get().channel == "web"
    assert Fact.objects.filter(kind="contact_opened").count() == 1


def test_a_form_is_registered_by_statements_that_are_planned_once(
    site: Site, visitor: Browser, django_assert_max_num_queries: Any
) -> None:
    """Only the count of posts is planned anew; the registration is one statement, its own transaction."""
    site("krc")
    key = key_on(visitor.get("/ask/"))
    with django_assert_max_num_queries(1):
        assert visitor.post("/ask/", {**TYPED, "key": key}).status_code == 302
    assert Submission.objects.get(pk=key).appeal.number


@clause("krc-5.7.2-01", "krc-5.7.2-03", "krc-5.7.2-08", "krc-2-13", "krc-5.5.1-03", "yumek-8-03", "voe-8-04")
@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_what_is_asked_becomes_an_appeal_of_the_registry(site: Site, visitor: Browser, profile: str) -> None:
    standard = site(profile)
    answer = sent(visitor, kind="")
    assert answer.status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.channel, appeal.form, appeal.profile) == ("web", "electronic", profile)
    assert appeal.applicant == "Ёлкин Пётр Семёнович"
    assert appeal.limit_at is not None
    assert appeal.state == (standard.workflow.start if standard.workflow else "registered")
    assert "appeal_registered" in [fact.kind for fact in facts_of("contact", appeal.contact_id)]


@clause("krc-5.7.2-04", "krc-5.7.2-05", "krc-5.7.2-10", "krc-5.7.2-11", "krc-5.7.2-12")
def test_at_once_there_are_thanks_number_term_and_the_offer_to_ask_again(site: Site, visitor: Browser) -> None:
    standard = site("krc")
    page = visitor.get(sent(visitor).headers["Location"], headers={"accept-language": "ru"}).content.decode()
    appeal = Appeal.objects.get()
    assert "Спасибо за обращение!" in page
    assert "принят" in page
    assert appeal.number in page
    assert appeal.limit_at is not None
    assert f"не позднее {appeal.limit_at.astimezone(standard.zone):%d.%m.%Y}." in page
    assert 'href="/ask/"' in page
    assert queries.code_of(Submission.objects.get().pk) in page


def test_the_code_is_shown_in_the_browser_that_asked_and_to_nobody_else_who_has_the_address(
    site: Site, visitor: Browser
) -> None:
    """ASVS 14.2.1: an address stands in histories, and is passed on."""
    site("krc")
    place = sent(visitor).headers["Location"]
    code, number = queries.code_of(Submission.objects.get().pk), Appeal.objects.get().number
    assert code in visitor.get(place).content.decode()
    other = Browser(headers={"accept-language": "en"}).get(place).content.decode()
    assert code not in other
    assert number in other
    assert "if it is lost, call us" in other


@clause("krc-5.7.2-09", "krc-5.7.2-13")
def test_before_sending_it_is_said_what_is_consented_to_and_what_is_not_considered(
    site: Site, visitor: Browser
) -> None:
    site("krc")
    page = visitor.get("/ask/", headers={"accept-language": "ru"}).content.decode()
    for words in ("обработку и хранение", "передачу", "неполные", "недостоверные", "нецензурн", "оскорблени", "закона"):
        assert words in page, words


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"substance": "  "}, "substance", "Please fill this in."),
        ({"substance": "x" * 20_001}, "substance", "too long"),
        ({"email": "elkin@"}, "email", "name@example.com"),
        ({"email": ""}, "email", "choose another way"),
        ({"answer_by": "paper", "residence": ""}, "residence", "choose another way"),
        ({"consent": ""}, "consent", "Tick the box"),
        ({"website": "http://spam"}, "website", "Leave this field empty"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(
    site: Site, visitor: Browser, typed: dict[str, str], field: str, said: str
) -> None:
    site("krc")
    answer = sent(visitor, **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert f'href="#f-{field}"' in page
    assert f'id="f-{field}"' in page
    for kept in ("Ёлкин", "Самара") if field != "residence" else ("Ёлкин",):
        assert kept in page
    assert not Appeal.objects.exists()
    assert not Contact.objects.exists()


@clause("court-1-21", "court-1-22", "court-1-24")
def test_what_the_standard_requires_is_asked_on_the_site_too(site: Site, visitor: Browser) -> None:
    site("court")
    page = sent(visitor, surname="", patronymic="", none_patronymic="on").content.decode()
    assert 'href="#f-surname"' in page
    assert 'href="#f-patronymic"' not in page


@clause("court-1-21", "court-1-22", "court-1-24")
def test_what_the_standard_requires_is_told_with_everything_else_that_is_wrong(site: Site, visitor: Browser) -> None:
    site("court")
    answer = sent(visitor, surname="", substance="", email="elkin@", consent="")
    said = [one["field"] for one in answer.context["faults"]]
    assert said == ["substance", "surname", "email", "consent"], "as the fields follow each other"


def test_pressed_twice_and_sent_again_it_is_one_appeal_and_one_answer(site: Site, visitor: Browser) -> None:
    """W1: the answer was lost, the client presses again."""
    site("krc")
    key = key_on(visitor.get("/ask/"))
    places = {visitor.post("/ask/", {**TYPED, "key": key}).headers["Location"] for _ in range(3)}
    assert places == {f"/ask/{key}/"}
    assert Appeal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sent_twice_in_the_same_moment_it_is_one_appeal(site: Site) -> None:
    """W1: two lines of the same browser."""
    site("krc")
    key = str(uuid.uuid4())

    def send(_: int) -> tuple[int, str]:
        try:
            answer = Browser().post("/ask/", {**TYPED, "key": key})
            return answer.status_code, answer.headers.get("Location", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(4))) == {(302, f"/ask/{key}/")}
    assert Appeal.objects.count() == Submission.objects.count() == 1
    numbers = Appeal.objects.values_list("number", flat=True)
    assert len(set(numbers)) == 1


def test_a_flood_from_one_address_is_held_back_with_a_word_and_the_text_stays(site: Site, visitor: Browser) -> None:
    site("krc")
    for _ in range(queries.MOST_AN_HOUR):
        assert sent(visitor).status_code == 302
    answer = sent(visitor)
    assert answer.status_code == 429
    assert "kept here" in answer.content.decode()
    assert TYPED["substance"] in answer.content.decode()
    assert Appeal.objects.count() == queries.MOST_AN_HOUR
    assert Browser(REMOTE_ADDR="192.0.2.7").post("/ask/", TYPED).status_code == 302


def test_the_address_of_the_sender_is_not_kept_readable(site: Site, visitor: Browser) -> None:
    site("krc")
    sent(visitor)
    assert "127.0.0.1" not in str(list(Submission.objects.values_list("sender", flat=True)))


@clause("krc-5.7.3-08")
class TestState:
    def ask(self, visitor: Browser) -> Submission:
        sent(visitor)
        return Submission.objects.select_related("appeal").get()

    def seen(self, visitor: Browser, number: str, code: str) -> Any:
        return visitor.post("/status/", {"number": number, "code": code})

    def test_the_state_is_seen_at_once_by_number_and_code(self, site: Site, visitor: Browser) -> None:
        standard = site("krc")
        made = self.ask(visitor)
        code = queries.code_of(made.pk)
        for written in (code, code.lower(), code.replace("-", " "), f" {code} "):
            answer = self.seen(visitor, made.appeal.number, written)
            assert answer.status_code == 200
        page = answer.content.decode()
        assert wording.state_title(standard, made.appeal.state) in page.lower()
        assert "Complaint" in page

    def test_without_the_code_nothing_is_told(self, site: Site, visitor: Browser) -> None:
        site("krc")
        made = self.ask(visitor)
        other = queries.code_of(uuid.uuid4())
        for number, code in ((made.appeal.number, other), (made.appeal.number, ""), ("1", queries.code_of(made.pk))):
            answer = self.seen(visitor, number, code)
            assert answer.status_code == 404
            assert "Registered" not in answer.content.decode()

    def test_an_answer_is_shown_once_it_has_gone_out_and_not_before(self, site: Site, visitor: Browser) -> None:
        site("krc")
        made = self.ask(visitor)
        author = Employee.objects.create(username="author", number=7)
        answer = Answer.objects.create(appeal=made.appeal, text="Тепло вернули в четверг.", author=author)
        code = queries.code_of(made.pk)
        assert answer.text not in self.seen(visitor, made.appeal.number, code).content.decode()
        Answer.objects.update(sent_at=timezone.now())
        assert answer.text in self.seen(visitor, made.appeal.number, code).content.decode()


def test_the_language_and_the_large_view_are_remembered(site: Site, visitor: Browser) -> None:
    site("krc")
    visitor.get("/choose/", {"language": "uk", "next": "/ask/"})
    answer = visitor.get("/choose/", {"view": "large", "next": "/ask/"})
    assert answer.headers["Location"] == "/ask/"
    page = visitor.get("/ask/").content.decode()
    assert '<html lang="uk" class="large size-2 white spacing-1">' in page
