"""A letter becomes an appeal by itself, with number and term; what belongs to one is added to it; none twice."""

import datetime as dt
from collections.abc import Callable

import pytest

from kindline.appeals import actions, filing, joining, limits, queries, renewing, sorting, unsorted
from kindline.appeals.models import Appeal, JoinedLetter, ManagementNotice
from kindline.clients.models import Client, ContactPoint
from kindline.conversations.errors import MissingFieldsError
from kindline.conversations.models import Contact
from kindline.correspondence import papers
from kindline.correspondence.addressing import Person
from kindline.correspondence.models import Incoming, Paper
from kindline.correspondence.papers import Received
from kindline.journal.queries import facts_of
from kindline.standard import loader
from tests.appeals.registry import APPLICANT, DAY, NOW, Registry, registry
from tests.correspondence.letters import RU, TEXT, file, parts, plain

Take = Callable[..., Incoming]
pytestmark = pytest.mark.db
clause = pytest.mark.clause


def raw(text: str = RU, subject: str = "", *, sender: str = "", more: str = "") -> bytes:
    """A letter by a person."""
    head = f"Subject: {subject}\r\n" if subject else ""
    content = plain(text.encode(), "utf-8", more=head + more)
    return content.replace(b"<ivan@example.org>", f"<{sender}>".encode()) if sender else content


def join(krc: Registry, taken: Take, content: bytes, now: dt.datetime = NOW) -> JoinedLetter | None:
    """A letter that comes and is looked at by the registry."""
    return joining.join_mail(incoming=taken(content, now), profile=krc.profile, now=now)


def joined(krc: Registry, taken: Take, content: bytes, now: dt.datetime = NOW) -> JoinedLetter:
    """The same, for one that is somebody's work."""
    made = join(krc, taken, content, now)
    assert made is not None
    return made


