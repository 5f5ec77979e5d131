"""An original that leaves without a letter does not take its duplicates with it: none of them stays without answer."""

import pytest

from kindline.appeals import following, linking, moves, notices, renewing
from kindline.appeals.models import Appeal, ClientNotice, Unjoined
from kindline.journal.queries import facts_of
from tests.appeals.registry import DAY, NOW, Registry, registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause
OTHER = {"surname": "Ковальчук", "given_name": "Пётр", "patronymic": "Ильич", "residence": "ул. Речная, 2",
         "phone": "+79995550000", "email": "p@example.org"}  # fmt: skip


def _kinds(appeal: Appeal) -> list[str]:
    return [fact.kind for fact in facts_of("appeal", appeal.pk)]


def _join(here: Registry, twin: Appeal, original: Appeal) -> None:
    linking.join(appeal=twin, original=original, employee=here.people["supervisor"], now=NOW)


def _end(here: Registry) -> str:
    return "unreadable" if "unreadable" in here.flow.ends else "no_appeal"


def _silent_state(here: Registry) -> str:
    return here.flow.named("close_silently")[0].sources[0]


@clause("krc-5.7.2-20", "court-1-31", "yumek-9.1-07", "voe-8-06")
@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe"])
def test_of_an_original_closed_silently_the_eldest_duplicate_takes_its_place(profile: str) -> None:
    here = registry(profile)
    original = here.at(_silent_state(here), kind="proposal")
    eldest, second = here.at("assigned", kind="proposal", fields=OTHER), here.register(kind="proposal", fields=OTHER)
    _join(here, eldest, original)
    _join(here, second, original)
    here.perform("close_silently", original, here.people["supervisor"], _end(here))
    for one in (eldest, second):
        one.refresh_from_db()
    assert (eldest.closed_at, eldest.end, eldest.original) == (None, "", None)
    assert (eldest.state, eldest.executor) == ("assigned", here.people["executor"]), "as it stood before it was joined"
    assert second.original == eldest
    assert second.closed_at is not None
    freed = facts_of("appeal", eldest.pk).get(kind="duplicate_freed")
    assert (freed.data["original"], freed.data["end"]) == (original.pk, _end(here))
    assert notices.told(here.people["executor"]).filter(appeal=eldest, reason=f"freed:{original.pk}").exists()
    assert not ClientNotice.objects.exists()


@clause("krc-6.1-09", "krc-6.1-13")
def test_its_limit_is_that_of_the_calendar_as_it_is_now(krc: Registry) -> None:
    """While it was closed nothing moved its limit."""
    original, twin = krc.at("assigned", kind="proposal"), krc.at("sorting", kind="proposal", fields=OTHER)
    right = renewing.due(krc.profile, twin)[1]
    assert right is not None
    _join(krc, twin, original)
    Appeal.objects.filter(pk=twin.pk).update(limit_at=right + 3 * DAY, target_at=None)
    krc.perform("close_silently", original, krc.people["supervisor"], "unreadable")
    twin.refresh_from_db()
    assert (twin.state, twin.limit_at) == ("sorting", right)
    moved = facts_of("appeal", twin.pk).get(kind="appeal_recomputed")
    assert moved.data["limit_at"] == right.isoformat()


def test_then_its_own_answer_reaches_the_others(krc: Registry) -> None:
    original = krc.at("assigned", kind="proposal")
    eldest, second = (krc.register(kind="proposal", fields=OTHER) for _ in range(2))
    _join(krc, eldest, original)
    _join(krc, second, original)
    krc.perform("close_silently", original, krc.people["supervisor"], "unreadable")
    Appeal.objects.filter(pk=eldest.pk).update(state="signed", executor=krc.people["executor"])
    eldest.refresh_from_db()
    krc.write(eldest, signed=True)
    krc.perform("mark_sent", eldest, krc.people["supervisor"])
    assert ClientNotice.objects.filter(appeal=second, about=linking.ABOUT).exists()


def test_one_that_was_not_sorted_waits_to_be_sorted_again(krc: Registry) -> None:
    original, twin = krc.at("assigned", kind="proposal"), krc.at("sorting", kind="proposal", fields=OTHER)
    _join(krc, twin, original)
    krc.perform("close_silently", original, krc.people["supervisor"], "unreadable")
    twin.refresh_from_db()
    assert twin.state == "sorting"
    with pytest.raises(moves.WrongStateError):
        krc.perform("draft", twin, krc.people["executor"])


