"""The registry: number, fields that the standard requires, limit with its reasons, forwarding, those in charge told."""

import datetime as dt

import pytest

from kindline.appeals import actions, cards, escalation, notices, queries
from kindline.appeals.models import Appeal, Body, ManagementNotice, NumberSeries
from kindline.clients import actions as clients
from kindline.conversations import actions as conversations
from kindline.conversations import errors
from kindline.conversations.models import Contact, Topic
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from tests.appeals.registry import Registry, registry

NOW = dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC)
WHOLE = {
    "surname": "Коваль",
    "given_name": "Іван",
    "patronymic": "Петрович",
    "residence": "м. Київ, вул. Ясна, 1",
    "phone": "+380671112233",
    "email": "koval@example.org",
}


@pytest.fixture
def employee(db: None) -> Employee:
    """An operator."""
    return Employee.objects.create(username="operator1", number=12, given_name="Анна", roles=[Role.OPERATOR])


@pytest.fixture
def heads(db: None) -> list[Employee]:
    """Two people in charge, and one who has left."""
    Employee.objects.create(username="gone", roles=[Role.SUPERVISOR], is_active=False)
    return [
        Employee.objects.create(username="supervisor", roles=[Role.SUPERVISOR], number=1),
        Employee.objects.create(username="director", roles=[Role.DIRECTOR], number=2),
    ]


def _call(employee: Employee, profile: str = "court", *, ended: bool = False, caller: str = "") -> Contact:
    contact = conversations.open_contact(profile=loader.load(profile), channel="phone", caller=caller, now=NOW)
    conversations.start_guide(contact=contact, employee=employee, now=NOW)
    if ended:
        Contact.objects.filter(pk=contact.pk).update(ended_at=NOW)
    return Contact.objects.get(pk=contact.pk)


def _register(contact: Contact, employee: Employee, **more: object) -> Appeal:
    given = {"kind": "complaint", "substance": "Справу не розглянуто", "fields": WHOLE} | more
    return actions.register_appeal(contact=contact, employee=employee, now=NOW, **given)  # type: ignore[arg-type]


def _data(contact: Contact, kind: str) -> dict[str, object]:
    return dict(facts_of("contact", contact.pk).filter(kind=kind).get().data)


