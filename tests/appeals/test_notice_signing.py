"""Notices in writing go under the signature of somebody who may sign, where the standard says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kindline.appeals import (
    actions,
    declining,
    dispatching,
    following,
    linking,
    moves,
    notice_signing,
    notifying,
    signing,
    unsent,
)
from kindline.appeals.models import Appeal, ClientNotice, ManagementNotice
from kindline.journal.queries import facts_of
from kindline.staff import deputies, signers
from kindline.staff.models import Employee
from tests.appeals.registry import DAY, NOW, Registry, registry

clause = pytest.mark.clause
pytestmark = pytest.mark.db


def given(here: Registry, by: str = "executor", end: str = "no_substance", **more: Any) -> ClientNotice:
    """A notice of an end, prepared by somebody."""
    appeal = here.at("assigned", **more)
    return declining.give_notice(
        appeal=appeal, end=end, text="Разъясняем", bodies=[here.body()], earlier=here.register(),
        employee=here.people[by], now=NOW,
    )  # fmt: skip


def pile(here: Registry, who: Employee) -> list[ClientNotice]:
    """What waits for this person's signature."""
    return notice_signing.pile(here.profile, who, signing.powers_of(here.profile, NOW))


@clause("krc-5.8-10", "krc-6.1-44")
def test_a_notice_of_an_executor_waits_for_a_signer(krc: Registry) -> None:
    notice, head = given(krc), krc.people["unit_head"]
    assert dispatching.send_by_itself(appeal=notice.appeal, notice=notice, now=NOW) is None
    with pytest.raises(notice_signing.NoticeNotSignedError):
        dispatching.send_notice(notice=notice, employee=krc.people["supervisor"], now=NOW)
    with pytest.raises(notice_signing.NoticeNotSignedError):
        notifying.mark_notice_sent(notice=notice, channel="paper", proof="RA1", now=NOW)
    assert pile(krc, head) == [notice]
    assert pile(krc, krc.people["executor"]) == []
    notice_signing.sign(notice=notice, employee=head, now=NOW)
    assert pile(krc, head) == []
    signed = facts_of("appeal", notice.appeal_id).get(kind="notice_signed")
    assert (signed.data["signer"], signed.clauses) == (head.pk, ["krc-5.8-10", "krc-6.1-44"])
    letter = dispatching.send_by_itself(appeal=notice.appeal, notice=notice, now=NOW)
    assert letter is not None
    assert letter.paper is not None
    assert (letter.paper.signer, letter.paper.executor) == (head, krc.people["executor"])


@clause("krc-6.1-44")
@pytest.mark.parametrize("end", ["outside_competence", "court_decision", "repeat", "secret", "no_data"])
def test_whoever_may_sign_has_signed_what_he_prepares(krc: Registry, end: str) -> None:
    notice = given(krc, "unit_head", end)
    assert pile(krc, krc.people["director"]) == []
    letter = dispatching.send_by_itself(appeal=notice.appeal, notice=notice, now=NOW)
    assert letter is not None
    assert letter.paper is not None
    assert letter.paper.signer == krc.people["unit_head"]


@clause("krc-5.8-10", "krc-6.1-44")
def test_the_list_counts_where_one_is_kept(krc: Registry) -> None:
    director, head, lawyer = krc.people["director"], krc.people["unit_head"], krc.people["supervisor"]
    signers.name_signer(
        profile_id="krc", person=lawyer, valid_from=NOW.date(), valid_to=None, order="Приказ 1", kinds=["application"],
        employee=director, now=NOW,
    )  # fmt: skip
    notice = given(krc, "unit_head")
    with pytest.raises(moves.NotSignerError):
        notice_signing.sign(notice=notice, employee=head, now=NOW)
    assert (pile(krc, head), pile(krc, lawyer)) == ([], [notice])
    deputies.name_deputy(
        profile_id="krc", absent=lawyer, deputy=head, valid_from=NOW.date(), valid_to=(NOW + DAY).date(),
        order="Приказ 2", employee=director, now=NOW,
    )  # fmt: skip
    notice_signing.sign(notice=notice, employee=head, now=NOW)
    letter = dispatching.send_by_itself(appeal=notice.appeal, notice=notice, now=NOW)
    assert letter is not None
    assert letter.paper is not None
    assert "Приказ 2" in letter.paper.text


@clause("krc-6.1-15", "krc-6.1-44")
def test_an_extension_is_told_under_a_signature(krc: Registry) -> None:
    signers.name_signer(
        profile_id="krc", person=krc.people["director"], valid_from=NOW.date(), valid_to=None, order="Приказ 1",
        employee=krc.people["director"], now=NOW,
    )  # fmt: skip
    krc.perform("extend", krc.at("draft"), krc.people["unit_head"])
    assert [one.about for one in pile(krc, krc.people["director"])] == ["extension"]


@clause("krc-5.7.2-25")
def test_a_request_for_data_needs_no_signature(krc: Registry) -> None:
    notice = krc.perform("request_data", krc.at("assigned"), krc.people["executor"])
    assert pile(krc, krc.people["unit_head"]) == []
    assert dispatching.send_by_itself(appeal=notice.appeal, notice=notice, now=NOW) is not None
    with pytest.raises(moves.WrongStateError):
        notice_signing.sign(notice=notice, employee=krc.people["unit_head"], now=NOW)


