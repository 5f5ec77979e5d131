"""The demonstration organisation: whole, believable, the same every time, loaded once."""

import datetime as dt
from random import Random

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from pytest_django import Settings

from kindline.appeals import boxes, frequency, lookup, publications
from kindline.appeals.box_models import Emptying
from kindline.appeals.models import Appeal, Body, Incident, ManagementNotice, Measure, NumberSeries, Reason
from kindline.appeals.template_models import AnswerTemplate, TemplateUse, TemplateVersion
from kindline.clients import queries as clients
from kindline.clients.models import Account, Client
from kindline.connectors.billing.models import ChargedRow
from kindline.connectors.billing.sample import SampleBilling
from kindline.conversations import guides
from kindline.conversations.models import Callback, Contact, DocumentSet, Topic
from kindline.feedback.models import Rating
from kindline.journal.models import Fact
from kindline.journal.queries import facts_of
from kindline.runtime import demonstration
from kindline.runtime.demonstration import bulk, visitors, words
from kindline.staff import responsibility
from kindline.staff.models import ControlOrder, Employee, Role, Shift, Skill, Unit
from kindline.standard import loader
from kindline.switchboard.dialling_models import Extension

pytestmark = pytest.mark.db
NOW = dt.datetime(2026, 10, 7, 12, 0, tzinfo=dt.UTC)
LOGINS = (
    "operator1 operator2 operator3 operator4 counter1 specialist1 specialist2 supervisor unit_head director siteadmin"
    " admin"
)


def _under(settings: Settings, profile: str) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "profile": profile, "demo_password": "shown at the start"}


@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_an_organisation_of_each_standard(settings: Settings, profile: str) -> None:
    _under(settings, profile)
    assert demonstration.load(contacts=60, now=NOW).startswith("12 employees, 200 clients")
    employees = {one.username: one for one in Employee.objects.all()}
    assert set(employees) == set(LOGINS.split())
    assert {role for one in employees.values() for role in one.roles} == set(Role.values)
    assert employees["operator1"].check_password("shown at the start")
    assert {one.language for one in employees.values()} == {loader.load(profile).language}
    menu = loader.load(profile).menu
    assert menu is not None
    asked = {skill for queue in menu.queues.values() for skill in queue.skills}
    assert asked <= set(Skill.objects.values_list("code", flat=True))
    for skill in asked:
        serving = Employee.objects.filter(skills__skill__code=skill, username__startswith="operator")
        assert serving.count() >= 2, f"only one operator can {skill}"
    assert Shift.objects.count() == 4 * 2 * 5, "each operator has two weeks"
    departments = {one.number: one.unit for one in Extension.objects.all()}
    assert employees["specialist1"].unit == departments["50"]
    assert employees["counter1"].unit == departments["51"]
    assert Account.objects.exists() == (profile != "court")
    assert Topic.objects.filter(competence="other_body").exists()
    assert Topic.objects.filter(competence="outside").exists()
    assert Body.objects.filter(profile=profile).count() >= 3
    assert Contact.objects.filter(closed_at=None).count() == 0
    assert Fact.objects.filter(kind="contact_closed").count() == Contact.objects.count() > 20
    first = Client.objects.order_by("pk").first()
    assert first is not None
    assert clients.find(f"{first.surname} {first.given_name}")
    assert clients.by_caller(first.points.filter(kind="phone")[0].value, loader.load(profile).calendar.country) == [
        first
    ]
    assert Contact.objects.filter(channel="office", outcome="answered").count() >= 8
    assert DocumentSet.objects.exclude(completed_at=None).count() == 0
    assert DocumentSet.objects.exists() == bool(loader.load(profile).services)
    contact = Contact.objects.exclude(answered_at=None).first()
    assert contact is not None
    assert guides.state(contact, loader.load(profile), NOW).steps


def test_a_court_is_not_asked_about_meters(settings: Settings) -> None:
    _under(settings, "court")
    demonstration.load(contacts=60, now=NOW)
    said = set(Contact.objects.exclude(summary="").values_list("summary", flat=True))
    assert said
    assert not [one for one in said if "лічильник" in one or "нарахування" in one]


def test_it_is_loaded_once_and_is_the_same_every_time(settings: Settings) -> None:
    _under(settings, "court")
    demonstration.load(contacts=40, now=NOW)
    names = list(Client.objects.order_by("pk").values_list("surname", "given_name", "residence"))
    contacts = set(Contact.objects.values_list("pk", "outcome"))
    assert demonstration.load(contacts=40, now=NOW) == "kept as it is"
    assert Client.objects.count() == 200
    _forget_all()
    demonstration.load(contacts=40, now=NOW)
    assert list(Client.objects.order_by("pk").values_list("surname", "given_name", "residence")) == names
    assert set(Contact.objects.values_list("pk", "outcome")) == contacts