class TestMail:
    @clause("voe-7-01")
    def test_its_files_stand_on_the_appeal_too(self, krc: Registry, taken: Take) -> None:
        letter = joined(krc, taken, parts(TEXT, file("filename=a.txt", b"x")))
        assert [one.file.name for one in filing.files_of(letter.appeal)] == ["a.txt"]

    @clause("krc-5.8-03", "krc-6.1-02", "krc-5.7.2-14")
    def test_becomes_an_appeal_with_number_and_the_shortest_term(self, krc: Registry, taken: Take) -> None:
        letter = joined(krc, taken, raw(subject="Счёт"))
        appeal = letter.appeal
        assert (appeal.number, appeal.state, appeal.channel, appeal.kind) == (
            "krc-2026/00001", "sorting", "email", "info_request",
        )  # fmt: skip
        assert (appeal.email, appeal.given_name, appeal.substance) == ("ivan@example.org", "Иван", RU)
        assert appeal.received_at == NOW
        assert appeal.limit_at is not None
        assert appeal.limit_at.astimezone(krc.profile.zone).date() == dt.date(2026, 3, 5), (
            "it may be a complaint about a utility"
        )
        assert letter.is_first
        incoming = Incoming.objects.get()
        assert (incoming.outcome, incoming.handled_by) == (appeal.number, None)
        assert queries.appeal_of(incoming=incoming.pk) == appeal
        assert list(facts_of("appeal", appeal.pk).values_list("kind", flat=True)) == ["appeal_created", "letter_joined"]

    def test_joined_again_it_is_the_same(self, krc: Registry, taken: Take) -> None:
        letter = joined(krc, taken, raw())
        assert letter.incoming is not None
        again = joining.join_mail(incoming=letter.incoming, profile=krc.profile, now=NOW + DAY)
        assert again == letter
        assert (Appeal.objects.count(), JoinedLetter.objects.count()) == (1, 1)

    @pytest.mark.parametrize("more", ["Auto-Submitted: auto-replied\r\n", "List-Id: <news.example>\r\n"])
    def test_what_a_program_wrote_does_not_but_may_be_chosen(self, krc: Registry, taken: Take, more: str) -> None:
        content = raw(more=more)
        assert join(krc, taken, content) is None
        row = Incoming.objects.get()
        made = joining.join_mail(incoming=row, profile=krc.profile, employee=krc.people["specialist"], now=NOW)
        assert made is not None
        assert made.appeal.state == "sorting"

    def test_what_was_handled_by_a_person_does_not(self, krc: Registry, taken: Take) -> None:
        row = taken(raw())
        Incoming.objects.filter(pk=row.pk).update(handled_at=NOW)
        assert joining.join_mail(incoming=row, profile=krc.profile, now=NOW) is None

    def test_what_cannot_be_read_is_a_case_too(self, krc: Registry, taken: Take) -> None:
        letter = joined(krc, taken, b"Subject: " + b"x" * 70_000 + b"\r\n\r\nx")
        assert letter.incoming is not None
        assert letter.incoming.state == "unreadable"
        assert letter.appeal.state == "sorting"
        assert letter.appeal.limit_at is not None

    def test_the_clients_card_names_him(self, krc: Registry, taken: Take) -> None:
        client = Client.objects.create(
            surname="Петров", given_name="Иван", patronymic="Сергеевич", created_at=NOW, changed_at=NOW
        )
        ContactPoint.objects.create(client=client, kind="email", value="ivan@example.org")
        appeal = joined(krc, taken, raw()).appeal
        assert (appeal.client, appeal.patronymic) == (client, "Сергеевич")

    @pytest.mark.parametrize(
        ("said", "believed"), [(NOW - DAY, True), (NOW - 400 * DAY, False), (NOW + DAY, False)]
    )  # fmt: skip
    def test_an_absurd_date_does_not_eat_up_the_term(
        self, krc: Registry, taken: Take, said: dt.datetime, *, believed: bool
    ) -> None:
        appeal = joined(krc, taken, raw(more=f"Date: {said:%a, %d %b %Y %H:%M:%S} +0000\r\n")).appeal
        assert appeal.sent_at == (said if believed else None)

    def test_a_standard_without_an_intake_leaves_it_to_a_clerk(self, krc: Registry, taken: Take) -> None:
        from dataclasses import replace

        flow = krc.profile.workflow
        assert flow is not None
        profile = replace(krc.profile, workflow=replace(flow, intake=None))
        assert joining.join_mail(incoming=taken(raw()), profile=profile, now=NOW) is None
        assert Incoming.objects.get().handled_at is None

    @pytest.mark.parametrize("name", ["court", "yumek", "voe"])
    def test_every_standard_takes_letters(self, krc: Registry, taken: Take, name: str) -> None:
        letter = joining.join_mail(incoming=taken(raw()), profile=loader.load(name), now=NOW)
        assert letter is not None
        assert letter.appeal.number == f"{name}-2026/00001"
        assert letter.appeal.limit_at is not None


