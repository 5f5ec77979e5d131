"""What employees get by e-mail: links, at once or collected, and what the standard demands whatever they wish."""

import datetime as dt
from typing import Any

import pytest

from kindline.appeals import digest, enquiries, escalation, notices, telling_staff
from kindline.appeals.models import Appeal, ManagementNotice, Measure
from kindline.correspondence.models import Outgoing
from kindline.staff.models import Employee, MailWish
from tests.appeals.registry import DAY, NOW, Registry
from tests.appeals.test_telling_staff import MORNING, due, relay

pytestmark = pytest.mark.db
__all__ = ["relay"]
HERE = "https://desk.example.org"


def wish(who: Employee, what: str) -> None:
    """He chooses it."""
    Employee.objects.filter(pk=who.pk).update(mail_wish=what, language="en")


def letters(who: Employee) -> list[Outgoing]:
    """What he was written, the first first."""
    return list(Outgoing.objects.filter(recipient=who.email).order_by("pk"))


class TestLinks:
    def test_a_notice_leads_to_its_appeal_once_the_address_is_known(self, krc: Registry, settings: Any) -> None:
        appeal, executor = due(krc, NOW + 9 * DAY), krc.people["executor"]
        notices.tell(appeal, [executor], "back:7", NOW)
        telling_staff.sweep(now=NOW)
        settings.PUBLIC_URL = HERE
        notices.tell(appeal, [executor], "back:8", NOW)
        telling_staff.sweep(now=NOW)
        without, with_link = letters(executor)
        assert "http" not in without.text
        assert f"{HERE}/desk/appeals/{appeal.pk}/\n" in with_link.text

    def test_a_digest_leads_to_each_row_to_the_page_and_to_the_choice(self, krc: Registry, settings: Any) -> None:
        settings.PUBLIC_URL = HERE
        appeal = due(krc, MORNING - DAY)
        digest.sweep(profile=krc.profile, now=MORNING)
        [letter] = letters(krc.people["unit_head"])
        for path in (f"appeals/{appeal.pk}/", "appeals/control/", "wishes/"):
            assert f"{HERE}/desk/{path}" in letter.text


class TestDigest:
    @pytest.mark.clause("krc-6.2-04", "krc-6.2-05")
    def test_those_in_charge_are_told_of_measures_and_enquiries_past_their_day(self, krc: Registry) -> None:
        appeal, head = krc.at("closed", kind="complaint"), krc.people["unit_head"]
        for days in (-2, 1, 30):
            _measure(krc, appeal, head, (MORNING + days * DAY).date())
        asked = due(krc, MORNING + 40 * DAY)
        enquiries.enquire(
            appeal=asked, to="Инспекция", text="Акт", due_on=NOW.date(), employee=krc.people["executor"], now=NOW
        )
        assert digest.sweep(profile=krc.profile, now=MORNING) == 3
        for who in ("unit_head", "director", "supervisor"):
            [letter] = letters(krc.people[who])
            assert "заходи, день яких минув: 1" in letter.subject
            assert "заходи, строк яких наближається: 1" in letter.text
            assert "запити без відповіді, день яких минув: 1" in letter.text
            assert "Поверить" not in letter.text, "what is done for an applicant stays in the house"

    def test_finished_ones_are_not_there(self, krc: Registry) -> None:
        made = _measure(krc, krc.at("closed", kind="complaint"), krc.people["unit_head"], (MORNING - DAY).date())
        Measure.objects.filter(pk=made.pk).update(finished_at=NOW)
        assert digest.sweep(profile=krc.profile, now=MORNING) == 0