def _forget_all() -> None:
    AnswerTemplate.objects.update(in_force=None)
    for model in (
        TemplateUse, TemplateVersion, AnswerTemplate, ControlOrder, Measure, ManagementNotice, Appeal, Reason,
        NumberSeries, Callback, DocumentSet, Contact, Account,
        Client, Body,
    ):  # fmt: skip
        model.objects.all().delete()
    Topic.objects.update(parent=None)
    Topic.objects.all().delete()
    Employee.objects.update(deputy=None)
    Employee.objects.all().delete()
    Unit.objects.update(parent=None)
    Unit.objects.all().delete()
    Skill.objects.all().delete()


def test_half_a_year_has_open_appeals_and_promises(settings: Settings) -> None:
    _under(settings, "krc")
    demonstration.load(now=NOW)
    assert Contact.objects.count() > 250
    span = Contact.objects.order_by("started_at")
    first, last = span.first(), span.last()
    assert first is not None
    assert last is not None
    assert (last.started_at - first.started_at).days > 150
    assert Appeal.objects.filter(closed_at=None).exists()
    assert Appeal.objects.exclude(closed_at=None).exists()
    numbers = list(Appeal.objects.order_by("number").values_list("number", flat=True))
    assert numbers == sorted(set(numbers))
    assert Callback.objects.filter(state="kept").exists()
    kinds = set(Fact.objects.values_list("kind", flat=True).distinct())
    assert kinds >= {"account_shown", "transfer_completed", "callback_made", "voicemail_left", "hold_started"}
    _talks_are_rated()


def _talks_are_rated() -> None:
    """The rows and the facts agree, and nobody was asked twice within the days of the profile."""
    given = Fact.objects.filter(kind="rating_given").values_list("subject_id", "data__score")
    assert dict(given) == dict(Rating.objects.filter(way="phone").values_list("subject_id", "service"))
    assert len({score for _, score in given}) > 2
    asked = [
        (Contact.objects.get(pk=one.subject_id).caller, one.at) for one in Fact.objects.filter(kind="rating_asked")
    ]
    assert len(given) < len(asked) == Fact.objects.filter(kind="rating_not_given").count() + len(given)
    for caller, at in asked:
        near = [other for number, other in asked if number == caller and abs(other - at) <= dt.timedelta(days=30)]
        assert near == [at]


def test_questions_were_answered_and_published_by_two_people_and_are_found(settings: Settings, client: Browser) -> None:
    _under(settings, "krc")
    demonstration.load(contacts=20, now=NOW)
    rows = list(publications.published("krc"))
    assert len(rows) == len(words.organisation("krc")["published"]) >= 8
    for row in rows:
        appeal = row.appeal
        kinds = [fact.kind for fact in facts_of("appeal", appeal.pk)]
        way = ["appeal_assigned", "answer_signed", "answer_sent", "publication_proposed", "publication_approved"]
        assert [kind for kind in kinds if kind in way] == way
        assert appeal.state == "closed"
        assert appeal.answered_at is not None
        assert appeal.limit_at is not None
        assert appeal.answered_at < appeal.limit_at
        assert row.published_at is not None
        assert row.published_at < NOW
        assert row.approved_by != row.decided_by
        assert not publications.hits(appeal, publications.public_of(row))
        assert appeal.surname not in row.question + row.answer
    page = client.get("/faq/").content.decode()
    assert all(row.title in page for row in rows)
    assert "Батареи чуть тёплые" in client.get("/search/", {"q": "холодные батареи"}).content.decode()


@pytest.mark.parametrize("profile", ["court", "yumek", "voe"])
def test_where_the_standard_publishes_no_answers_none_are(settings: Settings, profile: str) -> None:
    _under(settings, profile)
    demonstration.load(contacts=5, now=NOW)
    assert not publications.published(profile).exists()


def test_more_history_goes_on_top(settings: Settings) -> None:
    _under(settings, "voe")
    with pytest.raises(ValueError, match="--demo"):
        demonstration.more_history(5, now=NOW)
    demonstration.load(contacts=30, now=NOW)
    before = Contact.objects.count()
    assert demonstration.more_history(25, now=NOW)
    assert Contact.objects.count() >= before + 25