class TestMore:
    def test_the_number_in_the_subject_leads_to_it_and_the_executor_is_told(self, krc: Registry, taken: Take) -> None:
        appeal = joined(krc, taken, raw()).appeal
        executor = krc.people["executor"]
        Appeal.objects.filter(pk=appeal.pk).update(executor=executor, state="assigned")
        more = joined(krc, taken, raw("Ещё: счёт прилагаю", f"Re: {appeal.number.upper()}"), NOW + DAY)
        assert (more.appeal, more.is_first) == (appeal, False)
        assert Appeal.objects.count() == 1
        assert ManagementNotice.objects.get(employee=executor).reason == f"letter:{more.pk}"
        assert facts_of("appeal", appeal.pk).filter(kind="letter_joined").count() == 2

    def test_nobody_to_tell_it_is_told_to_those_who_lead(self, krc: Registry, taken: Take) -> None:
        appeal = joined(krc, taken, raw()).appeal
        joined(krc, taken, raw("ещё", appeal.number))
        told = set(ManagementNotice.objects.values_list("employee__username", flat=True))
        assert told == {"supervisor", "unit_head"}

    def test_a_stranger_who_names_a_number_is_not_let_in(self, krc: Registry, taken: Take) -> None:
        appeal = joined(krc, taken, raw()).appeal
        other = joined(krc, taken, raw("моё", appeal.number, sender="other@example.org"))
        assert other.appeal != appeal
        assert (other.is_first, other.appeal.earlier) == (True, None), "another's appeal is not repeated by a stranger"

    def test_the_same_thread_leads_to_it_without_a_number(self, krc: Registry, taken: Take) -> None:
        first = joined(krc, taken, raw(more="Message-ID: <first@example.org>\r\n"))
        more = joined(krc, taken, raw("ещё", more="In-Reply-To: <first@example.org>\r\n"))
        assert more.appeal == first.appeal

    def test_after_the_end_it_is_a_new_one_that_names_the_old(self, krc: Registry, taken: Take) -> None:
        appeal = joined(krc, taken, raw()).appeal
        Appeal.objects.filter(pk=appeal.pk).update(state="closed", end="answered", closed_at=NOW)
        later = joined(krc, taken, raw("снова", appeal.number), NOW + DAY).appeal
        assert later != appeal
        assert later.earlier == appeal


class TestPaper:
    @staticmethod
    def paper(krc: Registry, key: str = "k", subject: str = "Жалоба на счёт") -> Paper:
        """A letter that a clerk registers."""
        told = Received(
            subject, Person("Петров", "Иван", "Сергеевич"), "ул. Лесная, 1", dt.date(2026, 2, 20), dt.date(2026, 3, 1)
        )
        return papers.register_incoming(
            profile=krc.profile, key=key, received=told, employee=krc.people["counter"], now=NOW
        )

    @clause("krc-5.8-01", "krc-5.8-03")
    def test_becomes_an_appeal_from_the_day_of_its_receipt(self, krc: Registry) -> None:
        paper = self.paper(krc)
        letter = joining.join_paper(paper=paper, profile=krc.profile, now=NOW)
        assert letter is not None
        assert letter == joining.join_paper(paper=paper, profile=krc.profile, now=NOW)
        appeal = letter.appeal
        assert (appeal.channel, appeal.state, appeal.surname, appeal.residence) == (
            "paper", "sorting", "Петров", "ул. Лесная, 1",
        )  # fmt: skip
        assert appeal.received_at.astimezone(krc.profile.zone).date() == dt.date(2026, 3, 1)
        assert appeal.limit_at is not None
        assert appeal.limit_at.astimezone(krc.profile.zone).date() == dt.date(2026, 3, 4), (
            "three working days from its receipt"
        )

    def test_one_with_our_number_is_added(self, krc: Registry) -> None:
        first = joining.join_paper(paper=self.paper(krc), profile=krc.profile, now=NOW)
        assert first is not None
        paper = self.paper(krc, "k2", f"Дополнение к {first.appeal.number}")
        more = joining.join_paper(paper=paper, profile=krc.profile, now=NOW)
        assert more is not None
        assert (more.appeal, more.is_first) == (first.appeal, False)

    def test_our_own_letters_are_not_taken(self, krc: Registry) -> None:
        paper = self.paper(krc)
        Paper.objects.filter(pk=paper.pk).update(direction="out")
        assert joining.join_paper(paper=paper, profile=krc.profile, now=NOW) is None


