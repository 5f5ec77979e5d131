"""The pages of the working calendar and of those who may sign, by forms; signing many at once asks what was seen."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from kindline.appeals import recomputing
from kindline.appeals.models import Appeal, Recomputation
from kindline.staff import workdays, workdays_followed
from kindline.staff.models import CalendarEdit, Deputy, Signer
from kindline.standard import calendars
from tests.appeals.registry import DAY, Registry
from tests.desk.test_registry import _as, _page, here

pytestmark = pytest.mark.db
__all__ = ["here"]
clause = pytest.mark.clause
QUALITY = {"kind": "complaint", "subject": "utility_quality"}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The edits of this process as they were."""
    yield
    calendars.edits_of("krc").take({}, 0)


def _working(here: Registry, count: int = 1) -> dt.date:
    """The so-many-th working day from today on by the calendar of the standard."""
    return here.profile.calendar.add_working_days(here.now.astimezone(here.profile.zone).date(), count)


def _said(day: dt.date, **more: Any) -> dict[str, Any]:
    return {"verb": "draft", "day": day.isoformat(), "kind": "off", "order": "17-к", "reason": "переезд"} | more


class TestCalendar:
    @clause("krc-6.1-09")
    def test_drafted_looked_at_put_in_force_and_withdrawn_by_forms(self, here: Registry) -> None:
        here.register(**QUALITY)
        day, browser = _working(here), _as(here, "administrator")
        answer = browser.post("/desk/calendar/", _said(day))
        assert answer.headers["Location"] == f"/desk/calendar/?year={day.year}"
        page = browser.get(answer.headers["Location"]).content.decode()
        assert "Limits that change: 1, of 1 open appeals." in page
        assert "переезд" in page
        edit = workdays.drafts("krc").get()
        browser.post("/desk/calendar/", {"verb": "put_in_force", "seen": edit.pk})
        workdays_followed.read("krc")
        assert not here.profile.calendar.is_working_day(day)
        row = Recomputation.objects.get()
        assert (row.why, row.asked_by) == ("переезд, 17-к", here.people["administrator"])
        assert recomputing.sweep(now=row.asked_at) == 1
        assert "1 of 1" in browser.get("/desk/calendar/progress").content.decode()
        browser.post("/desk/calendar/", {"verb": "withdraw", "edit": edit.pk, "order": "18-к", "reason": "отмена"})
        browser.post("/desk/calendar/", {"verb": "put_in_force", "seen": workdays.drafts("krc").get().pk})
        workdays_followed.read("krc")
        assert here.profile.calendar.is_working_day(day)
        page = browser.get("/desk/calendar/").content.decode()
        for word in ("17-к", "18-к", "again as in the standard", "day off"):
            assert word in page

    def test_a_day_off_is_moved_in_a_pair_and_a_draft_thrown_away(self, here: Registry) -> None:
        browser, day = _as(here, "administrator"), _working(here, 3)
        sunday = day + (6 - day.weekday()) * DAY
        browser.post("/desk/calendar/", _said(sunday, kind="moved", to=day.isoformat()))
        assert set(workdays.drafts("krc").values_list("date", "pair")) == {(sunday, day), (day, sunday)}
        browser.post("/desk/calendar/", {"verb": "drop", "edit": workdays.drafts("krc").first().pk})  # type: ignore[union-attr]
        assert not workdays.drafts("krc").exists()

    @pytest.mark.parametrize(
        ("more", "told"),
        [
            ({"day": "x"}, "Write the day."),
            ({"kind": "shortened"}, "by how many minutes"),
            ({"kind": "working"}, "is a working day already"),
            ({"kind": "moved", "to": ""}, "Write the day."),
            ({"kind": "nonsense"}, "Choose what becomes of the day."),
            ({"order": " "}, "Write the number of the order."),
            ({"reason": ""}, "Write the reason."),
            ({"day": "2099-01-01"}, "Choose a day between"),
        ],
    )
    def test_what_is_refused_is_said_and_nothing_typed_is_lost(
        self, here: Registry, more: dict[str, str], told: str
    ) -> None:
        typed = _said(_working(here)) | {"order": "77-к"} | more
        answer = _as(here, "administrator").post("/desk/calendar/", typed)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert told in page
        for name in ("order", "reason"):
            assert f'value="{typed[name].strip()}"' in page or f'value="{typed[name]}"' in page
        assert not CalendarEdit.objects.exists()

    def test_a_draft_that_has_changed_is_looked_at_again(self, here: Registry) -> None:
        browser = _as(here, "administrator")
        browser.post("/desk/calendar/", _said(_working(here)))
        answer = browser.post("/desk/calendar/", {"verb": "put_in_force", "seen": "0"})
        assert answer.status_code == 422
        assert "look at its effect again" in answer.content.decode()

    def test_heads_look_and_only_the_administrator_writes(self, here: Registry) -> None:
        head = _as(here, "director")
        page = head.get("/desk/calendar/?year=1999").content.decode()
        assert page.count('<table class="year-month">') == 12
        assert "d-order" not in page
        assert head.post("/desk/calendar/", _said(_working(here))).status_code == 403
        assert head.post("/desk/signers/", {"verb": "add"}).status_code == 403
        for address in ("/desk/calendar/", "/desk/calendar/progress", "/desk/signers/"):
            assert _as(here, "operator").get(address).status_code == 403


