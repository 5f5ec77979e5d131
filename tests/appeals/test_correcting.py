"""What was said of an appeal is corrected while it is open; its term follows, and old and new are kept."""

import datetime as dt

import pytest

from kindline.appeals import applying, correcting, dispatching, linking, lookup, moves, outcomes, outdated_letters
from kindline.appeals.actions import BarredKindError
from kindline.appeals.correcting import Correct
from kindline.appeals.models import Appeal, JoinedLetter
from kindline.conversations.errors import MissingFieldsError
from kindline.conversations.models import Topic
from kindline.correspondence.models import Paper
from kindline.journal.queries import facts_of
from tests.appeals.registry import APPLICANT, DAY, NOW, Registry, registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause
CONTACT = {name: APPLICANT[name] for name in correcting.PERSONAL}


def _correct(here: Registry, appeal: Appeal, reason: str = "", who: str = "supervisor", **right: object) -> Appeal:
    stands = {"kind": appeal.kind, "subject": appeal.subject, **CONTACT}
    return correcting.correct_appeal(
        appeal=appeal, right=Correct(**stands | right), reason=reason, employee=here.people[who], now=NOW + DAY,  # type: ignore[arg-type]
    )  # fmt: skip


@clause("krc-5.7.2-14", "krc-6.1-02", "krc-6.1-13")
@pytest.mark.parametrize("state", ["registered", "assigned", "draft", "check", "sign", "signed"])
def test_a_subject_brings_its_term_with_a_reason_and_both_are_kept(krc: Registry, state: str) -> None:
    appeal, wanted = krc.at(state), krc.register(subject="outside_competence")
    old = appeal.limit_at
    with pytest.raises(correcting.LimitMovesError) as refused:
        _correct(krc, appeal, subject="outside_competence")
    assert (refused.value.old, refused.value.new) == (old, wanted.limit_at)
    appeal.refresh_from_db()
    assert (appeal.subject, appeal.limit_at) == ("", old), "refused, nothing has changed"
    done = _correct(krc, appeal, "это не к нам", subject="outside_competence")
    done.refresh_from_db()
    assert (done.subject, done.limit_at, done.derivation) == ("outside_competence", wanted.limit_at, wanted.derivation)
    assert done.state == state
    fact = facts_of("appeal", appeal.pk).get(kind="appeal_corrected")
    assert (fact.data["old_subject"], fact.data["subject"], fact.data["why"]) == (
        "",
        "outside_competence",
        "это не к нам",
    )
    moved = facts_of("appeal", appeal.pk).get(kind="appeal_recomputed")
    assert dt.datetime.fromisoformat(moved.data["old_limit_at"]) == old


@pytest.mark.parametrize(("profile", "before", "after"), [("krc", "application", "authority_request"),
                                                          ("voe", "complaint", "service_request")])  # fmt: skip
def test_what_is_said_to_move_is_what_moves(profile: str, before: str, after: str) -> None:
    here = registry(profile)
    appeal, wanted = here.at("assigned", kind=before), here.register(kind=after)
    assert (appeal.limit_at, appeal.target_at) == (wanted.limit_at, appeal.target_at)
    with pytest.raises(correcting.LimitMovesError) as refused:
        _correct(here, appeal, kind=after)
    assert refused.value.code == "target_moves"
    assert refused.value.old == appeal.target_at != refused.value.new


def test_the_way_of_the_answer_needs_its_address(krc: Registry) -> None:
    appeal = krc.at("assigned", channel="phone")
    with pytest.raises(MissingFieldsError) as refused:
        _correct(krc, appeal, answer_by="email", email="")
    assert set(refused.value.missing) == {"email"}
    assert _correct(krc, appeal, answer_by="email").answer_by == "email"


@clause("krc-6.1-62")
def test_what_comes_before_a_court_later_is_no_complaint(krc: Registry) -> None:
    appeal = krc.at("assigned", kind="complaint")
    with pytest.raises(BarredKindError) as refused:
        _correct(krc, appeal, "подан иск", in_court=True)
    assert "krc-6.1-62" in refused.value.clauses
    done = _correct(krc, appeal, "подан иск", in_court=True, kind="application")
    assert (done.kind, done.kinds_voiced, done.in_court) == ("application", ["application"], True)


@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_contact_data_are_corrected_found_and_not_written_into_the_journal(profile: str) -> None:
    here = registry(profile)
    appeal = here.at("signed", kind="proposal")
    done = _correct(here, appeal, email="novaya@example.org", residence="ул. Речная, 7")
    done.refresh_from_db()
    assert (done.email, done.residence) == ("novaya@example.org", "ул. Речная, 7")
    fact = facts_of("appeal", appeal.pk).get(kind="appeal_corrected")
    assert fact.data["fields"] == ["residence", "email"]
    assert "novaya" not in str(fact.data)
    other = here.register(kind="proposal", fields=APPLICANT | {"email": "novaya@example.org", "phone": "+79990000000"})
    assert done in linking.of_applicant(other), "by the words of the corrected row"


