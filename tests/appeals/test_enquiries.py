"""What is asked of others for an appeal, and what is given of a client to authorities."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from kindline.appeals import disclosures, enquiries, measuring, moves
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import Appeal, Disclosure, Enquiry
from kindline.clients.models import Client
from kindline.conversations import errors
from kindline.journal.queries import facts_of
from tests.appeals.registry import DAY, NOW, Registry

clause = pytest.mark.clause
pytestmark = pytest.mark.db


def _enquire(
    krc: Registry, appeal: Appeal, to: object = "Жилищная инспекция", days: int = 3, who: str = "executor"
) -> Enquiry:
    return enquiries.enquire(
        appeal=appeal, to=to, text="Пришлите акт поверки", due_on=(NOW + days * DAY).date(),  # type: ignore[arg-type]
        employee=krc.people[who], now=NOW,
    )  # fmt: skip


class TestEnquiries:
    @clause("krc-6.1-11")
    def test_the_executor_asks_officials_here_and_elsewhere(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        limit = appeal.limit_at
        colleague = krc.people["security"]
        inside, outside = _enquire(krc, appeal, colleague), _enquire(krc, appeal)
        assert list(enquiries.asked_of(colleague)) == [inside]
        assert (outside.addressee, outside.of_applicant) == ("Жилищная инспекция", False)
        enquiries.close_enquiry(enquiry=inside, outcome="акт приложен", employee=colleague, now=NOW + DAY)
        assert not enquiries.asked_of(colleague)
        appeal.refresh_from_db()
        assert appeal.limit_at == limit, "the term goes on"
        fact = facts_of("appeal", appeal.pk).get(kind="enquiry_closed")
        assert (fact.data["to"], fact.data["in_time"]) == ("employee", True)
        assert facts_of("appeal", appeal.pk).filter(kind="enquiry_made")[0].clauses == ["krc-6.1-11"]

    @clause("krc-6.1-11")
    def test_others_do_not_ask_and_an_appeal_that_left_is_not_asked_about(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        with pytest.raises(moves.NotYoursError):
            _enquire(krc, appeal, who="operator")
        with pytest.raises(enquiries.NoAddresseeError):
            _enquire(krc, appeal, to=" ")
        with pytest.raises(errors.PastDayError):
            _enquire(krc, appeal, days=-1)
        with pytest.raises(enquiries.ClosedAppealError):
            _enquire(krc, krc.at("closed"))

    @clause("krc-6.1-11")
    def test_what_was_not_sent_by_its_day_is_overdue(self, krc: Registry) -> None:
        made = _enquire(krc, krc.at("assigned"))
        due = made.due_on
        assert not enquiries.overdue("krc", due)
        assert list(enquiries.overdue("krc", due + DAY)) == [made]
        enquiries.close_enquiry(enquiry=made, outcome="нет акта", employee=krc.people["executor"], now=NOW + 5 * DAY)
        assert not enquiries.overdue("krc", due + DAY)
        with pytest.raises(measuring.FinishedError):
            enquiries.close_enquiry(enquiry=made, outcome="ещё", employee=krc.people["executor"], now=NOW)

    @clause("krc-6.1-10")
    def test_the_applicant_is_invited_and_his_part_is_written_down(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        made = enquiries.invite_applicant(
            appeal=appeal, text="Присутствуйте при замере 5 марта в 10:00", due_on=(NOW + 3 * DAY).date(),
            employee=krc.people["executor"], now=NOW,
        )  # fmt: skip
        assert made.of_applicant
        enquiries.close_enquiry(enquiry=made, outcome="был при замере", employee=krc.people["executor"], now=NOW + DAY)
        facts = facts_of("appeal", appeal.pk).filter(kind__startswith="enquiry")
        assert [fact.data["to"] for fact in facts] == ["applicant", "applicant"]
        assert facts[0].clauses == ["krc-6.1-10"]


class TestDisclosure:
    ASKED = disclosures.Request(
        "Прокуратура района", "запрос № 17-4, 59-ФЗ", dt.date(2026, 2, 27), "адрес и показания за год"
    )

    @clause("krc-6.1-07")
    def test_it_is_kept_with_requester_ground_and_what_was_given(self, krc: Registry) -> None:
        client = Client.objects.create(surname="Коваль", created_at=NOW, changed_at=NOW)
        made = self._disclose(krc, client, "director")
        assert list(disclosures.disclosures("krc")) == [made]
        fact = facts_of("client", client.pk).get(kind="data_disclosed")
        assert (fact.data["requester"], fact.clauses) == ("Прокуратура района", ["krc-6.1-07"])
        assert "адрес" not in str(fact.data), "the journal does not repeat what was given"

    @clause("krc-6.1-07")
    @pytest.mark.parametrize("who", ["operator", "specialist", "supervisor", "unit_head", "administrator"])
    def test_others_than_those_named_cannot(self, krc: Registry, who: str) -> None:
        client = Client.objects.create(surname="Коваль", created_at=NOW, changed_at=NOW)
        with pytest.raises(moves.NotYoursError) as refused:
            self._disclose(krc, client, who)
        assert refused.value.clauses == ("krc-6.1-07",)
        assert not Disclosure.objects.exists()

    def test_nothing_is_left_open(self, krc: Registry) -> None:
        client = Client.objects.create(surname="Коваль", created_at=NOW, changed_at=NOW)
        for empty in ("requester", "ground", "given"):
            with pytest.raises(EmptyTextError):
                self._disclose(krc, client, "security", **{empty: " "})
        with pytest.raises(disclosures.FutureGroundError):
            self._disclose(krc, client, "security", ground_on=dt.date(2026, 3, 3))

    def _disclose(self, krc: Registry, client: Client, who: str, **changed: Any) -> Disclosure:
        asked = dataclasses.replace(self.ASKED, **changed)
        return disclosures.disclose(profile=krc.profile, client=client, asked=asked, employee=krc.people[who], now=NOW)
