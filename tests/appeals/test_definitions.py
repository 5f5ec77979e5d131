"""What the words of the standard mean in the registry: appeal, complaint, consultation, review, applicant."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from kindline.appeals import moves, recomputing, wording
from kindline.appeals.applying import of
from kindline.appeals.models import Appeal
from kindline.clients import actions, queries
from kindline.clients.models import Account, Client, Premise
from kindline.standard import loader
from kindline.standard.terms import Term
from tests.appeals.registry import APPLICANT, NOW, Registry

clause = pytest.mark.clause
pytestmark = pytest.mark.db
ORAL, WRITTEN = "phone", "paper"


@pytest.fixture
def krc(db: None) -> Registry:
    """The registry under krc."""
    return Registry(loader.load("krc"))


@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_whatever_a_letter_is_taken_for_can_be_chosen(profile: str) -> None:
    """Intake names a kind by itself: who sorts, corrects, or registers finds it in his list."""
    given = loader.load(profile)
    assert given.workflow is not None
    assert given.workflow.intake is not None
    assert set(given.workflow.intake.kinds) <= {one["id"] for one in wording.kinds_of(given)}


@clause("krc-2-20")
@pytest.mark.parametrize("kind", ["proposal", "application", "complaint", "info_request"])
def test_an_appeal_is_a_proposal_an_application_a_complaint_or_a_request_oral_or_written(
    krc: Registry, kind: str
) -> None:
    assert kind in krc.profile.clauses["krc-2-20"].value["appeal_kind"]
    oral, written = krc.register(ORAL, kind), krc.register(WRITTEN, kind)
    assert [(one.kind, bool(one.number), one.limit_at is not None) for one in (oral, written)] == [
        (kind, True, True)
    ] * 2
    assert oral.form != written.form
    assert Appeal.objects.filter(kind=kind).count() == 2, "the oral one stands in the registry as well"


@clause("krc-2-07")
def test_a_complaint_is_oral_or_written_and_whether_it_is_grounded_is_decided(krc: Registry) -> None:
    value = krc.profile.clauses["krc-2-07"].value
    forms = {krc.register(channel, value["appeal_kind"][0]).form for channel in (ORAL, WRITTEN)}
    assert len(forms) == len(value["form"])
    decided = krc.flow.decided_kinds
    assert "complaint" in decided, "breach and rights to be restored (a lower price) are decided on"
    assert "proposal" not in decided


@clause("krc-2-17")
def test_a_consultation_is_answered_orally_within_the_day_and_in_writing_by_its_term(krc: Registry) -> None:
    for kind in krc.profile.clauses["krc-2-17"].value["appeal_kind"]:
        oral, written = krc.register(ORAL, kind), krc.register("web", kind)
        assert oral.limit_at is not None
        assert written.limit_at is not None
        assert oral.limit_at.astimezone(krc.profile.zone).date() == NOW.astimezone(krc.profile.zone).date()
        assert (written.limit_at.date() - NOW.date()).days == 10


@clause("krc-2-25")
def test_a_review_is_an_appeal_with_a_number_and_a_term(krc: Registry) -> None:
    (kind,) = krc.profile.clauses["krc-2-25"].value["appeal_kind"]
    review = krc.register("web", kind)
    assert (review.kind, review.state in krc.flow.states) == ("review", True)
    assert review.number
    assert review.limit_at is not None


@clause("krc-2-10")
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({}, "person"),
        ({"applicant_kind": "sole_trader", "firm_name": ""}, "sole_trader"),
        ({"firm_name": "ООО «Тепло»"}, "firm"),
    ],
)
def test_an_applicant_is_a_person_a_sole_trader_or_a_firm(krc: Registry, said: dict[str, str], kind: str) -> None:
    assert of(None, said)["applicant_kind"] == kind
    appeal = krc.register("web", "service_request", fields=APPLICANT | said)
    assert (appeal.kind, appeal.applicant_kind) == ("service_request", kind)
    assert appeal.applicant


@clause("krc-2-36")
def test_whoever_uses_a_service_is_one_person_by_his_number_his_account_and_his_appeal(krc: Registry) -> None:
    made = actions.create_client(
        fields={"surname": "Ёлкин", "given_name": "Пётр"}, points=[("phone", "+79271112233")], country="RU",
        via="office", actor="system", now=NOW,
    )  # fmt: skip
    place = Premise.objects.create(city="Петрозаводск", street="Лесная", house="1", flat="2")
    Account.objects.create(number="5500000077", client=made, premise=place, service="отопление", opened_on=NOW.date())
    assert queries.by_caller("8 927 111-22-33", "RU") == [made], "subscriber"
    account = queries.by_account("5500000077")
    assert account is not None
    assert account.client == made, "consumer of the main activity"
    other = Client.objects.create(surname="Без счёта", created_at=NOW, changed_at=NOW)
    appeal = krc.register("web", "info_request")
    appeal.client = other
    appeal.save(update_fields=["client"])
    assert other.appeals.get() == appeal, "a consumer of another service has no account and is a client all the same"


@clause("krc-8-02")
def test_an_appeal_keeps_the_version_that_was_in_force_when_it_was_registered(
    krc: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = krc.profile
    early = krc.register("paper", "application")
    shorter = tuple(
        dataclasses.replace(one, limit=Term(9, one.limit.unit)) if one.limit and one.limit.n == 30 else one
        for one in before.deadlines
    )
    amended = dataclasses.replace(before, version="2", deadlines=shorter)
    since = NOW.date() + dt.timedelta(days=2)
    monkeypatch.setattr(loader, "load", lambda _name, on=None: before if on and on < since else amended)
    monkeypatch.setattr(loader, "versions", lambda _path: [("2", since)])
    krc.profile, krc.now = amended, NOW + dt.timedelta(days=3)
    late = krc.register("paper", "application")
    recomputing.recompute(profile=amended, why="редакция 2", employee=None, now=krc.now)
    early.refresh_from_db()
    late.refresh_from_db()
    assert [(early.limit_at.date() - NOW.date()).days, (late.limit_at.date() - krc.now.date()).days] == [30, 9]  # type: ignore[union-attr]
    assert [moves.profile_of(one).version for one in (early, late)] == ["1", "2"]
    assert [early.version, late.version] == ["1", "2"]