@pytest.mark.db
class TestRegistration:
    """An appeal stands in the registry with everything that the standard asks for."""

    @pytest.mark.clause("court-1-20", "court-1-26", "court-1-31", "court-1-33")
    def test_a_whole_appeal(self, employee: Employee) -> None:
        contact = _call(employee)
        appeal = _register(contact, employee, kind=["complaint", "demand"])
        assert appeal.number == "court-2026/00001"
        assert (appeal.kind, appeal.kinds_voiced, appeal.form) == ("complaint", ["complaint", "demand"], "oral_phone")
        assert (appeal.surname, appeal.email, appeal.none_fields) == ("Коваль", "koval@example.org", [])
        assert appeal.limit_at is not None
        assert appeal.limit_at.astimezone(loader.load("court").zone).date() == dt.date(2026, 4, 2)
        assert appeal.derivation
        assert all(isinstance(step, str) for step in appeal.derivation)
        assert appeal.limit_clauses == ["court-1-31"]
        registered = _data(contact, "appeal_registered")
        assert registered["number"] == appeal.number
        assert set(registered["fields"]) == {*WHOLE, "kind", "substance"}  # type: ignore[call-overload]
        created = facts_of("appeal", appeal.pk).get()
        assert (created.kind, created.clauses) == ("appeal_created", ["court-1-31"])

    @pytest.mark.clause(
        "court-1-21", "court-1-22", "court-1-23", "court-1-24", "court-1-25", "court-1-26", "court-1-27", "court-1-28"
    )
    def test_every_required_field_is_asked_for_with_its_clause(self, employee: Employee) -> None:
        contact = _call(employee)
        with pytest.raises(errors.MissingFieldsError) as refused:
            _register(contact, employee, kind="", substance="  ", fields={})
        assert refused.value.missing == {
            "surname": ("court-1-21",),
            "given_name": ("court-1-22",),
            "patronymic": ("court-1-23",),
            "residence": ("court-1-24",),
            "substance": ("court-1-25",),
            "kind": ("court-1-26",),
            "phone": ("court-1-27",),
            "email": ("court-1-28",),
        }
        assert not Appeal.objects.exists()
        assert not NumberSeries.objects.exists()

    def test_has_none_is_an_answer_only_where_the_standard_allows(self, employee: Employee) -> None:
        contact = _call(employee)
        fields = {name: WHOLE[name] for name in ("given_name", "residence", "phone")}
        with pytest.raises(errors.MissingFieldsError) as refused:
            _register(contact, employee, fields=fields, none_fields=["surname", "patronymic", "email"])
        assert set(refused.value.missing) == {"surname"}
        appeal = _register(
            contact, employee, fields=fields | {"surname": "Коваль"}, none_fields=["patronymic", "email", "phone"]
        )
        assert appeal.none_fields == ["patronymic", "email"], "a phone that was given is not none"
        assert _data(contact, "appeal_registered")["none_fields"] == ["patronymic", "email"]

    def test_what_the_talk_already_knows_is_not_asked_again(self, employee: Employee) -> None:
        contact = _call(employee, caller="+380671112233")
        for field in ("surname", "given_name", "residence", "substance"):
            value = WHOLE.get(field, "Суть питання")
            conversations.record_field(contact=contact, field=field, value=value, employee=employee, now=NOW)
        for field in ("patronymic", "email"):
            conversations.record_field(contact=contact, field=field, value="", none=True, employee=employee, now=NOW)
        conversations.record_field(
            contact=contact, field="kind", value=["remark", "request"], employee=employee, now=NOW
        )
        appeal = _register(contact, employee, fields={}, substance="", kind="")
        assert (appeal.surname, appeal.phone, appeal.substance) == ("Коваль", "+380671112233", "Суть питання")
        assert appeal.kinds_voiced == ["remark", "request"]

    @pytest.mark.clause("krc-6.1-20", "krc-6.1-28", "krc-6.1-29", "krc-6.1-30")
    def test_the_subject_decides_the_limit(self, employee: Employee) -> None:
        zone = loader.load("krc").zone
        plain = _register(_call(employee, "krc"), employee)
        quality = _register(_call(employee, "krc"), employee, subject="utility_quality")
        assert plain.limit_at is not None
        assert quality.limit_at is not None
        assert plain.limit_at.astimezone(zone).date() == dt.date(2026, 4, 1), "30 calendar days from registration"
        assert quality.limit_at.astimezone(zone).date() == dt.date(2026, 3, 5), "3 working days from receipt"
        assert "krc-6.1-20" in quality.limit_clauses

    @pytest.mark.clause("krc-2-48")
    def test_an_electronic_appeal_counts_from_its_own_stamps(self, employee: Employee) -> None:
        contact = conversations.open_contact(profile=loader.load("krc"), channel="web", now=NOW)
        sent = NOW - dt.timedelta(days=3)
        receipt = actions.Receipt(sent_at=sent, received_at=sent)
        appeal = _register(contact, employee, kind="info_request", receipt=receipt)
        assert (appeal.form, appeal.sent_at, appeal.received_at, appeal.registered_at) == (
            "electronic",
            sent,
            sent,
            NOW,
        )
        assert appeal.limit_at is not None
        assert appeal.limit_at.astimezone(loader.load("krc").zone).date() == (sent + dt.timedelta(days=10)).date()

    def test_a_contact_can_hold_several_appeals_but_none_after_its_end(self, employee: Employee) -> None:
        contact = _call(employee)
        assert [_register(contact, employee).number[-5:] for _ in range(2)] == ["00001", "00002"]
        assert queries.of_contact(contact).count() == 2
        Contact.objects.filter(pk=contact.pk).update(closed_at=NOW)
        with pytest.raises(errors.AlreadyClosedError):
            _register(contact, employee)


