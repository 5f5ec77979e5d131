"""The applicant was asked for data and keeps silent: who is told when, what is shown, what may be decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client as Browser

from kindline.appeals import declining, digest, escalation, extending, notices, notifying, own_work, queries
from kindline.appeals.models import Appeal, ManagementNotice
from kindline.correspondence.models import Outgoing
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from kindline.standard import loader
from tests.appeals.registry import DAY, NOW, Registry, registry
from tests.appeals.test_telling_staff import MORNING, due, relay

__all__ = ["relay"]
clause = pytest.mark.clause
PROFILES = ("court", "krc", "voe", "yumek")


def asked(here: Registry) -> tuple[Appeal, dt.datetime]:
    """An appeal whose applicant was asked for data, and when his time is over."""
    appeal = here.at("assigned")
    here.perform("request_data", appeal, here.people["executor"])
    found = Appeal.objects.get(pk=appeal.pk)
    assert found.data_due_at is not None
    return found, found.data_due_at


def told(now: dt.datetime) -> set[str]:
    """Whom a sweep told anew of silence."""
    before = set(ManagementNotice.objects.values_list("pk", flat=True))
    escalation.sweep(now=now)
    fresh = ManagementNotice.objects.exclude(pk__in=before).filter(reason__startswith="silent:")
    return set(fresh.values_list("employee__username", flat=True))


@pytest.mark.parametrize("name", PROFILES)
def test_each_standard_says_who_decides_and_what(name: str) -> None:
    """Who may ask for data may not be left without a way on, for the term of the answer goes on."""
    flow = loader.load(name).workflow
    assert flow is not None
    asking = {state for one in flow.named("request_data") for state in one.sources}
    deciding = {state for one in flow.named("decide_unanswered") for state in one.sources}
    assert asking == deciding != set()
    assert flow.silence
    assert [rung.of for rung in flow.ladder if "executor" in rung.to].count("data") == 1


@pytest.mark.db
@clause("krc-5.7.2-26")
class TestTold:
    def test_on_its_day_and_the_head_two_working_days_later(self, krc: Registry) -> None:
        appeal, end = asked(krc)
        assert told(end - dt.timedelta(minutes=1)) == set()
        assert told(end) == {"specialist", "site_administrator"}
        assert told(end + dt.timedelta(hours=1)) == set(), "once"
        assert told(end + 5 * DAY) == {"unit_head"}
        rungs = [one.data["rung"] for one in facts_of("appeal", appeal.pk).filter(kind="appeal_escalated")]
        assert [one for one in rungs if one.startswith("no_data")] == ["no_data", "no_data_head"]

    @pytest.mark.parametrize("ending", ["receive_data", "decide_unanswered"])
    def test_nobody_is_told_or_reminded_of_what_is_settled(self, krc: Registry, ending: str) -> None:
        appeal, end = asked(krc)
        told(end)
        executor = krc.people["executor"]
        assert notices.unseen(executor).filter(reason="silent:no_data").count() == 1
        krc.perform(ending, appeal, krc.people["unit_head" if ending == "decide_unanswered" else "executor"])
        assert not notices.unseen(executor).filter(reason__startswith="silent:").exists()
        assert told(end + 20 * DAY) == set()

    def test_asked_once_more_it_is_told_once_more(self, krc: Registry) -> None:
        appeal, end = asked(krc)
        told(end)
        executor, later = krc.people["executor"], end + dt.timedelta(hours=1)
        declining.receive_data(appeal=appeal, what="не то", employee=executor, now=later)
        declining.request_data(appeal=appeal, text="Показания", employee=executor, now=later)
        assert told(later) == set()
        again = Appeal.objects.get(pk=appeal.pk).data_due_at
        assert again is not None
        assert told(again) == {"specialist", "site_administrator"}


@pytest.mark.db
class TestShown:
    @pytest.mark.parametrize("name", PROFILES)
    def test_on_the_executor_s_desk_from_its_day_on(self, name: str) -> None:
        here = registry(name)
        appeal, end = asked(here)
        whose = own_work.of_employee(here.people["executor"])
        assert own_work.waiting(whose, here.profile, end - dt.timedelta(minutes=1)).silent == []
        assert own_work.waiting(whose, here.profile, end).silent == [appeal]

    @clause("krc-5.7.2-26")
    def test_in_the_letter_of_the_day(self, krc: Registry, relay: None) -> None:
        silent, waits = due(krc, MORNING + 40 * DAY), due(krc, MORNING + 40 * DAY)
        Appeal.objects.filter(pk=silent.pk).update(data_due_at=MORNING - DAY)
        Appeal.objects.filter(pk=waits.pk).update(data_due_at=MORNING + DAY)
        digest.sweep(profile=krc.profile, now=MORNING)
        letter = Outgoing.objects.filter(recipient=krc.people["unit_head"].email).get()
        assert "заявник не надіслав даних, треба вирішити, як бути далі: 1" in letter.subject
        assert silent.number in letter.text
        assert waits.number not in letter.text

    @clause("krc-5.7.2-26", "krc-5.7.2-27")
    def test_its_page_names_what_may_be_decided_and_takes_it(self, krc: Registry, settings: Any) -> None:
        settings.KINDLINE = {**settings.KINDLINE, "profile": "krc"}
        appeal, _ = asked(krc)
        decided = f"/desk/appeals/{appeal.pk}/"
        Employee.objects.update(language="en")
        browser = Browser(headers={"accept-language": "en"})
        browser.force_login(krc.people["unit_head"])
        Appeal.objects.filter(pk=appeal.pk).update(data_due_at=NOW)
        page = browser.get(decided).content.decode()
        assert "The applicant did not send it" in page
        flow = krc.flow
        for way in flow.silence:
            assert f'<option value="{dict(way.title)["ru"]}"' in page
        said = {"verb": "decide_unanswered", "decision": dict(flow.silence[0].title)["ru"], "reason": "молчит"}
        browser.post(decided, said)
        fact = facts_of("appeal", appeal.pk).get(kind="unanswered_decided")
        assert fact.data["decision"] == "ответить письменно по тому, что известно"
        assert "The applicant did not send it" not in browser.get(decided).content.decode()


@pytest.mark.db
class TestFilters:
    """What the list and the control page take as silent, and as extended."""

    @staticmethod
    def _found(here: Registry, due: str, now: dt.datetime = NOW) -> set[Appeal]:
        return set(queries.due_ones(queries.appeals(), due, now, here.profile))

    def test_silent_until_it_is_settled_answered_or_closed(self, krc: Registry) -> None:
        silent, waits, answered, closed = (krc.at("assigned") for _ in range(4))
        Appeal.objects.exclude(pk=waits.pk).update(data_due_at=NOW)
        Appeal.objects.filter(pk=waits.pk).update(data_due_at=NOW + DAY)
        Appeal.objects.filter(pk=answered.pk).update(answered_at=NOW)
        Appeal.objects.filter(pk=closed.pk).update(closed_at=NOW, end="answered")
        assert self._found(krc, "silent") == {silent}

    @clause("krc-6.1-14", "krc-6.1-15")
    def test_extended_is_what_the_applicant_was_told_of_and_only_while_it_waits(self, krc: Registry) -> None:
        made = {name: krc.at("assigned") for name in ("told", "prepared", "plain", "closed")}
        for name in ("told", "prepared", "closed"):
            self._extend(krc, made[name], is_sent=name != "prepared")
        Appeal.objects.filter(pk=made["closed"].pk).update(closed_at=NOW, end="answered")
        assert self._found(krc, "extended") == {made["told"]}

    @staticmethod
    def _extend(here: Registry, appeal: Appeal, *, is_sent: bool) -> None:
        head, latest = here.people["unit_head"], extending.latest(here.profile, appeal)
        assert latest is not None
        made = extending.extend(
            appeal=appeal, until=latest.astimezone(here.profile.zone).date(), ground="экспертиза", text="",
            employee=head, now=NOW,
        )  # fmt: skip
        if is_sent:
            notifying.mark_notice_sent(notice=made.notice, channel="paper", proof="RA1", employee=head, now=NOW)