@clause("krc-2-14", "krc-6.1-02")
@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_who_applies_is_corrected_found_by_his_name_and_kept_as_corrected(profile: str) -> None:
    here = registry(profile)
    appeal = here.at("assigned", kind="proposal")
    firm = correcting.Applicant("firm", "ООО «Тепло»", "Ковальчук", "Пётр", "Ильич")
    done = _correct(here, appeal, "писал представитель", applicant=firm)
    done.refresh_from_db()
    assert (done.applicant_kind, done.applicant, done.person_name) == ("firm", "ООО «Тепло»", "Ковальчук Пётр Ильич")
    fact = facts_of("appeal", appeal.pk).get(kind="appeal_corrected")
    assert (fact.data["old_applicant"], fact.data["applicant"]) == ("person", "firm")
    assert fact.data["fields"] == ["firm_name", "surname", "given_name", "patronymic"]
    assert "Ковальчук" not in str(fact.data), "the journal forgets nothing"
    assert list(lookup.find(Appeal.objects.all(), "Ковальчук", profile)) == [done]
    assert not lookup.find(Appeal.objects.all(), "Коваль Ольга", profile).exists()


def test_an_organisation_has_a_name_and_who_is_reached_has_contact_data(krc: Registry) -> None:
    appeal = krc.at("assigned", kind="proposal")
    with pytest.raises(MissingFieldsError) as refused:
        _correct(krc, appeal, applicant=correcting.Applicant("firm", "", "Коваль", "Ольга", "Петровна"))
    assert set(refused.value.missing) == {"firm_name"}
    with pytest.raises(applying.ReachableError):
        _correct(krc, appeal, applicant=correcting.Applicant("no_contact", "", "Коваль"))
    with pytest.raises(applying.NamedFirmError):
        _correct(krc, appeal, applicant=correcting.Applicant("person", "ООО «Тепло»", "Коваль"))
    appeal.refresh_from_db()
    assert (appeal.applicant_kind, appeal.given_name) == ("person", "Ольга")


def test_topic_way_of_the_answer_and_a_named_day(krc: Registry) -> None:
    topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
    appeal = krc.at("assigned", kind="proposal")
    named = NOW + 2 * DAY
    done = _correct(krc, appeal, "орган назвал день", topic=topic, answer_by="email", named_at=named)
    done.refresh_from_db()
    assert (done.topic, done.answer_by, done.named_at) == (topic, "email", named)
    fact = facts_of("appeal", appeal.pk).get(kind="appeal_corrected")
    assert (fact.data["old_topic"], fact.data["topic"], fact.data["answer_by"]) == ("", "heat", "email")


def test_the_same_again_is_nothing_and_a_reason_is_not_asked_for(krc: Registry) -> None:
    appeal = krc.at("assigned", kind="proposal")
    revision = appeal.revision
    _correct(krc, appeal)
    appeal.refresh_from_db()
    assert appeal.revision == revision
    assert not facts_of("appeal", appeal.pk).filter(kind="appeal_corrected").exists()


def test_what_the_standard_requires_is_not_emptied(court: Registry) -> None:
    appeal = court.at("assigned", kind="proposal", channel="phone")
    with pytest.raises(MissingFieldsError) as refused:
        _correct(court, appeal, residence="")
    assert "residence" in refused.value.missing
    with pytest.raises(MissingFieldsError):
        _correct(court, appeal, kind="")


def test_of_an_answered_appeal_the_term_stays_by_which_it_was_judged(krc: Registry) -> None:
    appeal = krc.at("sent", kind="proposal")
    Appeal.objects.filter(pk=appeal.pk).update(answered_at=NOW)
    old = appeal.limit_at
    assert _correct(krc, appeal, subject="outside_competence").limit_at == old


def test_others_and_what_has_left_or_waits_to_be_sorted_are_refused(krc: Registry) -> None:
    with pytest.raises(moves.NotYoursError) as refused:
        _correct(krc, krc.at("assigned"), who="operator")
    assert "krc-6.1-02" in refused.value.clauses
    for state in ("closed", "sorting"):
        with pytest.raises(moves.WrongStateError):
            _correct(krc, krc.at(state))
    assert not correcting.may(krc.at("sorting"), krc.people["supervisor"])


def test_what_an_employee_types_as_an_e_mail_address_is_one(krc: Registry) -> None:
    """Found out when the answer is to go, the client waits for it in vain."""
    with pytest.raises(applying.BadEmailError) as refused:
        krc.register(fields=APPLICANT | {"email": "client@@example"})
    assert refused.value.email == "client@@example"
    appeal = krc.at("assigned")
    with pytest.raises(applying.BadEmailError):
        _correct(krc, appeal, email="client example.com")
    Appeal.objects.filter(pk=appeal.pk).update(email="as it came")
    assert _correct(krc, appeal, email="as it came", phone="+74012500001").phone == "+74012500001", "another field"