class TestSorting:
    @clause("krc-6.1-28", "krc-5.7.3-05", "krc-5.7.2-14")
    def test_kind_and_subject_decide_the_term_that_runs_from_the_receipt(self, krc: Registry, taken: Take) -> None:
        appeal = joined(krc, taken, raw()).appeal
        done = sorting.sort_appeal(
            appeal=appeal, kind="complaint", substance=RU, fields=APPLICANT, subject="debt",
            employee=krc.people["specialist"], now=NOW + DAY,
        )  # fmt: skip
        assert (done.state, done.kind, done.kinds_voiced, done.number) == (
            "registered", "complaint", ["complaint"], appeal.number,
        )  # fmt: skip
        assert done.limit_at is not None
        assert appeal.limit_at is not None
        assert done.limit_at > appeal.limit_at
        contact = Contact.objects.get()
        assert (done.contact, contact.started_at, contact.outcome) == (contact, NOW, "appeal")
        assert contact.closed_at == NOW + DAY
        told = facts_of("contact", contact.pk).get(kind="appeal_registered")
        assert {"surname", "substance", "kind"} <= set(told.data["fields"])
        assert facts_of("appeal", appeal.pk).get(kind="appeal_sorted").data["appeal_kind"] == "complaint"

    def test_what_is_required_is_asked_for(self, court: Registry, taken: Take) -> None:
        letter = joining.join_mail(incoming=taken(raw()), profile=court.profile, now=NOW)
        assert letter is not None
        with pytest.raises(MissingFieldsError) as refused:
            sorting.sort_appeal(
                appeal=letter.appeal, kind="", substance="", fields={}, employee=court.people["specialist"], now=NOW
            )
        assert {"kind", "substance"} <= set(refused.value.missing)
        letter.appeal.refresh_from_db()
        assert letter.appeal.state == "sorting"
        assert not Contact.objects.exists()

    @clause("krc-6.1-28", "yumek-9.1-06", "voe-8-03")
    @pytest.mark.parametrize(("way", "field"), [("email", "email"), ("paper", "residence"), ("phone", "phone")])
    @pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
    def test_the_way_of_the_answer_needs_its_address(self, profile: str, way: str, field: str) -> None:
        """As at a registration: else the answer could not go."""
        here = registry(profile)
        appeal = here.at("sorting", channel="paper")
        fields = APPLICANT | {field: ""}
        with pytest.raises(MissingFieldsError) as refused:
            sorting.sort_appeal(
                appeal=appeal, kind="proposal", substance=RU, fields=fields, none_fields=[field],
                receipt=actions.Receipt(answer_by=way), employee=here.people["supervisor"], now=NOW,
            )  # fmt: skip
        assert set(refused.value.missing) == {field}

    def test_the_shortest_term_holds_only_until_then(self, krc: Registry, taken: Take) -> None:
        appeal = joined(krc, taken, raw()).appeal
        assert appeal.limit_rule == "utility_quality"
        fresh = Appeal.objects.get(pk=appeal.pk)
        assert renewing.due(krc.profile, fresh)[1] == fresh.limit_at, "a changed calendar leaves it so"
        fresh.subject = "outside_competence"
        assert renewing.due(krc.profile, fresh)[0].rule == "outside_competence", "somebody has said what it is about"

    @pytest.mark.parametrize("name", ["court", "krc", "yumek", "voe"])
    @pytest.mark.parametrize("channel", ["email", "paper", "sms"])
    def test_nothing_that_it_may_be_has_a_shorter_one(self, name: str, channel: str) -> None:
        """Whatever a letter turns out to be, the limit under which it lay was not later than its own."""
        profile = loader.load(name)
        flow, asked = profile.workflow, Appeal(
            profile=name, channel=channel, received_at=NOW, registered_at=NOW, applicant_kind="person"
        )  # fmt: skip
        assert flow is not None
        assert flow.intake is not None
        own = [
            limits.limit_of_kind(profile, asked, kind, subject).limit
            for kind in ("application", "proposal", "complaint", "info_request")
            for subject in ("", *(queries.subjects(profile) if name != "court" else ()))
        ]
        assert unsorted.shortest(profile, asked).limit == min(one for one in own if one is not None)
