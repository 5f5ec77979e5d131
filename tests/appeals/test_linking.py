"""Appeals that belong together: duplicates and the answer that reaches them, relations, one applicant, incidents."""

import datetime as dt

import pytest

from kindline.appeals import answering, batches, incidents, letters, linking, moves, notifying
from kindline.appeals.models import Answer, Appeal, ClientNotice, Incident, Relation
from kindline.conversations.models import Topic
from kindline.journal.queries import facts_of
from tests.appeals.registry import DAY, NOW, SUBSTANCE, Registry, registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause


def _kinds(appeal: Appeal) -> list[str]:
    return [fact.kind for fact in facts_of("appeal", appeal.pk)]


def _answered(here: Registry) -> Appeal:
    """An appeal whose signed answer was sent."""
    appeal = here.at("signed", kind="proposal")
    here.perform("mark_sent", appeal, here.people["supervisor"])
    appeal.refresh_from_db()
    return appeal


class TestDuplicates:
    @clause("krc-5.7.2-20", "court-1-31", "yumek-9.1-07", "voe-8-06")
    @pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
    def test_a_duplicate_closes_on_its_own_ground_and_the_answer_reaches_it(self, profile: str) -> None:
        here = registry(profile)
        original, twin = here.at("signed", kind="proposal"), here.register(kind="proposal")
        head = here.people["supervisor"]
        closed = linking.join(appeal=twin, original=original, employee=head, now=NOW)
        assert (closed.state, closed.end, closed.original) == ("closed", "duplicate", original)
        assert not ClientNotice.objects.exists()
        here.perform("mark_sent", original, head)
        notice = ClientNotice.objects.get(appeal=twin)
        sealed = Answer.objects.get(appeal=original).text
        assert sealed.endswith(notice.text)
        assert sealed.removesuffix(notice.text).strip() == f"{letters.called(here.profile, original)}!", (
            "each gets his own salutation"
        )
        twin.refresh_from_db()
        assert twin.answered_at is None, "prepared is not sent"
        notifying.mark_notice_sent(notice=notice, channel="paper", proof="RA3", employee=head, now=NOW + DAY)
        twin.refresh_from_db()
        assert twin.answered_at == NOW + DAY
        assert {"appeal_joined", "answer_shared", "appeal_closed", "notice_sent"} <= set(_kinds(twin))
        assert "duplicate_joined" in _kinds(original)

    def test_of_an_appeal_that_was_answered_already_the_answer_goes_at_once(self, krc: Registry) -> None:
        original, twin = _answered(krc), krc.register(kind="proposal")
        linking.join(appeal=twin, original=original, employee=krc.people["supervisor"], now=NOW)
        text = ClientNotice.objects.get(appeal=twin).text
        assert SUBSTANCE in text
        assert original.number not in text

    def test_duplicates_of_a_duplicate_hang_on_the_first(self, krc: Registry) -> None:
        first, second, third = (krc.register(kind="proposal") for _ in range(3))
        head = krc.people["supervisor"]
        linking.join(appeal=third, original=second, employee=head, now=NOW)
        linking.join(appeal=second, original=first, employee=head, now=NOW)
        assert set(first.duplicates.all()) == {second, third}
        second.refresh_from_db()
        assert list(linking.linked(second)) == [third], "the first stands beside them"

    def test_nothing_is_its_own_duplicate_or_that_of_one_without_an_answer(self, krc: Registry) -> None:
        appeal, head = krc.register(kind="proposal"), krc.people["supervisor"]
        silent = krc.at("assigned", kind="proposal")
        krc.perform("close_silently", silent, head, "unreadable")
        twin = krc.register(kind="proposal")
        linking.join(appeal=twin, original=appeal, employee=head, now=NOW)
        with pytest.raises(linking.NotAnotherError):
            linking.join(appeal=appeal, original=appeal, employee=head, now=NOW)
        with pytest.raises(linking.NotAnotherError):
            linking.join(appeal=appeal, original=twin, employee=head, now=NOW)
        with pytest.raises(linking.NeverAnsweredError):
            linking.join(appeal=appeal, original=silent, employee=head, now=NOW)
        with pytest.raises(moves.NotYoursError):
            linking.join(appeal=appeal, original=krc.register(), employee=krc.people["operator"], now=NOW)
        appeal.refresh_from_db()
        assert appeal.closed_at is None


class TestRelations:
    def test_are_kept_once_in_both_histories(self, krc: Registry) -> None:
        one, two, who = krc.register(), krc.register(), krc.people["operator"]
        for appeal, other in ((one, two), (two, one)):
            linking.relate(appeal=appeal, other=other, employee=who, now=NOW)
        assert Relation.objects.count() == 1
        assert list(linking.linked(one)) == [two]
        assert list(linking.linked(two)) == [one]
        assert [_kinds(appeal).count("appeals_related") for appeal in (one, two)] == [1, 1]
        linking.unrelate(appeal=two, other=one, employee=who, now=NOW)
        linking.unrelate(appeal=two, other=one, employee=who, now=NOW)
        assert _kinds(one).count("relation_removed") == 1
        with pytest.raises(linking.NotAnotherError):
            linking.relate(appeal=one, other=one, employee=who, now=NOW)