class TestChoice:
    def test_collected_what_the_standard_does_not_demand_comes_in_the_digest(
        self, krc: Registry, settings: Any
    ) -> None:
        settings.PUBLIC_URL = HERE
        appeal, executor = due(krc, MORNING - DAY), krc.people["executor"]
        wish(executor, MailWish.DIGEST)
        notices.tell(appeal, [executor], "message:5", MORNING - dt.timedelta(hours=2))
        assert telling_staff.sweep(now=MORNING - dt.timedelta(hours=1)) == 0
        digest.sweep(profile=krc.profile, now=MORNING)
        [letter] = letters(executor)
        assert "overdue: 1" in letter.subject
        assert f"Appeal {appeal.number}: the applicant wrote on the site" in letter.text
        assert f"{HERE}/desk/mine/" in letter.text
        assert ManagementNotice.objects.get(reason="message:5").outgoing == letter
        digest.sweep(profile=krc.profile, now=MORNING + DAY)
        assert "wrote on the site" not in letters(executor)[-1].text, "told once"

    def test_a_digest_of_ones_own_holds_nothing_of_others(self, krc: Registry) -> None:
        appeal, counter = due(krc, MORNING - DAY), krc.people["counter"]
        wish(counter, MailWish.DIGEST)
        digest.sweep(profile=krc.profile, now=MORNING)
        assert letters(counter) == []
        Appeal.objects.filter(pk=appeal.pk).update(executor=counter)
        digest.sweep(profile=krc.profile, now=MORNING + DAY)
        [letter] = letters(counter)
        assert appeal.number in letter.text

    @pytest.mark.clause("krc-6.2-02", "krc-6.2-03")
    @pytest.mark.parametrize("chosen", [MailWish.DIGEST, MailWish.DEMANDED])
    def test_what_the_standard_demands_comes_at_once_whatever_is_wished(self, krc: Registry, chosen: str) -> None:
        due(krc, NOW - DAY)
        head = krc.people["unit_head"]
        wish(head, chosen)
        escalation.sweep(now=NOW)
        telling_staff.sweep(now=NOW)
        assert any("is overdue" in one.subject for one in letters(head))

    def test_nothing_beyond_that_is_nothing_beyond_that(self, krc: Registry) -> None:
        appeal, head = due(krc, MORNING - DAY), krc.people["unit_head"]
        wish(head, MailWish.DEMANDED)
        notices.tell(appeal, [head], "letter:5", MORNING)
        assert telling_staff.sweep(now=MORNING) == 0
        assert digest.sweep(profile=krc.profile, now=MORNING) == 2
        assert letters(head) == []
        assert notices.unseen(head).exists(), "it stands on the screen"

    def test_many_who_do_not_want_it_do_not_hold_up_who_does(
        self, krc: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(telling_staff, "BATCH", 2)
        head, other = krc.people["unit_head"], krc.people["director"]
        wish(head, MailWish.DEMANDED)
        for number in range(4):
            notices.tell(due(krc, NOW + 9 * DAY), [head], f"letter:{number}", NOW)
        notices.tell(due(krc, NOW + 9 * DAY), [other], "letter:9", NOW)
        assert telling_staff.sweep(now=NOW) == 1
        assert len(letters(other)) == 1

    @pytest.mark.clause("krc-6.2-02", "krc-6.2-03", "court-1-29")
    def test_many_oral_appeals_do_not_hold_up_what_the_standard_demands(
        self, krc: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(telling_staff, "BATCH", 2)
        director, head = krc.people["director"], krc.people["unit_head"]
        for _ in range(4):
            notices.tell(due(krc, NOW + 9 * DAY), [director], notices.REGISTERED, NOW)
        notices.tell(due(krc, NOW + 9 * DAY), [director], "letter:1", NOW)
        notices.tell(due(krc, NOW + 9 * DAY), [director], "letter:2", NOW)
        notices.tell(due(krc, NOW - DAY), [head], _demanded(krc), NOW)
        assert telling_staff.sweep(now=NOW) == 4
        assert len(letters(head)) == 1
        assert len(letters(director)) == 3, "two of oral appeals, and one more"

    def test_an_address_that_is_none_takes_no_place_of_others(
        self, krc: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(telling_staff, "BATCH", 2)
        nobody, other = krc.people["director"], krc.people["unit_head"]
        Employee.objects.filter(pk=nobody.pk).update(email="nonsense")
        for number in range(3):
            notices.tell(due(krc, NOW + 9 * DAY), [nobody], f"letter:{number}", NOW)
        notices.tell(due(krc, NOW + 9 * DAY), [other], "letter:9", NOW)
        assert telling_staff.sweep(now=NOW) == 1
        assert len(letters(other)) == 1

    def test_a_notice_that_was_taken_back_meanwhile_stops_no_other(
        self, krc: Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As a limit that was moved takes back what was told of the old one."""
        head, usual = krc.people["unit_head"], telling_staff.write
        for number in range(3):
            notices.tell(due(krc, NOW + 9 * DAY), [head], f"letter:{number}", NOW)

        def taking_back(*given: Any) -> Outgoing | None:
            ManagementNotice.objects.filter(reason="letter:1").delete()
            return usual(*given)

        monkeypatch.setattr(telling_staff, "write", taking_back)
        assert telling_staff.sweep(now=NOW) == 2

    @pytest.mark.parametrize("chosen", [MailWish.DIGEST, MailWish.DEMANDED])
    def test_a_demanded_rung_of_a_measure_goes_whatever_is_wished(self, krc: Registry, chosen: str) -> None:
        appeal, head = krc.at("closed", kind="complaint"), krc.people["unit_head"]
        wish(head, chosen)
        assert krc.profile.workflow is not None
        [name, *_] = [one.id for one in krc.profile.workflow.undertakings if one.of == "measure" and one.clauses]
        measure = _measure(krc, appeal, head, NOW.date())
        notices.tell_of(measure, [head], f"measure:{measure.pk}:{name}", NOW)
        notices.tell_of(measure, [head], f"again:{measure.pk}:{name}", NOW)
        assert telling_staff.sweep(now=NOW) == 1


def _measure(krc: Registry, appeal: Appeal, head: Employee, day: dt.date) -> Measure:
    return Measure.objects.create(appeal=appeal, title="Поверить", responsible=head, due_on=day, planned_at=NOW)


def _demanded(krc: Registry) -> str:
    """Why people are told of an appeal on a rung of which a clause speaks."""
    assert krc.profile.workflow is not None
    return next(escalation.reason_of(one) for one in krc.profile.workflow.ladder if one.clauses)
