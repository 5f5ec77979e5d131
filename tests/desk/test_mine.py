"""An executor's own desk by its page: where he lands, what leads where, a head's unit, the choice of e-mail."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Page, expect

from kindline.appeals import answering, enquiries, notices, reasons, talking, undertakings
from kindline.appeals.models import Answer, Appeal, JoinedLetter, Measure
from kindline.conversations.models import Callback, Contact
from kindline.correspondence.models import Outgoing, Thread
from kindline.desk import navigation
from kindline.staff.models import Employee, MailWish, Role
from tests.appeals.registry import Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere, comes_true
from tests.desk.test_registry import _as, here

window, open_as = test_screen.window, test_screen.open_as
__all__ = ["here"]
clause = pytest.mark.clause
DAY = dt.timedelta(days=1)


def _page(browser: Browser, address: str = "/desk/mine/") -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def _fill(here: Registry) -> dict[str, Appeal]:
    """Something of everything for the specialist; only what cannot depend on the hour of the day."""
    executor, head, now = here.people["specialist"], here.people["unit_head"], here.now
    made = {name: here.at("assigned") for name in ("overdue", "later")}
    Answer.objects.filter(appeal__in=made.values()).delete()
    Appeal.objects.filter(pk=made["overdue"].pk).update(limit_at=now - 5 * DAY)
    made["back"], made["draft"], made["sent"] = here.at("draft"), here.at("draft"), here.at("sent")
    answering.submit_answer(appeal=made["back"], employee=executor, now=now)
    answering.send_back(appeal=made["back"], reason="нет суммы перерасчёта", employee=head, now=now)
    made["web"] = here.at("assigned", channel="web")
    said = {"text": "Счёт пришёл снова", "key": uuid.uuid4(), "draft": "", "is_reply": False}
    talking.receive_message(appeal=made["web"], now=now, **said)  # type: ignore[arg-type] # a form's values
    _lost(made["sent"], executor, now)
    Measure.objects.create(
        appeal=made["later"], title="Поверить прибор", responsible=executor, due_on=(now - 3 * DAY).date(),
        planned_at=now,
    )  # fmt: skip
    enquiries.enquire(
        appeal=made["later"], to="Жилищная инспекция", text="Пришлите акт", due_on=(now + 9 * DAY).date(),
        employee=executor, now=now,
    )  # fmt: skip
    contact = Contact.objects.create(profile="krc", version="1", channel="phone", started_at=now)
    Callback.objects.create(
        contact=contact, employee=executor, name="Пётр Семёнович", phone="+79271112240", matter="Перерасчёт",
        promised_at=now, due_at=now - DAY,
    )  # fmt: skip
    return made


def _lost(appeal: Appeal, who: Employee, now: dt.datetime) -> None:
    number = Outgoing.objects.count()
    letter = Outgoing.objects.create(
        key=f"k{number}", message_id=f"m{number}", thread=Thread.objects.create(number=f"t{number}", started_at=now),
        recipient="a@example.org",
        subject="Ответ", text="x", language="ru", state="bounced", queued_at=now, employee=who,
    )  # fmt: skip
    JoinedLetter.objects.create(
        appeal=appeal, outgoing=letter, answer=Answer.objects.get(appeal=appeal), channel="email", state="came_back",
        reason="550 нет такого ящика", joined_at=now, changed_at=now,
    )  # fmt: skip


@pytest.mark.db
class TestLanding:
    @pytest.mark.parametrize(
        ("roles", "name"),
        [
            ([Role.SPECIALIST], "mine"),
            ([Role.SITE_ADMINISTRATOR], "mine"),
            ([Role.SECURITY], "mine"),
            ([Role.SPECIALIST, Role.OPERATOR], "operator"),
            ([Role.SPECIALIST, Role.COUNTER], "visits"),
            ([Role.SPECIALIST, Role.UNIT_HEAD], "supervisor"),
            ([Role.ADMINISTRATOR], "standard"),
        ],
    )
    def test_everybody_begins_where_his_work_is(self, roles: list[str], name: str) -> None:
        assert navigation.home_of(Employee(roles=roles)) == reverse(name)

    def test_letters_lead_to_pages_that_are_there(self) -> None:
        named = {"appeal": "appeal", "reason": "reason", "reasons": "reasons", "control": "appeal-control"}
        named |= {"mine": "mine", "wishes": "wishes", "wallboard": "wallboard"}
        keys = {"appeal": [7], "reason": [7]}
        pages = configured.EMPLOYEE_PAGES
        assert {key: path.format(7) for key, path in pages.items()} == {
            key: reverse(name, args=keys.get(key, [])) for key, name in named.items()
        }


@pytest.mark.db
class TestPage:
    @clause("krc-6.1-09", "krc-6.2-04")
    def test_each_row_leads_to_its_place_on_the_card(self, here: Registry) -> None:
        made, browser = _fill(here), _as(here, "specialist")
        page = _page(browser)
        places = {"overdue": "to-do", "back": "to-do", "web": "talk", "sent": "letters", "later": "measures"}
        for name, place in places.items():
            assert f'href="/desk/appeals/{made[name].pk}/#{place}"' in page
            assert f'id="{place}"' in _page(browser, f"/desk/appeals/{made[name].pk}/")
        assert f'href="/desk/appeals/{made["later"].pk}/#enquiries"' in page
        for said in ("нет суммы перерасчёта", "550 нет такого ящика", "days late: 5", "Пётр Семёнович"):
            assert said in page
        assert made["overdue"].derivation[0] in page
        callback = Callback.objects.get()
        assert f'href="/desk/callbacks/#callback-{callback.pk}"' in page
        assert f'id="callback-{callback.pk}"' in _page(browser, "/desk/callbacks/")

    def test_what_was_read_is_gone_and_nothing_is_said_to_be_nothing(self, here: Registry) -> None:
        browser = _as(here, "specialist")
        assert "Nothing waits for you." in _page(browser)
        made = _fill(here)
        page = _page(browser)
        assert "Nothing waits for you." not in page
        assert "Счёт пришёл снова" in page
        _page(browser, f"/desk/appeals/{made['web'].pk}/")
        assert "Счёт пришёл снова" not in _page(browser)

    @clause("krc-6.2-03", "krc-6.2-04")
    def test_a_head_has_a_switch_to_his_unit(self, here: Registry) -> None:
        made = _fill(here)
        head = _as(here, "unit_head")
        assert made["overdue"].number not in _page(head)
        page = _page(head, "/desk/mine/?of=unit")
        assert made["overdue"].number in page
        assert str(here.people["specialist"]) in page
        assert "?of=unit" not in _page(_as(here, "specialist"))
        assert _as(here, "administrator").get("/desk/mine/").status_code == 403

    @pytest.mark.parametrize("profile", ["court", "yumek", "voe"])
    def test_open_under_every_profile(self, house: Any, here: Registry, profile: str) -> None:
        house(profile)
        for role in ("specialist", "director"):
            _page(_as(here, role), "/desk/mine/?of=unit")

    def test_the_number_of_queries_does_not_grow(self, here: Registry) -> None:
        browser = _as(here, "unit_head")

        def asked() -> int:
            _page(browser, "/desk/mine/?of=unit")
            with CaptureQueriesContext(connection) as caught:
                _page(browser, "/desk/mine/?of=unit")
            return len(caught)

        _fill(here)
        few = asked()
        for _ in range(3):
            _fill(here)
        assert asked() == few

    def test_a_measure_against_a_reason_leads_to_the_reason_and_is_read_there(self, here: Registry) -> None:
        head = here.people["unit_head"]
        reason = reasons.add_reason(profile=here.profile, title="Долго", employee=here.people["director"], now=here.now)
        Measure.objects.create(
            reason=reason, title="Вторая линия", responsible=head, due_on=(here.now - 9 * DAY).date(),
            planned_at=here.now,
        )  # fmt: skip
        undertakings.sweep(now=here.now)
        browser = _as(here, "unit_head")
        assert f'href="/desk/reasons/{reason.pk}/#measures"' in _page(browser)
        assert "Вторая линия" in _page(browser, "/desk/appeals/"), "brought to notice, without an appeal"
        _page(browser, "/desk/supervisor/")
        _page(browser, f"/desk/reasons/{reason.pk}/")
        assert not notices.unseen(head).exists()


@pytest.mark.db
class TestWishes:
    def test_what_one_wants_by_e_mail_is_chosen_and_kept(self, here: Registry) -> None:
        browser, who = _as(here, "operator"), here.people["operator"]
        page = _page(browser, "/desk/wishes/")
        assert "operator@example.org" in page
        assert "krc-6.2-04" in page, "what the standard demands"
        assert browser.post("/desk/wishes/", {"mail_wish": "digest"}).status_code == 302
        who.refresh_from_db()
        assert who.mail_wish == MailWish.DIGEST
        assert 'value="digest" checked' in _page(browser, "/desk/wishes/")
        assert browser.post("/desk/wishes/", {"mail_wish": "never"}).status_code == 422
        Employee.objects.filter(pk=who.pk).update(email="")
        assert "does not know your e-mail address" in _page(browser, "/desk/wishes/")

    def test_the_page_is_reached_from_the_name_in_the_head(self, here: Registry) -> None:
        assert 'href="/desk/wishes/"' in _page(_as(here, "administrator"), "/desk/standard/")


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_by_keyboard_on_a_desk_and_on_a_telephone(here: Registry, open_as: Callable[[Employee], Page]) -> None:
    who = here.people["unit_head"]
    who.set_password(PASSWORD)
    who.save()
    _fill(here)
    page = open_as(who)
    for address, name in (("/desk/mine/?of=unit", "mine"), ("/desk/wishes/", "wishes")):
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
        check_everywhere(page, name)
    page.goto("/desk/mine/?of=unit")
    rows = page.locator("a[data-step]")
    expect(rows.first).to_be_visible()
    comes_true(page, "document.documentElement.dataset.steps === 'ready'")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#to-do")).to_be_visible()