@clause("krc-6.1-55")
def test_what_one_applicant_wrote_is_found_without_a_card(krc: Registry) -> None:
    mine = [krc.register() for _ in range(3)]
    other = {"surname": "Коваль", "given_name": "Пётр", "phone": "+79995550000", "email": "p@example.org"}
    krc.register(fields=other)
    krc.register(fields=other | {"surname": "Иванов", "phone": "+79210000001"})
    assert list(linking.of_applicant(mine[1])) == [mine[2], mine[0]]
    bare = krc.register(fields={"surname": "", "given_name": "Ольга"}, channel="web")
    assert list(linking.of_applicant(bare)) == []


class TestIncidents:
    @pytest.fixture
    def topic(self, db: None) -> Topic:
        return Topic.objects.create(profile="krc", code="heat", title="Отопление")

    def _of_street(self, here: Registry, topic: Topic, street: str, house: int) -> Appeal:
        fields = {"surname": f"Коваль{house}", "given_name": "Ольга", "residence": f"ул. {street}, д. {house}",
                  "phone": f"+7921000{house:04}"}  # fmt: skip
        return here.register(topic=topic, fields=fields, kind="proposal")

    def test_appeals_of_a_topic_and_a_street_within_hours_are_suggested(self, krc: Registry, topic: Topic) -> None:
        same = [self._of_street(krc, topic, "Лесная", house) for house in (1, 2, 3)]
        self._of_street(krc, topic, "Речная", 4)
        other = Topic.objects.create(profile="krc", code="bill", title="Квитанция")
        self._of_street(krc, other, "Лесная", 5)
        later = NOW + dt.timedelta(hours=5)
        (found,) = incidents.suggested(krc.profile, later)
        assert (found.topic, found.area, set(found.appeals)) == (topic, "лесная", set(same))
        assert incidents.suggested(krc.profile, NOW + dt.timedelta(hours=7)) == [], "the standard's hours are over"
        self._open(krc, topic, same)
        assert incidents.suggested(krc.profile, later) == [], "they are an incident already"

    def _open(self, here: Registry, topic: Topic, appeals: list[Appeal]) -> Incident:
        return incidents.open_incident(
            profile=here.profile, title="Авария на теплотрассе", topic=topic, area="Лесная", appeals=appeals,
            begun_at=NOW, employee=here.people["supervisor"], now=NOW,
        )  # fmt: skip

    def test_one_answer_is_drafted_for_all_each_by_its_own_workflow(self, krc: Registry, topic: Topic) -> None:
        appeals = [self._of_street(krc, topic, "Лесная", house) for house in (1, 2, 3)]
        executor = krc.people["specialist"]
        Appeal.objects.filter(pk__in=[one.pk for one in appeals[:2]]).update(state="assigned", executor=executor)
        made = self._open(krc, topic, appeals)
        done = incidents.answer_all(incident=made, text=SUBSTANCE, employee=executor, now=NOW)
        assert [type(one.error) for one in done] == [type(None), type(None), moves.WrongStateError]
        for appeal in appeals[:2]:
            answer = Answer.objects.get(appeal=appeal)
            assert SUBSTANCE in answer.text
            assert str(executor) in answer.text
            assert "appeal_attached" in _kinds(appeal)
        facts = {fact.kind: fact.data for fact in facts_of("incident", made.pk)}
        assert (facts["incident_opened"]["count"], facts["incident_answered"]["count"]) == (3, 2)
        assert facts["incident_answered"]["refused"] == 1

    def test_what_is_of_another_event_is_detached_and_an_end_is_kept_once(self, krc: Registry, topic: Topic) -> None:
        appeal, head = self._of_street(krc, topic, "Лесная", 1), krc.people["supervisor"]
        made = self._open(krc, topic, [appeal])
        assert incidents.attach(incident=made, appeals=[appeal], employee=head, now=NOW) == 0
        incidents.detach(appeal=appeal, employee=head, now=NOW)
        incidents.detach(appeal=appeal, employee=head, now=NOW)
        assert _kinds(appeal).count("appeal_detached") == 1
        for _ in range(2):
            incidents.end_incident(incident=made, employee=head, now=NOW)
        assert facts_of("incident", made.pk).filter(kind="incident_ended").count() == 1
        with pytest.raises(answering.EmptyTextError):
            incidents.answer_all(incident=made, text=" ", employee=head, now=NOW)


def test_one_that_is_refused_does_not_hold_up_the_others(krc: Registry) -> None:
    open_one, closed = krc.at("assigned"), krc.at("closed")
    head, executor = krc.people["unit_head"], krc.people["specialist"]

    def assign(appeal: Appeal) -> None:
        krc.perform("assign", appeal, head)

    done = batches.each([closed, open_one], assign)
    assert [type(one.error) for one in done] == [moves.WrongStateError, type(None)]
    open_one.refresh_from_db()
    assert open_one.executor == executor