@clause("krc-5.7.2-25", "krc-5.7.2-16")
def test_a_request_about_a_question_of_the_site_goes_by_the_site_administrator(krc: Registry) -> None:
    appeal, sender = krc.at("assigned", channel="web"), krc.people["site_administrator"]
    notice = krc.perform("request_data", appeal, krc.people["executor"])
    assert dispatching.send_by_itself(appeal=appeal, notice=notice, now=NOW) is None
    assert ManagementNotice.objects.get(employee=sender).reason == f"to_pass_on:{notice.pk}"
    (row,) = unsent.told(list(unsent.unsent(krc.profile, sender)), krc.profile, sender)
    assert (row.why, row.may_go) == (unsent.WAITS, True)
    letter = dispatching.send_notice(notice=notice, employee=sender, now=NOW)
    assert letter.by == sender


def test_what_is_told_by_word_of_mouth_is_not_signed(krc: Registry) -> None:
    notice = given(krc, channel="phone", receipt=actions.Receipt(answer_by="phone"))
    assert notifying.mark_notice_sent(notice=notice, channel="phone", proof="", now=NOW).sent_at == NOW


@clause("krc-6.1-44")
def test_what_goes_on_paper_after_all_is_signed_first(krc: Registry) -> None:
    """The way that is used counts, not the usual one alone."""
    notice = given(krc, channel="phone", receipt=actions.Receipt(answer_by="phone"))
    with pytest.raises(notice_signing.NoticeNotSignedError):
        notifying.mark_notice_sent(notice=notice, channel="paper", proof="RA1", now=NOW)
    assert notice_signing.signable([notice], notice.appeal) == [notice]
    assert not notice_signing.is_needed(notice, notice.appeal)
    notice_signing.sign(notice=notice, employee=krc.people["unit_head"], now=NOW)
    assert notice_signing.signable([notice], notice.appeal) == []
    assert notifying.mark_notice_sent(notice=notice, channel="paper", proof="RA1", now=NOW).sent_at == NOW


@clause("krc-6.1-15")
def test_a_longer_term_of_what_was_answered_is_neither_signed_nor_told(krc: Registry) -> None:
    appeal, head = krc.at("draft"), krc.people["unit_head"]
    signers.name_signer(
        profile_id="krc", person=krc.people["director"], valid_from=NOW.date(), valid_to=None, order="Приказ 1",
        employee=krc.people["director"], now=NOW,
    )  # fmt: skip
    notice = krc.perform("extend", appeal, head).notice
    assert pile(krc, krc.people["director"]) == [notice]
    Appeal.objects.filter(pk=appeal.pk).update(answered_at=NOW)
    notice.refresh_from_db()
    appeal.refresh_from_db()
    assert notice_signing.signable([notice], appeal) == []
    assert pile(krc, krc.people["director"]) == []
    with pytest.raises(moves.WrongStateError):
        notice_signing.sign(notice=notice, employee=krc.people["director"], now=NOW)
    assert not unsent.unsent(krc.profile, head).filter(pk=notice.pk).exists()


@clause("krc-5.7.2-20", "krc-6.1-44")
def test_the_answer_shared_with_a_duplicate_keeps_its_signature(krc: Registry) -> None:
    original, twin = krc.at("signed"), krc.register()
    linking.join(appeal=twin, original=original, employee=krc.people["supervisor"], now=NOW)
    krc.perform("mark_sent", original, krc.people["unit_head"])
    notice = ClientNotice.objects.get(appeal=twin)
    letter = dispatching.send_notice(notice=notice, employee=krc.people["unit_head"], now=NOW)
    assert letter.paper is not None
    assert letter.paper.signer == krc.people["unit_head"]


@clause("krc-6.1-44")
def test_signed_twice_is_signed_once_and_not_after_it_went(krc: Registry) -> None:
    notice, head = given(krc), krc.people["unit_head"]
    for _ in range(2):
        notice_signing.sign(notice=notice, employee=head, now=NOW)
    assert facts_of("appeal", notice.appeal_id).filter(kind="notice_signed").count() == 1
    notifying.mark_notice_sent(notice=notice, channel="paper", proof="RA1", now=NOW)
    with pytest.raises(moves.WrongStateError):
        notice_signing.sign(notice=notice, employee=head, now=NOW)


def test_the_list_of_what_has_not_gone_says_that_it_waits_for_a_signature(krc: Registry) -> None:
    given(krc)
    head = krc.people["unit_head"]
    (row,) = unsent.told(list(unsent.unsent(krc.profile, head)), krc.profile, head)
    assert (row.why, row.may_go) == (unsent.TO_SIGN, False)


@clause("court-1-16")
@pytest.mark.parametrize("name", ["court", "voe", "yumek"])
def test_where_the_standard_has_no_signature_of_notices_they_go_as_before(name: str) -> None:
    here = registry(name)
    notice = here.perform("request_data", here.at("assigned"), here.people["executor"])
    assert dispatching.send_by_itself(appeal=notice.appeal, notice=notice, now=NOW) is not None


@pytest.mark.django_db(transaction=True)
class TestByItself:
    @clause("krc-6.1-44")
    @pytest.mark.parametrize("by", ["executor", "unit_head"])
    def test_it_goes_once_it_is_signed(self, by: str) -> None:
        here = registry("krc")
        following.follow(profile=here.profile, now=NOW)
        notice = given(here, by)
        following.follow(profile=here.profile, now=NOW)
        letters = Appeal.objects.get(pk=notice.appeal_id).letters
        assert letters.exists() is (by == "unit_head")
        notice_signing.sign(notice=notice, employee=here.people["director"], now=NOW)
        for _ in range(2):
            following.follow(profile=here.profile, now=NOW + dt.timedelta(minutes=1))
        assert letters.count() == 1
