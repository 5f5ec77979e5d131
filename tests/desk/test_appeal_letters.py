"""Letters on the registry's pages: sorted, shown with their state, sent again, made appeals by a button."""

import pytest

from kindline.appeals import joining, outcomes
from kindline.appeals.models import Appeal, ClientNotice, JoinedLetter, LetterState
from kindline.correspondence.models import Incoming, Paper
from tests.appeals.registry import APPLICANT, Registry
from tests.desk.test_registry import _as, _page, here

__all__ = ["here"]
clause = pytest.mark.clause


def came(here: Registry) -> Appeal:
    """An appeal that came by e-mail and waits to be sorted."""
    row = Incoming.objects.create(
        mailbox="m", sha256="x", size=1, stored_at=here.now, state="read", kind="message", subject="Рахунок",
        sender="ivan@example.org", sender_name="Иван Петров", text="Перерахуйте",
    )  # fmt: skip
    made = joining.join_mail(incoming=row, profile=here.profile, now=here.now)
    assert made is not None
    return made.appeal


@pytest.mark.db
class TestLetters:
    """Letters on the pages: sorted, shown with their state, sent again."""

    @clause("krc-5.7.2-14", "krc-5.8-03")
    def test_a_letter_is_sorted_by_a_form_that_loses_nothing(self, here: Registry) -> None:
        appeal, browser = came(here), _as(here, "specialist")
        page = _page(browser, f"{appeal.pk}/")
        assert f"/desk/appeals/{appeal.pk}/sort/" in page
        assert f"/desk/mail/{appeal.letters.get().incoming_id}/" in page
        form = _page(browser, f"{appeal.pk}/sort/")
        assert "ivan@example.org" in form
        assert "Перерахуйте" in form
        typed = {"kind": "", "substance": "Перерахуйте опалення", "email": "ivan@example.org", "channel": "email"}
        refused = browser.post(f"/desk/appeals/{appeal.pk}/sort/", typed)
        assert refused.status_code == 422
        assert "Перерахуйте опалення" in refused.content.decode()
        full = typed | {"kind": "application", "surname": "Петров", "given_name": "Иван", "patronymic": "Сергеевич"}
        full |= {"residence": "ул. Лесная, 1", "phone": "+79210000001"}
        full |= {"received": f"{appeal.received_at.astimezone(here.profile.zone):%Y-%m-%d}"}
        assert browser.post(f"/desk/appeals/{appeal.pk}/sort/", full).status_code == 302
        done = Appeal.objects.get(pk=appeal.pk)
        assert (done.state, done.kind, done.received_at) == ("registered", "application", appeal.received_at)
        assert browser.get(f"/desk/appeals/{appeal.pk}/sort/").status_code == 302, "once"

    def test_a_way_of_the_answer_without_its_address_is_told_at_the_field(self, here: Registry) -> None:
        appeal, browser = here.at("sorting", channel="paper"), _as(here, "specialist")
        typed = APPLICANT | {"kind": "application", "substance": "Перерасчёт", "channel": "paper", "answer_by": "email"}
        refused = browser.post(f"/desk/appeals/{appeal.pk}/sort/", typed | {"email": ""})
        page = refused.content.decode()
        assert (refused.status_code, 'id="e-email"' in page) == (422, True)
        assert '<option value="email" selected>' in page
        assert browser.post(f"/desk/appeals/{appeal.pk}/sort/", typed).status_code == 302

    def test_a_letter_that_did_not_become_one_is_made_one_by_a_button(self, here: Registry) -> None:
        row = Incoming.objects.create(
            mailbox="m", sha256="x", size=1, stored_at=here.now, state="read", kind="automatic", sender="a@example.org"
        )
        browser = _as(here, "specialist")
        assert f"/desk/mail/{row.pk}/join" in browser.get(f"/desk/mail/{row.pk}/").content.decode()
        answer = browser.post(f"/desk/mail/{row.pk}/join")
        appeal = Appeal.objects.get()
        assert answer["Location"] == f"/desk/appeals/{appeal.pk}/"
        assert appeal.number in browser.get(f"/desk/mail/{row.pk}/").content.decode()

    @clause("krc-5.8-07", "krc-5.8-08")
    def test_the_state_is_shown_and_what_did_not_arrive_is_sent_again(self, here: Registry) -> None:
        appeal, browser = here.at("signed", channel="email"), _as(here, "unit_head")
        assert 'value="send"' in _page(browser, f"{appeal.pk}/")
        forged = browser.post(f"/desk/appeals/{appeal.pk}/", {"verb": "send", "channel": "paper"})
        assert forged.status_code == 422
        assert browser.post(f"/desk/appeals/{appeal.pk}/", {"verb": "send"}).status_code == 302
        page = _page(browser, f"{appeal.pk}/")
        assert "on its way" in page
        assert 'value="send"' not in page
        assert "It was handed over by hand" not in page
        letter = appeal.letters.get()
        outcomes.note_lost(letter=letter, state=LetterState.FAILED, reason="550 5.1.1", now=here.now)
        page = _page(browser, f"{appeal.pk}/")
        assert "550 5.1.1" in page
        assert "could not be sent" in page
        again = {"verb": "send", "channel": "paper", "address": "ул. Лесная, 1"}
        assert browser.post(f"/desk/appeals/{appeal.pk}/", again).status_code == 302
        assert Paper.objects.get().state == "to_print"
        told = _page(_as(here, "specialist"), "")
        assert "a letter did not arrive" in told

    def test_a_notice_is_sent_from_the_page(self, here: Registry) -> None:
        appeal = here.at("draft", channel="email")
        here.perform("extend", appeal, here.people["unit_head"])
        notice = ClientNotice.objects.get()
        browser = _as(here, "unit_head")
        sent = browser.post(f"/desk/appeals/{appeal.pk}/", {"verb": "send", "notice": str(notice.pk)})
        assert sent.status_code == 302
        assert appeal.letters.get().notice == notice

    def test_forwarding_is_told_by_letter(self, here: Registry) -> None:
        appeal = here.at("forwarded", channel="email")
        Appeal.objects.filter(pk=appeal.pk).update(forwarding_told_at=None)
        browser = _as(here, "unit_head")
        assert browser.post(f"/desk/appeals/{appeal.pk}/", {"verb": "tell_in_writing"}).status_code == 302
        assert "переслано" in ClientNotice.objects.get().text

    @clause("krc-5.7.2-14")
    def test_a_letter_is_moved_by_a_button_and_a_refusal_keeps_what_was_typed(self, here: Registry) -> None:
        appeal, browser, other = came(here), _as(here, "specialist"), here.register()
        letter = appeal.letters.get()
        typed = {"verb": "move_letter", "letter": str(letter.pk), "moved_why": "Это о счётчике", "moved_to": "krc-9/1"}
        refused = browser.post(f"/desk/appeals/{appeal.pk}/", typed)
        assert refused.status_code == 422
        assert "Это о счётчике" in refused.content.decode()
        assert browser.post(f"/desk/appeals/{appeal.pk}/", typed | {"moved_to": other.number}).status_code == 302
        assert "A letter was moved here from another appeal" in _page(browser, f"{other.pk}/")
        assert "A letter was moved to another appeal" in _page(browser, f"{appeal.pk}/")
        back = {"verb": "unjoin_letter", "letter": str(letter.pk), "moved_why": "Нет, отдельно"}
        assert "This letter belongs elsewhere" not in _page(_as(here, "operator"), f"{other.pk}/")
        assert browser.post(f"/desk/appeals/{other.pk}/", back).status_code == 302
        assert JoinedLetter.objects.get(pk=letter.pk).appeal.state == "sorting"