def test_that_there_is_none_is_said_and_taken_back(court: Registry) -> None:
    """A patronymic that was written by mistake could not be emptied where the standard asks for it."""
    appeal = court.at("registered")
    who = {name: getattr(appeal, name) for name in correcting.NAMES}

    def right(**names: str) -> correcting.Applicant:
        return correcting.Applicant(appeal.applicant_kind, **who | names)

    with pytest.raises(MissingFieldsError):
        _correct(court, appeal, applicant=right(patronymic=""), none_fields=())
    done = _correct(court, appeal, applicant=right(patronymic=""), none_fields=["patronymic"])
    assert (done.patronymic, done.none_fields) == ("", ["patronymic"])
    assert facts_of("appeal", appeal.pk).filter(kind="appeal_corrected").last().data["fields"] == ["patronymic"]  # type: ignore[union-attr]
    done = _correct(court, done, applicant=right(patronymic="Павлівна"), none_fields=["patronymic"])
    assert (done.patronymic, done.none_fields) == ("Павлівна", [])


@clause("krc-6.1-02", "krc-6.1-28")
class TestLettersOnTheirWay:
    """What was made before a correction of name or address, and has not gone, bears the earlier one."""

    def _sent(self, krc: Registry, channel: str) -> JoinedLetter:
        appeal = krc.at("signed", kind="proposal", channel=channel)
        return dispatching.send_answer(appeal=appeal, employee=krc.people["supervisor"], now=NOW)

    @pytest.mark.parametrize(("channel", "what"), [("paper", "residence"), ("email", "email")])
    def test_the_address_of_its_way(self, krc: Registry, channel: str, what: str) -> None:
        letter, other = self._sent(krc, channel), "email" if what == "residence" else "residence"
        _correct(krc, letter.appeal, **{other: "a@example.org" if other == "email" else "ул. Речная, 7"})
        assert outdated(letter) == (False, False), "it goes by another way"
        letter.appeal.refresh_from_db()
        _correct(krc, letter.appeal, **{what: "b@example.org" if what == "email" else "ул. Новая, 7"})
        assert outdated(letter) == (True, True)

    def test_a_name_stands_in_every_letter(self, krc: Registry) -> None:
        letter = self._sent(krc, "paper")
        _correct(krc, letter.appeal, applicant=correcting.Applicant("person", "", "Ковальчук", "Ольга", "Петровна"))
        assert outdated(letter) == (True, True)

    def test_what_was_sent_to_the_right_address_before_it_was_corrected_bears_it(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal", channel="paper")
        letter = dispatching.send_answer(
            appeal=appeal, address="ул. Новая, 7", employee=krc.people["supervisor"], now=NOW
        )  # fmt: skip
        _correct(krc, appeal, residence="ул. Новая, 7")
        assert outdated(letter) == (False, False)

    def test_a_letter_made_after_it_and_one_that_has_gone_do_not(self, krc: Registry) -> None:
        appeal = krc.at("signed", kind="proposal", channel="paper")
        _correct(krc, appeal, residence="ул. Новая, 7")
        letter = dispatching.send_answer(appeal=appeal, employee=krc.people["supervisor"], now=NOW + 2 * DAY)
        assert outdated(letter) == (False, False)
        gone = self._sent(krc, "paper")
        _correct(krc, gone.appeal, residence="ул. Новая, 7")
        outcomes.note_gone(letter=gone, proof="1", at=NOW + DAY, now=NOW + DAY)
        assert outdated(gone) == (False, False)

    def test_where_it_is(self, krc: Registry) -> None:
        assert outdated_letters.place_of(self._sent(krc, "email")) == outdated_letters.BY_MAIL
        letter = self._sent(krc, "paper")
        assert outdated_letters.place_of(letter) == outdated_letters.WAITS
        Paper.objects.update(state="printed")
        fresh = JoinedLetter.objects.select_related("paper").get(pk=letter.pk)
        assert outdated_letters.place_of(fresh) == outdated_letters.PRINTED


def outdated(letter: JoinedLetter) -> tuple[bool, bool]:
    """Whether it bears an earlier name or address, as the appeal's page asks and as the outgoing letters do."""
    rows = JoinedLetter.objects.filter(pk=letter.pk).select_related("appeal", "paper", "outgoing")
    listed = outdated_letters.of_papers([letter.paper_id] if letter.paper_id else [])
    listed |= outdated_letters.of_mail([letter.outgoing_id] if letter.outgoing_id else [])
    return letter.pk in outdated_letters.among(rows), bool({letter.paper_id, letter.outgoing_id} & listed)