@pytest.mark.django_db(transaction=True)
class TestNumbers:
    """One series a year (without doubles and gaps: test_concurrency)."""

    def test_the_year_is_that_of_the_centres_zone(self) -> None:
        here = Registry(loader.load("court"))
        numbers = []
        for minute in (59, 60):
            here.now = dt.datetime(2026, 12, 31, 21, tzinfo=dt.UTC) + dt.timedelta(minutes=minute)
            numbers.append(here.register().number)
        assert numbers == ["court-2026/00001", "court-2027/00001"]


@pytest.mark.db
class TestForwarding:
    """What belongs to another body goes there the same day, and the applicant is told."""

    @pytest.fixture
    def body(self, db: None) -> Body:
        """A competent court."""
        return Body.objects.create(profile="court", name="Окружний суд", competence="адміністративні справи")

    @pytest.mark.clause("court-1-32", "court-1-34", "court-1-35", "court-1-36")
    def test_it_is_forwarded_and_told_once(self, employee: Employee, body: Body) -> None:
        contact = _call(employee)
        appeal = _register(contact, employee, subject="outside_competence")
        assert appeal.limit_at is not None
        assert appeal.limit_at.astimezone(loader.load("court").zone).date() == dt.date(2026, 3, 2), "the same day"
        with pytest.raises(actions.WrongStateError):
            actions.tell_forwarding(appeal=appeal, how="phone", employee=employee, now=NOW)
        appeal = actions.forward_appeal(appeal=appeal, body=body, employee=employee, now=NOW)
        for _ in range(2):
            actions.tell_forwarding(appeal=appeal, how="phone", employee=employee, now=NOW)
        assert _data(contact, "appeal_forwarded")["body"] == "Окружний суд"
        assert _data(contact, "forwarding_told") == {"appeal": appeal.pk, "body": "Окружний суд", "how": "phone"}
        with pytest.raises(actions.WrongStateError):
            actions.forward_appeal(appeal=appeal, body=body, employee=employee, now=NOW)

    def test_a_named_body_gets_it_by_itself_after_the_talk(self, employee: Employee, body: Body) -> None:
        contact = _call(employee)
        appeal = _register(contact, employee, receipt=actions.Receipt(body=body))
        assert actions.sweep_forwarding(now=NOW) == [], "the talk goes on: the operator may do it himself"
        Contact.objects.filter(pk=contact.pk).update(ended_at=NOW)
        assert [one.pk for one in actions.sweep_forwarding(now=NOW)] == [appeal.pk]
        assert actions.sweep_forwarding(now=NOW) == []
        appeal.refresh_from_db()
        assert (appeal.state, appeal.forwarded_at) == ("forwarded", NOW)

    @pytest.mark.clause("court-1-34")
    def test_what_lies_here_towards_the_end_of_the_day_is_told(self, employee: Employee, body: Body) -> None:
        head = Employee.objects.create(username="head", surname="Коваль", roles=[Role.UNIT_HEAD])
        appeal = _register(_call(employee), employee, subject="outside_competence")
        _register(_call(employee), employee)

        def told() -> list[Appeal]:
            rows = notices.unseen(head).filter(reason__startswith=f"{escalation.TO_FORWARD}:")
            return [one.appeal for one in rows if one.appeal]

        assert appeal.limit_at is not None
        for hours, found in ((7, []), (5, [appeal]), (5, [appeal])):
            escalation.sweep(now=appeal.limit_at - dt.timedelta(hours=hours))
            assert told() == found
        fact = facts_of("appeal", appeal.pk).get(kind="appeal_escalated", data__rung="to_forward")
        assert fact.clauses == ["court-1-34"]
        actions.forward_appeal(appeal=appeal, body=body, employee=employee, now=NOW)
        assert told() == []

    def test_bodies_are_found_by_competence(self, body: Body) -> None:
        assert list(queries.bodies("court", "адміністративні")) == [body]
        assert list(queries.bodies("court", "земельні")) == []
        assert list(queries.bodies("krc")) == []


