"""Leaving without an answer on the substance: what the notice must hold, who is told, and that the clock goes on."""

import datetime as dt
from functools import partial

import pytest

from kindline.appeals import declining, moves, notices, notifying, threats
from kindline.appeals.models import Appeal, Body, ClientNotice
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee
from tests.appeals.registry import DAY, NOW, Registry, registry

clause = pytest.mark.clause


def _give(krc: Registry, appeal: Appeal, end: str, text: str = "", **more: object) -> ClientNotice:
    return declining.give_notice(
        appeal=appeal,
        end=end,
        text=text,
        employee=krc.people["unit_head"],
        now=NOW,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.db
class TestNotOurs:
    @clause("krc-6.1-16", "krc-6.1-17", "krc-5.7.2-21")
    def test_outside_competence_needs_contacts_of_competent_bodies(self, krc: Registry) -> None:
        appeal = krc.register(subject="outside_competence")
        assert appeal.limit_at is not None
        assert appeal.limit_at.astimezone(krc.profile.zone).date() == dt.date(2026, 3, 10), (
            "5 working days, 9 March off"
        )
        nameless = Body.objects.create(profile="krc", name="Кто-то", competence="всё")
        for bodies in ([], [nameless]):
            with pytest.raises(declining.DemandError) as refused:
                _give(krc, appeal, "outside_competence", "Не к нам", bodies=bodies)
            assert "krc-6.1-17" in refused.value.clauses
        notice = _give(krc, appeal, "outside_competence", "Не к нам", bodies=[krc.body()])
        assert "+7 800 000-00-00" in notice.text
        appeal.refresh_from_db()
        assert (appeal.state, appeal.closed_at) == ("notice", None), "it leaves only when the notice was sent"
        notifying.mark_notice_sent(notice=notice, channel="paper", proof="RA3", now=NOW + DAY)
        appeal.refresh_from_db()
        assert (appeal.end, appeal.closed_at) == ("outside_competence", NOW + DAY)
        assert facts_of("appeal", appeal.pk).get(kind="notice_sent").data["in_time"] is True
        with pytest.raises(notifying.AlreadySentError):
            notifying.mark_notice_sent(notice=notice, channel="paper", proof="", now=NOW + DAY)

    @clause("krc-6.1-18", "krc-6.1-19")
    def test_against_a_court_decision_it_is_returned_with_an_explanation_within_seven_days(self, krc: Registry) -> None:
        appeal = krc.register(subject="court_decision")
        assert appeal.limit_at is not None
        assert appeal.limit_at.astimezone(krc.profile.zone).date() == dt.date(2026, 3, 9)
        with pytest.raises(declining.DemandError):
            _give(krc, appeal, "court_decision")
        assert _give(krc, appeal, "court_decision", "Решение обжалуют в апелляционном порядке").pk

    @clause("krc-6.1-16", "krc-6.1-18")
    @pytest.mark.parametrize(
        ("end", "limit"), [("outside_competence", dt.date(2026, 3, 10)), ("court_decision", dt.date(2026, 3, 9))]
    )
    def test_what_turns_out_to_be_such_only_when_read_has_the_shorter_term(
        self, krc: Registry, end: str, limit: dt.date
    ) -> None:
        appeal = krc.register()
        old = appeal.limit_at
        notice = _give(krc, appeal, end, "Объясняем", bodies=[krc.body()])
        appeal.refresh_from_db()
        assert appeal.limit_at is not None
        assert (appeal.subject, appeal.limit_at.astimezone(krc.profile.zone).date()) == (end, limit)
        moved = facts_of("appeal", appeal.pk).get(kind="appeal_recomputed")
        assert dt.datetime.fromisoformat(moved.data["old_limit_at"]) == old
        notifying.mark_notice_sent(notice=notice, channel="paper", proof="RA3", now=NOW + 12 * DAY)
        assert facts_of("appeal", appeal.pk).get(kind="notice_sent").data["in_time"] is False

    @clause("court-1-15", "court-1-16", "court-1-32")
    def test_two_different_not_ours_of_the_courts(self, court: Registry) -> None:
        ends = court.flow.ends
        assert (ends["not_judicial"].demands, ends["forwarded"].how) == (("explanation",), "referred")
        refused_one, forwarded = court.register(), court.register()
        with pytest.raises(declining.DemandError):
            _give(court, refused_one, "not_judicial")
        _give(court, refused_one, "not_judicial", "Це не належить до повноважень судів")
        court.perform("forward", forwarded, court.people["operator"])
        with pytest.raises(moves.NeedError) as untold:
            court.perform("close", forwarded, court.people["operator"])
        assert untold.value.need == "told"
        court.perform("tell_forwarding", forwarded, court.people["operator"])
        assert court.perform("close", forwarded, court.people["operator"]).end == "forwarded"


@pytest.mark.db
def test_a_notice_is_marked_as_sent_only_by_those_who_send(krc: Registry) -> None:
    appeal = krc.at("assigned")
    notice = krc.perform("request_data", appeal, krc.people["executor"])
    with pytest.raises(moves.NotYoursError):
        notifying.mark_notice_sent(notice=notice, channel="email", proof="", employee=krc.people["operator"], now=NOW)
    sent = notifying.mark_notice_sent(notice=notice, channel="email", proof="", now=NOW)
    assert sent.sent_at == NOW


@pytest.mark.db
@clause("court-1-31", "yumek-9.1-07", "voe-7-03", "voe-8-06", "krc-6.1-25")
@pytest.mark.parametrize("name", ["court", "yumek", "voe", "krc"])
def test_only_who_asked_by_word_of_mouth_is_answered_so(name: str) -> None:
    here = registry(name)
    for channel in ("paper", "email"):
        with pytest.raises(moves.NoEndError):
            here.perform("answer_orally", here.at("assigned", channel=channel), here.people["unit_head"])
    spoken = here.perform("answer_orally", here.at("assigned", channel="office"), here.people["unit_head"])
    assert spoken.end == "answered_orally"


@pytest.mark.db
class TestGrounds:
    @clause("krc-6.1-54", "krc-6.1-55", "krc-6.1-56", "krc-6.1-57", "krc-6.1-58", "krc-5.7.2-22", "krc-5.7.2-27")
    @pytest.mark.parametrize(
        "end", ["obscene_insult_threat", "secret", "unreadable_with_address", "no_substance", "no_data"]
    )
    def test_with_notice_and_an_explanation(self, krc: Registry, end: str) -> None:
        appeal = krc.register()
        with pytest.raises(declining.DemandError):
            _give(krc, appeal, end)
        notice = _give(krc, appeal, end, "Разъясняем, почему")
        notifying.mark_notice_sent(notice=notice, channel="paper", proof="", now=NOW)
        appeal.refresh_from_db()
        assert (appeal.end, appeal.closed_at) == (end, NOW)

    @clause("krc-6.1-55")
    def test_a_repeat_names_the_earlier_one(self, krc: Registry) -> None:
        first, again = krc.register(), krc.register()
        for earlier in (None, again):
            with pytest.raises(declining.DemandError) as refused:
                _give(krc, again, "repeat", "Уже отвечали", earlier=earlier)
            assert refused.value.demand == "earlier"
        _give(krc, again, "repeat", "Уже отвечали", earlier=first)
        again.refresh_from_db()
        assert again.earlier == first

    @clause("krc-6.1-59", "krc-6.1-60", "krc-5.7.2-23", "krc-5.7.2-24", "krc-5.7.2-28", "krc-5.7.2-29")
    @pytest.mark.parametrize(
        ("end", "channel"),
        [("unreadable", "paper"), ("no_contact", "paper"), ("anonymous", "web"), ("advertising", "web"),
         ("charity", "web"), ("bad_email", "email")],
    )  # fmt: skip
    def test_without_notice(self, krc: Registry, end: str, channel: str) -> None:
        appeal = krc.register(channel=channel)
        closed = declining.close_silently(appeal=appeal, end=end, employee=krc.people["unit_head"], now=NOW)
        assert (closed.end, closed.closed_at) == (end, NOW)
        assert not ClientNotice.objects.exists()

    def test_a_ground_of_the_site_is_none_for_paper(self, krc: Registry) -> None:
        with pytest.raises(moves.NoEndError):
            declining.close_silently(
                appeal=krc.register(), end="advertising", employee=krc.people["unit_head"], now=NOW
            )

    @clause("krc-6.1-61")
    def test_a_threat_goes_to_the_security_unit_at_once(self, krc: Registry) -> None:
        appeal = krc.register()
        _give(krc, appeal, "obscene_insult_threat", "Угрозы недопустимы")
        assert [one.appeal for one in notices.unseen(krc.people["security"])] == [appeal]
        copied = facts_of("appeal", appeal.pk).get(kind="security_copied")
        assert copied.data["employees"] == [krc.people["security"].pk]

    @clause("krc-6.1-61")
    @pytest.mark.parametrize("state", ["registered", "assigned", "closed"])
    def test_a_threat_is_passed_on_whatever_the_end_and_once(self, krc: Registry, state: str) -> None:
        appeal = krc.at(state)
        told = threats.warn_security(appeal=appeal, employee=krc.people["operator"], now=NOW)
        assert told == [krc.people["security"]]
        assert threats.warn_security(appeal=appeal, employee=krc.people["operator"], now=NOW) == []
        assert [one.appeal for one in notices.unseen(krc.people["security"])] == [appeal]
        copied = facts_of("appeal", appeal.pk).get(kind="security_copied")
        assert copied.clauses == ["krc-6.1-61"]
        assert Appeal.objects.get(pk=appeal.pk).state == appeal.state

    @clause("krc-6.1-61")
    @pytest.mark.parametrize("act", ["give_notice", "warn_security"])
    def test_nothing_is_claimed_where_nobody_could_be_told(self, krc: Registry, act: str) -> None:
        Employee.objects.filter(pk=krc.people["security"].pk).update(is_active=False)
        appeal = krc.register()
        doing = partial(_give, krc, appeal, "obscene_insult_threat", "Угрозы недопустимы")
        warning = partial(threats.warn_security, appeal=appeal, employee=krc.people["operator"], now=NOW)
        with pytest.raises(threats.NobodyThereError):
            (doing if act == "give_notice" else warning)()
        assert not facts_of("appeal", appeal.pk).filter(kind="security_copied").exists()
        assert Appeal.objects.get(pk=appeal.pk).state == "registered"
        assert not ClientNotice.objects.exists()

    @clause("krc-6.1-61")
    def test_who_was_told_already_is_claimed_once(self, krc: Registry) -> None:
        appeal = krc.register()
        threats.warn_security(appeal=appeal, employee=krc.people["operator"], now=NOW)
        _give(krc, appeal, "obscene_insult_threat", "Угрозы недопустимы")
        assert facts_of("appeal", appeal.pk).filter(kind="security_copied").count() == 1

    def test_where_the_standard_says_nothing_of_threats_nobody_may(self) -> None:
        here = registry("court")
        with pytest.raises(moves.NotYoursError):
            threats.warn_security(appeal=here.register(), employee=here.people["operator"], now=NOW)


@pytest.mark.db
class TestMissingData:
    @clause("krc-5.7.2-25", "krc-5.7.2-26")
    def test_the_clock_goes_on_and_silence_is_decided(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        limit = appeal.limit_at
        krc.perform("request_data", appeal, krc.people["executor"])
        appeal.refresh_from_db()
        assert (appeal.limit_at, appeal.state) == (limit, "assigned")
        assert appeal.data_due_at is not None
        due = appeal.data_due_at.astimezone(krc.profile.zone).date()
        assert due == dt.date(2026, 3, 10), "five working days, 9 March is off"
        said = {"decision": "ответить", "reason": "клиент молчит", "employee": krc.people["unit_head"]}
        with pytest.raises(declining.TooEarlyError):
            declining.decide_unanswered(appeal=appeal, now=NOW + DAY, **said)  # type: ignore[arg-type]
        later = declining.decide_unanswered(appeal=appeal, now=NOW + 10 * DAY, **said)  # type: ignore[arg-type]
        assert later.data_due_at is None
        assert facts_of("appeal", appeal.pk).get(kind="unanswered_decided").data["decision"] == "ответить"

    def test_what_the_client_sends_ends_the_waiting(self, krc: Registry) -> None:
        appeal = krc.at("assigned")
        krc.perform("request_data", appeal, krc.people["executor"])
        assert krc.perform("receive_data", appeal, krc.people["executor"]).data_due_at is None
