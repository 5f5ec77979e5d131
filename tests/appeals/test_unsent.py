"""Notices that have not gone: each is listed with its reason to whoever may send it, and goes from the list."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from kindline.appeals import actions, declining, dispatching, unsent
from kindline.appeals.models import Appeal, ClientNotice, JoinedLetter, LetterState
from kindline.correspondence.models import Paper
from kindline.staff.models import Employee
from tests.appeals.registry import NOW, Registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause


def prepared(krc: Registry, channel: str = "paper", **more: Any) -> ClientNotice:
    """A request for data that nobody has sent."""
    appeal = krc.at("assigned", channel=channel, **more)
    return declining.request_data(appeal=appeal, text="Пришлите показания", employee=krc.people["executor"], now=NOW)


def listed(krc: Registry, who: str = "unit_head") -> dict[int, tuple[str, str, bool]]:
    """What the list says to somebody: by the notice, why, what was said, whether it may go."""
    me = krc.people[who]
    rows = list(unsent.unsent(krc.profile, me))
    return {one.notice.pk: (one.why, one.said, one.may_go) for one in unsent.told(rows, krc.profile, me)}


def test_why_each_has_not_gone(krc: Registry) -> None:
    waits, by_hand = prepared(krc), prepared(krc, "phone", receipt=actions.Receipt(answer_by="phone"))
    nowhere, failed, came_back = prepared(krc), prepared(krc), prepared(krc)
    Appeal.objects.filter(pk=nowhere.appeal_id).update(residence="")
    nowhere.refresh_from_db()
    dispatching.send_by_itself(appeal=Appeal.objects.get(pk=nowhere.appeal_id), notice=nowhere, now=NOW)
    for one, state, why in ((failed, LetterState.FAILED, "нет связи"), (came_back, LetterState.CAME_BACK, "выбыл")):
        letter = dispatching.send_notice(notice=one, employee=None, now=NOW)
        JoinedLetter.objects.filter(pk=letter.pk).update(state=state, reason=why)
    assert listed(krc) == {
        waits.pk: ("waits", "", True),
        by_hand.pk: ("by_hand", "", False),
        nowhere.pk: ("not_handed", "no_address", True),
        failed.pk: ("failed", "нет связи", True),
        came_back.pk: ("came_back", "выбыл", True),
    }


def test_what_is_on_its_way_was_sent_or_is_needed_no_more_is_not_there(krc: Registry) -> None:
    on_its_way, sent, again, left = (prepared(krc) for _ in range(4))
    dispatching.send_notice(notice=on_its_way, employee=None, now=NOW)
    ClientNotice.objects.filter(pk=sent.pk).update(sent_at=NOW)
    letter = dispatching.send_notice(notice=again, employee=None, now=NOW)
    JoinedLetter.objects.filter(pk=letter.pk).update(state=LetterState.FAILED)
    assert set(listed(krc)) == {again.pk, left.pk}
    dispatching.send_notice(notice=again, employee=None, now=NOW)
    Appeal.objects.filter(pk=left.appeal_id).update(closed_at=NOW, end="answered")
    assert listed(krc) == {}


def test_the_executor_sees_his_own_and_others_nothing(krc: Registry) -> None:
    mine, others = prepared(krc), prepared(krc)
    Appeal.objects.filter(pk=others.appeal_id).update(executor=krc.people["counter"])
    assert set(listed(krc, "executor")) == {mine.pk}
    assert set(listed(krc, "supervisor")) == {mine.pk, others.pk}
    assert listed(krc, "security") == {}
    assert not listed(krc, "executor")[mine.pk][2], "under krc others send it"


class TestPage:
    @pytest.fixture
    def head(self, krc: Registry, settings: Any) -> Browser:
        """Somebody who may send, in English."""
        settings.KINDLINE = {**settings.KINDLINE, "profile": "krc"}
        Employee.objects.update(language="en")
        browser = Browser(headers={"accept-language": "en"})
        browser.force_login(krc.people["unit_head"])
        return browser

    def test_says_why_and_sends(self, krc: Registry, head: Browser) -> None:
        notice = prepared(krc)
        Appeal.objects.filter(pk=notice.appeal_id).update(residence="")
        dispatching.send_by_itself(appeal=Appeal.objects.get(pk=notice.appeal_id), notice=notice, now=NOW)
        page = head.get("/desk/unsent/").content.decode()
        assert "the program could not send it" in page
        assert "There is no address: write it." in page
        refused = head.post(f"/desk/unsent/{notice.pk}/send", {"verb": "send", "channel": "paper", "address": ""})
        assert refused.status_code == 422
        assert 'role="alert"' in refused.content.decode()
        answer = head.post(
            f"/desk/unsent/{notice.pk}/send", {"verb": "send", "channel": "paper", "address": "Лесная, 2"}
        )
        assert answer.headers["Location"] == "/desk/unsent/"
        assert Paper.objects.get(direction="out").address == "Лесная, 2"
        assert "Every notice that was prepared has gone." in head.get("/desk/unsent/").content.decode()
        again = head.post(f"/desk/unsent/{notice.pk}/send", {"verb": "send", "channel": "paper"})
        assert (again.status_code, Paper.objects.filter(direction="out").count()) == (404, 1)

    def test_who_may_not_send_does_not(self, krc: Registry, head: Browser) -> None:
        notice = prepared(krc)
        head.force_login(krc.people["executor"])
        assert head.post(f"/desk/unsent/{notice.pk}/send", {"channel": "paper"}).status_code == 422
        head.force_login(krc.people["operator"])
        assert head.get("/desk/unsent/").status_code == 403
        assert not Paper.objects.filter(direction="out").exists()
