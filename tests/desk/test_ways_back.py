"""The ways back on an appeal's page: corrected in a form, a signed answer or a notice taken back."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.appeals import declining, dispatching, outcomes, recalling
from kindline.appeals.models import Appeal, LetterState
from kindline.correspondence.models import Paper
from kindline.staff.models import Employee
from tests.appeals.registry import APPLICANT, Registry
from tests.desk import test_screen
from tests.desk.conftest import PASSWORD
from tests.desk.looking import check_everywhere
from tests.desk.test_registry import _as, here

__all__ = ["here"]
window, open_as = test_screen.window, test_screen.open_as
CONTACT = {name: APPLICANT[name] for name in ("residence", "phone", "email")}


@pytest.mark.db
class TestCorrecting:
    def test_what_was_typed_is_there_when_a_reason_is_asked_for(self, here: Registry) -> None:
        appeal, browser = here.at("assigned", kind="application"), _as(here, "supervisor")
        address = f"/desk/appeals/{appeal.pk}/correct/"
        assert f'href="{address}"' in browser.get(f"/desk/appeals/{appeal.pk}/").content.decode()
        shown = browser.get(address).content.decode()
        assert f'value="{APPLICANT["email"]}"' in shown
        typed = CONTACT | {"kind": "application", "subject": "outside_competence", "email": "new@example.org"}
        refused = browser.post(address, typed)
        page = refused.content.decode()
        assert refused.status_code == 422
        assert "With this correction the answer is due on" in page
        assert 'value="new@example.org"' in page
        assert 'value="outside_competence" selected' in page
        assert 'value="application" selected' in page, "a kind that the list does not have is not changed by the way"
        assert browser.post(address, typed | {"reason": "not ours"}).status_code == 302
        history = browser.get(f"/desk/appeals/{appeal.pk}/").content.decode()
        assert "The appeal was corrected" in history
        assert "not ours" in history

    def test_a_name_is_corrected_and_an_organisation_without_one_is_asked_for_it(self, here: Registry) -> None:
        appeal, browser = here.at("assigned", kind="proposal"), _as(here, "supervisor")
        address = f"/desk/appeals/{appeal.pk}/correct/"
        shown = browser.get(address).content.decode()
        assert f'value="{APPLICANT["surname"]}"' in shown
        typed = APPLICANT | {"kind": "proposal", "applicant_kind": "firm", "firm_name": "", "surname": "Ковальчук"}
        refused = browser.post(address, typed)
        assert (refused.status_code, 'id="e-firm"' in refused.content.decode()) == (422, True)
        assert 'value="Ковальчук"' in refused.content.decode()
        named = browser.post(address, typed | {"applicant_kind": "person", "firm_name": "Тепло"})
        assert "An organisation is named" in named.content.decode(), "what is typed is not dropped"
        assert browser.post(address, typed | {"applicant_kind": "person"}).status_code == 302
        assert Appeal.objects.get(pk=appeal.pk).surname == "Ковальчук"

    def test_where_the_target_alone_moves_it_is_the_target_that_is_told(self, here: Registry) -> None:
        appeal, browser = here.at("assigned", kind="application"), _as(here, "supervisor")
        page = browser.post(f"/desk/appeals/{appeal.pk}/correct/", CONTACT | {"kind": "authority_request"})
        told = page.content.decode()
        assert "With this correction the own target is" in told
        assert "With this correction the answer is due on" not in told

    def test_named_a_complaint_before_a_court_it_is_refused_with_the_clause(self, here: Registry) -> None:
        appeal = here.at("assigned", kind="complaint")
        typed = CONTACT | {"kind": "complaint", "in_court": "on", "reason": "sued"}
        page = _as(here, "supervisor").post(f"/desk/appeals/{appeal.pk}/correct/", typed).content.decode()
        assert "krc-6.1-62" in page

    def test_an_older_page_overwrites_nothing(self, here: Registry) -> None:
        appeal = here.at("assigned", kind="proposal")
        typed = CONTACT | {"kind": "application", "revision": str(appeal.revision - 1), "reason": "x"}
        answer = _as(here, "supervisor").post(f"/desk/appeals/{appeal.pk}/correct/", typed)
        assert (answer.status_code, Appeal.objects.get(pk=appeal.pk).kind) == (422, "proposal")
        assert (
            "What has changed since you opened the page"
            not in _as(here, "supervisor").get(f"/desk/appeals/{appeal.pk}/correct/").content.decode()
        )
        assert "What has changed since you opened the page" in answer.content.decode()

    def test_who_may_not_is_led_back_and_refused(self, here: Registry) -> None:
        appeal, browser = here.at("assigned", kind="proposal"), _as(here, "operator")
        assert "/correct/" not in browser.get(f"/desk/appeals/{appeal.pk}/").content.decode()
        assert browser.get(f"/desk/appeals/{appeal.pk}/correct/").status_code == 302
        posted = browser.post(f"/desk/appeals/{appeal.pk}/correct/", CONTACT | {"kind": "application", "reason": "x"})
        assert posted.status_code == 422


@pytest.mark.db
@pytest.mark.clause("krc-6.1-02", "krc-6.1-28")
class TestALetterWithAnEarlierAddress:
    """It is in the queue, and nothing stops it by itself: who corrects is told at once, and who prints sees it."""

    BEARS = "was made before the name or address was corrected"

    def _corrected(self, here: Registry, channel: str = "paper") -> tuple[Appeal, str]:
        """The appeal, and the page that follows on its correction."""
        appeal = here.at("signed", kind="proposal", channel=channel)
        dispatching.send_answer(appeal=appeal, employee=here.people["supervisor"], now=timezone.now())
        browser, address = _as(here, "supervisor"), f"/desk/appeals/{appeal.pk}/"
        assert self.BEARS not in browser.get(address).content.decode()
        changed = {"residence": "ул. Новая, 7", "email": "novaya@example.org"}
        typed = CONTACT | changed | {"kind": "proposal"}
        return appeal, browser.post(f"{address}correct/", typed, follow=True).content.decode()

    def test_stands_above_the_appeal_with_how_it_is_taken_back(self, here: Registry) -> None:
        appeal, told = self._corrected(here)
        number = Paper.objects.get(direction="out").number
        assert f"Letter {number} {self.BEARS}" in told
        assert "Take it back below" in told
        page = _as(here, "counter").get(f"/desk/appeals/{appeal.pk}/").content.decode()
        assert "have it taken back before" in page, "not his to take back"
        recalling.recall(appeal=appeal, reason="address", employee=here.people["unit_head"], now=timezone.now())
        assert self.BEARS not in _as(here, "unit_head").get(f"/desk/appeals/{appeal.pk}/").content.decode()

    def test_is_marked_among_the_outgoing_letters(self, here: Registry) -> None:
        self._corrected(here)
        row, browser = Paper.objects.get(direction="out"), _as(here, "supervisor")
        assert "the appeal was corrected since" in browser.get("/desk/letters/?direction=out").content.decode()
        assert "before you print it" in browser.get(f"/desk/letters/{row.pk}/").content.decode()
        Paper.objects.update(state="printed")
        assert "before you give it to the post" in browser.get(f"/desk/letters/{row.pk}/").content.decode()
        appeal = Appeal.objects.get(letters__paper=row)
        assert "It lies printed" in browser.get(f"/desk/appeals/{appeal.pk}/").content.decode()

    def test_an_e_mail_that_waits_too(self, here: Registry) -> None:
        _appeal, told = self._corrected(here, "email")
        assert f"The e-mail to {APPLICANT['email']} {self.BEARS}" in told
        assert "is not stopped" in told
        listed = _as(here, "supervisor").get("/desk/mail/outgoing/").content.decode()
        assert "the appeal was corrected since" in listed


@pytest.mark.db
class TestTakingBack:
    def test_a_signed_answer_is_taken_back_with_a_reason(self, here: Registry) -> None:
        appeal, browser = here.at("signed", kind="proposal"), _as(here, "unit_head")
        address = f"/desk/appeals/{appeal.pk}/"
        assert "Take the signed answer back" in browser.get(address).content.decode()
        assert "Fill in the text." in browser.post(address, {"verb": "recall", "reason": " "}).content.decode()
        assert browser.post(address, {"verb": "recall", "reason": "wrong sum"}).status_code == 302
        page = browser.get(address).content.decode()
        assert "wrong sum" in page
        assert "taken back before it had gone" in page
        assert "SHA-256" in page, "of what was signed, beside its version"
        assert Appeal.objects.get(pk=appeal.pk).state == "draft"

    def test_what_had_gone_all_the_same_stands_above_everything(self, here: Registry) -> None:
        appeal, now = here.at("signed", kind="proposal", channel="email"), timezone.now()
        letter = dispatching.send_answer(appeal=appeal, employee=here.people["supervisor"], now=now)
        outcomes.note_lost(letter=letter, state=LetterState.FAILED, reason="451", now=now)
        recalling.recall(appeal=appeal, reason="wrong sum", employee=here.people["unit_head"], now=now)
        outcomes.note_gone(letter=letter, proof="<id>", at=now, now=now)
        page = _as(here, "executor").get(f"/desk/appeals/{appeal.pk}/").content.decode()
        assert "A letter that was taken back had gone all the same: the applicant has it." in page
        assert "it had gone though it was taken back" in page, "beside the letter"

    def test_a_notice_that_was_taken_back_says_so_and_has_no_form(self, here: Registry) -> None:
        appeal, head = here.at("assigned", kind="proposal"), here.people["unit_head"]
        declining.give_notice(appeal=appeal, end="no_substance", text="?", employee=head, now=timezone.now())
        browser, address = _as(here, "unit_head"), f"/desk/appeals/{appeal.pk}/"
        assert "Take the notice back" in browser.get(address).content.decode()
        recalling.recall(appeal=appeal, reason="wrong ground", employee=head, now=timezone.now())
        page = browser.get(address).content.decode()
        assert "taken back before it had gone" in page
        assert 'value="mark_notified"' not in page


@pytest.mark.browser
@pytest.mark.db(transaction=True)
def test_the_form_and_the_page_fit_every_screen(here: Registry, open_as: Callable[[Employee], Page]) -> None:
    appeal, head = here.at("signed", kind="application"), here.people["supervisor"]
    head.set_password(PASSWORD)
    head.save()
    page = open_as(head)
    page.goto(f"/desk/appeals/{appeal.pk}/correct/")
    page.locator("#i-subject").select_option("outside_competence")
    page.get_by_role("button", name="Correct").click()
    expect(page.get_by_role("alert")).to_contain_text("With this correction")
    check_everywhere(page, "correct")
    page.locator("#i-reason").fill("not ours")
    page.get_by_role("button", name="Correct").click()
    page.get_by_text("Take the signed answer back").click()
    check_everywhere(page, "recall")
    page.get_by_label("Why it is taken back").fill("wrong sum")
    page.get_by_role("button", name="Take back", exact=True).click()
    expect(page.locator("#a-text, .timeline").last).to_contain_text("The signed answer was taken back")