@pytest.mark.parametrize("profile", ["krc", "court"])
def test_a_registry_of_any_size(settings: Settings, profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _under(settings, profile)
    with pytest.raises(ValueError, match="demonstration"):
        demonstration.more_appeals(10, now=NOW)
    demonstration.load(contacts=20, now=NOW)
    before, told = Appeal.objects.count(), []
    monkeypatch.setattr(bulk, "INDEX_ANEW", 100)
    assert demonstration.more_appeals(300, now=NOW, progress=lambda *said: told.append(said)).startswith("300 appeals")
    assert told == [(300, 300)]
    made = Appeal.objects.order_by("pk")[before:]
    series = {row.year: row.last for row in NumberSeries.objects.filter(profile=profile)}
    assert sum(series.values()) == Appeal.objects.count(), "numbers without gaps"
    assert 10 < sum(one.closed_at is None for one in made) < 100
    assert all(one.limit_at and one.derivation and one.client_id for one in made)
    one = made[7]
    assert Fact.objects.filter(kind="appeal_created", subject_id=str(one.pk)).exists()
    rows = lookup.find(Appeal.objects.all(), f"{one.number} {one.surname} {one.phone} {one.residence}", profile)
    assert [found.pk for found in rows] == [one.pk]
    assert lookup.words_of(one) <= set(_lexemes(one)), "as if it had been indexed one by one"
    appeal = Appeal.objects.create(
        profile=profile, version="1", number="next", kind="complaint", channel="paper", substance="x",
        received_at=NOW, registered_at=NOW,
    )  # fmt: skip
    assert appeal.pk > one.pk


def _lexemes(one: Appeal) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(lookup) FROM appeals_appeal WHERE id = %s", [one.pk])
        return list(cursor.fetchone()[0])


@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_complaints_have_reasons_and_somebody_controls(settings: Settings, profile: str) -> None:
    _under(settings, profile)
    demonstration.load(contacts=240, now=NOW)
    standard = loader.load(profile)
    span = frequency.Span(NOW.date() - dt.timedelta(days=200), NOW.date())
    found = frequency.top(standard, span)
    complaints = sum(one.complaints for one in found)
    assert any(one.reason for one in found) == (complaints > 0), "the page of reasons shows something"
    assert complaints or profile == "yumek", "its guide registers no appeal in a call"
    assert frequency.reasons(standard).count() >= 4
    assert Measure.objects.exclude(reason=None).count() == 1
    assert len(responsibility.controllers(profile, NOW.date())) == 2


@pytest.mark.parametrize(("profile", "months"), [("krc", 18), ("yumek", 18), ("voe", 18)])
def test_the_books_of_each_account_end_at_its_balance(settings: Settings, profile: str, months: int) -> None:
    _under(settings, profile)
    with time_machine.travel(NOW):
        demonstration.load(contacts=1, now=NOW)
        billing = SampleBilling()
        known = {one.number: billing.balance(one.number) for one in Account.objects.all()}
        assert {number: one and one.amount for number, one in known.items()} == dict(
            Account.objects.values_list("number", "balance")
        )
        for account in Account.objects.all()[::7]:
            bills = billing.months(account.number)
            assert 5 <= len(bills) <= months
            assert bills[0] == dt.date(2026, 9, 1)
            assert billing.payments(account.number, dt.date(2025, 1, 1)) or account.balance < 0
            debt = billing.bill(account.number, bills[0])
            owed = debt.opening - sum(one.amount for one in debt.charges) + sum(one.amount for one in debt.payments)
            assert debt.to_pay == max(0, -owed)


def test_an_organisation_without_accounts_has_no_books(settings: Settings) -> None:
    _under(settings, "court")
    demonstration.load(contacts=1, now=NOW)
    assert not ChargedRow.objects.exists()


@pytest.mark.parametrize(
    ("profile", "happened", "hang"), [("krc", 2, 2), ("court", 0, 0), ("yumek", 1, 0), ("voe", 2, 0)]
)
def test_what_happened_is_over_and_boxes_were_emptied(
    settings: Settings, profile: str, happened: int, hang: int
) -> None:
    _under(settings, profile)
    demonstration.load(contacts=10, now=NOW)
    assert Incident.objects.filter(ended_at__lt=NOW, notice__gt="").count() == Incident.objects.count() == happened
    assert boxes.standing(loader.load(profile)).count() == hang
    assert Emptying.objects.count() == 9 * hang


def test_visitors_come_on_working_days_while_an_office_is_open() -> None:
    """Seen in the list of contacts: somebody at the counter at half past one on a Sunday night."""
    krc, now = loader.load("krc"), dt.datetime(2026, 11, 30, 17, 0, tzinfo=dt.UTC)
    moments = visitors._moments(krc, Random(1), now)
    assert len(moments) == visitors.COUNT
    assert moments == sorted(moments)
    assert all(krc.calendar.is_working_day(one.date()) and 9 <= one.hour < 16 and one < now for one in moments)