@clause("court-1-36")
@pytest.mark.parametrize("profile", ["court", "yumek", "voe"])
def test_where_an_appeal_went_is_told_to_the_applicants_of_its_duplicates(profile: str) -> None:
    here = registry(profile)
    original, twin = here.at("forwarded", kind="proposal"), here.register(kind="proposal", fields=OTHER)
    _join(here, twin, original)
    here.perform("close", original, here.people["supervisor"], "")
    notice = ClientNotice.objects.get(appeal=twin, about=linking.ABOUT)
    assert here.body().name in notice.text
    twin.refresh_from_db()
    assert twin.original == original


def test_closed_by_the_program_the_duplicate_is_freed_where_nobody_can_sign_for_a_notice(court: Registry) -> None:
    original, twin = court.at("forwarded", kind="proposal"), court.register(kind="proposal", fields=OTHER)
    Appeal.objects.filter(pk=original.pk).update(executor=None)
    _join(court, twin, original)
    court.perform("close", original, None, "")
    twin.refresh_from_db()
    assert (twin.original, twin.closed_at) == (None, None)


class TestAnsweredOrally:
    def test_the_same_applicant_has_heard_it_another_is_not_forgotten(self, krc: Registry) -> None:
        original = krc.register(kind="proposal", channel="phone")
        his, others = krc.register(kind="proposal"), krc.register(kind="proposal", fields=OTHER)
        _join(krc, his, original)
        _join(krc, others, original)
        krc.perform("answer_orally", original, krc.people["operator"])
        his.refresh_from_db()
        others.refresh_from_db()
        assert his.answered_at == NOW
        assert "answer_shared" in _kinds(his)
        assert (others.original, others.closed_at, others.state) == (None, None, "registered")
        assert his.original == original, "it stays with what answered it"

    def test_nothing_of_another_applicant_joins_what_was_answered_by_word_of_mouth(self, krc: Registry) -> None:
        original = krc.register(kind="proposal", channel="phone")
        krc.perform("answer_orally", original, krc.people["operator"])
        his, others = krc.register(kind="proposal"), krc.register(kind="proposal", fields=OTHER)
        with pytest.raises(linking.NeverAnsweredError):
            _join(krc, others, original)
        _join(krc, his, original)
        his.refresh_from_db()
        assert his.answered_at == NOW
        others.refresh_from_db()
        assert others.closed_at is None


def test_an_answered_duplicate_stays_where_it_is(krc: Registry) -> None:
    original, twin = krc.at("assigned", kind="proposal"), krc.register(kind="proposal", fields=OTHER)
    _join(krc, twin, original)
    Appeal.objects.filter(pk=twin.pk).update(answered_at=NOW + DAY)
    krc.perform("close_silently", original, krc.people["supervisor"], "unreadable")
    twin.refresh_from_db()
    assert twin.original == original


def test_without_duplicates_nothing_is_different(krc: Registry) -> None:
    appeal = krc.at("assigned", kind="proposal")
    krc.perform("close_silently", appeal, krc.people["supervisor"], "unreadable")
    assert "duplicate_freed" not in _kinds(appeal)


def test_what_was_heard_waits_for_no_letter(krc: Registry) -> None:
    original, his = (krc.register(kind="proposal", channel="phone") for _ in range(2))
    _join(krc, his, original)
    krc.perform("answer_orally", original, krc.people["operator"])
    following.follow(profile=krc.profile, now=NOW)
    assert not Unjoined.objects.exists()
    assert not ClientNotice.objects.exists()


def test_those_that_hang_on_one_that_joins_are_heard_with_it_or_hold_it_back(krc: Registry) -> None:
    answered = krc.register(kind="proposal", channel="phone")
    krc.perform("answer_orally", answered, krc.people["operator"])
    his, twin = (krc.register(kind="proposal") for _ in range(2))
    _join(krc, twin, his)
    _join(krc, his, answered)
    twin.refresh_from_db()
    assert (twin.original, twin.answered_at) == (answered, NOW)
    head, others = krc.register(kind="proposal"), krc.register(kind="proposal", fields=OTHER)
    _join(krc, others, head)
    with pytest.raises(linking.NeverAnsweredError):
        _join(krc, head, answered)
    others.refresh_from_db()
    assert others.original == head
