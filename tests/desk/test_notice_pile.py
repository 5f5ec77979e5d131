"""The pile of a signer with notices to applicants: signed there in Chromium; others only read that it waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.appeals import declining
from kindline.appeals.models import ClientNotice
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from tests.appeals.registry import Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere

pytestmark = [pytest.mark.clause("krc-5.8-10", "krc-6.1-44")]
window, open_as = test_screen.window, test_screen.open_as


def given(here: Registry) -> ClientNotice:
    """The executor found nothing to answer."""
    return declining.give_notice(
        appeal=here.at("assigned"), end="no_substance", text="Из письма не видно, о чём речь.",
        employee=here.people["executor"], now=here.now,
    )  # fmt: skip


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_a_notice_is_signed_in_the_pile(open_as: Callable[[Employee], Page], krc: Any) -> None:
    here = Registry(krc, now=timezone.now())
    head = here.people["unit_head"]
    head.set_password(PASSWORD)
    head.language = "en"
    head.save()
    notice = given(here)
    here.at("sign")
    page = open_as(head)
    page.goto("/desk/mine/")
    page.get_by_role("link", name="notices to applicants to be signed").click()
    card = page.locator(f"section[aria-labelledby='n-{notice.pk}']")
    expect(card).to_contain_text("Из письма не видно, о чём речь.")
    check_everywhere(page, "notice-pile")
    card.get_by_role("button", name="Sign").click()
    expect(page.locator("h1")).to_have_text(notice.appeal.number)
    expect(page.get_by_text("It waits for a signature; then it goes.")).to_have_count(0)
    signed = facts_of("appeal", notice.appeal_id).get(kind="notice_signed")
    assert signed.data["signer"] == head.pk


@pytest.mark.db
class TestByForms:
    @pytest.fixture
    def here(self, krc: Any) -> Registry:
        """People of every role, in English."""
        Employee.objects.update(language="en")
        made = Registry(krc, now=timezone.now())
        Employee.objects.update(language="en")
        return made

    def test_who_may_not_sign_reads_that_it_waits(self, here: Registry) -> None:
        notice, browser = given(here), Browser()
        address = f"/desk/appeals/{notice.appeal_id}/"
        browser.force_login(Employee.objects.get(pk=here.people["executor"].pk))
        page = browser.get(address).content.decode()
        assert "It waits for a signature; then it goes." in page
        assert 'value="sign_notice"' not in page
        refused = browser.post(address, {"verb": "sign_notice", "notice": notice.pk})
        assert refused.status_code == 422
        assert not facts_of("appeal", notice.appeal_id).filter(kind="notice_signed").exists()

    def test_it_is_not_marked_as_sent_before(self, here: Registry) -> None:
        notice, browser = given(here), Browser()
        browser.force_login(Employee.objects.get(pk=here.people["supervisor"].pk))
        refused = browser.post(
            f"/desk/appeals/{notice.appeal_id}/",
            {"verb": "mark_notified", "notice": notice.pk, "channel": "paper", "proof": "RA7"},
        )
        assert refused.status_code == 422
        assert "have it signed first" in refused.content.decode()

    @pytest.mark.clause("court-1-31", "krc-6.1-25")
    def test_who_wrote_is_not_offered_an_answer_by_word_of_mouth(self, here: Registry) -> None:
        browser = Browser()
        browser.force_login(Employee.objects.get(pk=here.people["supervisor"].pk))
        for channel, offered in (("paper", False), ("phone", True)):
            page = browser.get(f"/desk/appeals/{here.at('assigned', channel=channel).pk}/").content.decode()
            assert ('value="answer_orally"' in page) is offered