class TestSigners:
    @clause("krc-5.8-10", "krc-6.1-44")
    def test_a_name_is_entered_ended_and_struck_out_by_forms(self, here: Registry) -> None:
        browser, person = _as(here, "administrator"), here.people["supervisor"]
        assert "heads of unit" in browser.get("/desk/signers/").content.decode(), "an empty list says who signs"
        today = here.now.astimezone(here.profile.zone).date()
        typed = {"verb": "add", "person": person.pk, "order": "17-к", "valid_from": today.isoformat()}
        refused = browser.post("/desk/signers/", typed | {"valid_to": "2020-01-01", "kinds": "complaint"})
        assert refused.status_code == 422
        assert 'value="17-к"' in refused.content.decode()
        assert 'value="complaint" checked' in refused.content.decode()
        assert browser.post("/desk/signers/", typed | {"kinds": ["complaint", "nonsense"]}).status_code == 302
        power = Signer.objects.get()
        assert (power.employee, power.kinds) == (person, ["complaint"])
        page = browser.get("/desk/signers/").content.decode()
        assert "may sign today" in page
        browser.post("/desk/signers/", {"verb": "end", "power": power.pk, "valid_to": today.isoformat()})
        power.refresh_from_db()
        assert power.valid_to == today
        assert browser.post("/desk/signers/", {"verb": "strike", "power": power.pk, "why": ""}).status_code == 422
        browser.post("/desk/signers/", {"verb": "strike", "power": power.pk, "why": "ошибка"})
        assert "ошибка" in browser.get("/desk/signers/").content.decode()
        assert not Signer.objects.filter(struck_at=None).exists()

    @clause("krc-6.1-44")
    def test_the_list_holds_on_the_page_in_the_pile_and_for_many_at_once(self, here: Registry) -> None:
        one = here.at("sign")
        _as(here, "administrator").post(
            "/desk/signers/",
            {"verb": "add", "person": here.people["supervisor"].pk, "order": "17-к", "valid_from": "2020-01-01"},
        )
        director, supervisor = _as(here, "director"), _as(here, "supervisor")
        assert one.number not in _page(director, "signing/")
        assert one.number in _page(supervisor, "signing/")
        assert '<option value="sign">Sign</option>' in _page(supervisor, "")
        assert '<option value="sign">Sign</option>' not in _page(director, "")
        said = {"verb": "sign", "chosen": [one.pk], f"revision-{one.pk}": one.revision, "revision": one.revision}
        for address in ("/desk/appeals/batch", f"/desk/appeals/{one.pk}/"):
            answer = director.post(address, said)
            assert answer.status_code == 422
            assert str(here.people["supervisor"]) in answer.content.decode(), "it says who may"
        assert supervisor.post("/desk/appeals/batch", said).status_code == 200
        one.refresh_from_db()
        assert one.state == "signed"

    @clause("krc-5.8-10", "krc-6.1-44")
    def test_a_deputy_is_entered_sees_the_pile_and_is_told_for_whom(self, here: Registry) -> None:
        one, browser = here.at("sign"), _as(here, "administrator")
        director, deputy = here.people["director"], here.people["supervisor"]
        assert "p-absent" not in browser.get("/desk/signers/").content.decode(), "nobody stands in the list"
        browser.post(
            "/desk/signers/", {"verb": "add", "person": director.pk, "order": "17-к", "valid_from": "2020-01-01"}
        )
        typed = {"verb": "deputy_add", "absent": director.pk, "deputy": deputy.pk, "deputy_from": "2020-01-01"}
        refused = browser.post("/desk/signers/", typed | {"deputy_order": " ", "deputy_to": "2030-01-01"})
        assert refused.status_code == 422
        assert 'name="deputy_to" type="date" value="2030-01-01"' in refused.content.decode()
        assert "Write the number of the order on deputising." in refused.content.decode()
        assert browser.post("/desk/signers/", typed | {"deputy_order": "21-к"}).status_code == 302
        assert "signs today" in browser.get("/desk/signers/").content.decode()
        page = _page(_as(here, "supervisor"), "signing/")
        assert one.number in page
        assert f"You sign for {director}, order 21-к" in page
        assert "/desk/standard/krc-6.1-44/" in page
        assert f"You sign for {director}" in _page(_as(here, "supervisor"), f"{one.pk}/")
        assert f"You sign for {director}" not in _page(_as(here, "director"), "signing/")
        row = Deputy.objects.get()
        today = here.now.astimezone(here.profile.zone).date()
        ended = {"verb": "deputy_end", "deputising": row.pk, "deputy_to": (today - dt.timedelta(days=1)).isoformat()}
        browser.post("/desk/signers/", ended)
        assert one.number not in _page(_as(here, "supervisor"), "signing/")
        assert browser.post("/desk/signers/", {"verb": "deputy_strike", "deputising": row.pk}).status_code == 422
        browser.post("/desk/signers/", {"verb": "deputy_strike", "deputising": row.pk, "deputy_why": "ошибка"})
        assert Deputy.objects.get().struck_why == "ошибка"


class TestManyAtOnce:
    @clause("krc-5.8-10")
    def test_signing_in_the_list_asks_what_was_seen(self, here: Registry) -> None:
        one, other, blind = here.at("sign"), here.at("sign"), here.at("sign")
        director = _as(here, "director")
        page = _page(director, "")
        for appeal in (one, other, blind):
            assert f'name="revision-{appeal.pk}" value="{appeal.revision}"' in page
        said = {f"revision-{appeal.pk}": appeal.revision for appeal in (one, other)}
        Appeal.objects.filter(pk=other.pk).update(revision=other.revision + 1)
        answer = director.post("/desk/appeals/batch", {"verb": "sign", "chosen": [one.pk, other.pk, blind.pk]} | said)
        told = answer.content.decode()
        assert ("Done: 1." in told, "Not done: 2." in told) == (True, True)
        assert "Somebody has changed the appeal" in told
        states = [Appeal.objects.get(pk=appeal.pk).state for appeal in (one, other, blind)]
        assert states == ["signed", "sign", "sign"]