@pytest.mark.db
class TestManagement:
    """Those in charge learn of it at once: the later of registration and the end of the talk."""

    @pytest.mark.clause("court-1-29")
    def test_at_the_end_of_the_talk(self, employee: Employee, heads: list[Employee]) -> None:
        contact = _call(employee)
        appeal = _register(contact, employee)
        assert notices.sweep(now=NOW) == 0, "the talk goes on"
        ended, later = NOW + dt.timedelta(minutes=3), NOW + dt.timedelta(minutes=3, seconds=2)
        Contact.objects.filter(pk=contact.pk).update(ended_at=ended)
        assert [notices.sweep(now=later) for _ in range(2)] == [1, 0]
        assert {row.employee for row in ManagementNotice.objects.filter(appeal=appeal)} == set(heads)
        assert _data(contact, "management_notified") == {"appeal": appeal.pk, "delay_s": 2.0}

    def test_at_the_registration_when_the_talk_is_over(self, employee: Employee, heads: list[Employee]) -> None:
        contact = _call(employee, ended=True)
        _register(contact, employee)
        assert _data(contact, "management_notified")["delay_s"] == 0.0

    @pytest.mark.clause("court-1-29")
    @pytest.mark.parametrize(
        ("profile", "channel", "told"),
        [
            ("court", "phone", True),
            ("court", "office", True),
            ("court", "email", False),
            ("court", "web", False),
            ("krc", "phone", False),
            ("yumek", "phone", False),
            ("voe", "office", False),
        ],
    )
    def test_of_oral_appeals_and_where_the_standard_says_so(self, profile: str, channel: str, told: bool) -> None:
        here = registry(profile)
        appeal = here.register(channel=channel)
        Contact.objects.update(ended_at=here.now)
        assert notices.sweep(now=here.now) == told
        people = {row.employee for row in ManagementNotice.objects.filter(appeal=appeal)}
        assert people == ({here.people[one] for one in ("supervisor", "unit_head", "director")} if told else set())

    @pytest.mark.clause("court-1-30", "court-1-31")
    def test_they_see_take_over_and_answer(self, employee: Employee, heads: list[Employee]) -> None:
        contact = _call(employee, ended=True)
        appeal = _register(contact, employee, kind="proposal")
        head = heads[0]
        assert [row.appeal for row in notices.unseen(head)] == [appeal]
        notices.mark_seen(employee=head, appeal=appeal, now=NOW)
        assert not notices.unseen(head).exists()
        assert notices.unseen(heads[1]).count() == 1
        taken = actions.take_over(appeal=appeal, employee=head, now=NOW)
        assert (taken.state, taken.executor) == ("assigned", head)
        assert list(queries.open_appeals()) == [appeal]
        actions.answer_appeal(appeal=appeal, channel="phone", employee=head, now=NOW)
        assert _data(contact, "appeal_answered")["channel"] == "phone"
        assert not queries.open_appeals().exists()
        with pytest.raises(actions.WrongStateError):
            actions.answer_appeal(appeal=appeal, channel="phone", employee=head, now=NOW)


@pytest.mark.db
def test_a_card_shows_all_and_keeps_that_it_was_seen(employee: Employee) -> None:
    client = clients.create_client(
        fields={"surname": "Коваль"},
        points=[("phone", "0671112233")],
        country="UA",
        via="phone",
        actor="system",
        now=NOW,
    )
    contact = _call(employee)
    conversations.set_client(contact=contact, client=client, via="name", employee=employee, now=NOW)
    appeal = _register(contact, employee)
    assert appeal.client == client
    card = cards.open_card(client=client, employee=employee, contact=contact, now=NOW)
    assert (card.contacts, card.open_appeals) == ([contact], [appeal])
    assert [point.value for point in card.holdings.phones] == ["+380671112233"]
    viewed = facts_of("client", client.pk).filter(kind="client_viewed").get()
    assert viewed.data == {"employee": employee.pk, "contact": str(contact.pk)}


@pytest.mark.db
def test_a_topic_of_the_contact_is_that_of_the_appeal(employee: Employee) -> None:
    topic = Topic.objects.create(profile="court", code="fees", title="Судовий збір")
    contact = _call(employee)
    conversations.set_topic(contact=contact, topic=topic, employee=employee, now=NOW)
    assert _register(contact, employee).topic == topic
    assert _data(contact, "appeal_registered")["topic"] == "fees"
