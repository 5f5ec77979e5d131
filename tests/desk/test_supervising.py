"""The floor in the hands of a supervisor: into talks, operators placed, thresholds; what each may do and sees."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.desk import picture, supervising, wallboard
from kindline.staff.models import Employee, Role
from kindline.switchboard.floor_models import CrossingLetters
from kindline.switchboard.machine.state import Phase, Supervision, as_json, from_json
from kindline.switchboard.models import Call, Crossing, CrossingNotice, Operator, Reassignment, Threshold
from kindline.switchboard.models import Switchboard as Board
from tests.desk.conftest import Switchboard, Talk, employee, tell

pytestmark = pytest.mark.db


@pytest.fixture
def there(krc: Any, talk: Talk, supervisor: Employee) -> Any:
    """A talk of the operator's, and a supervisor with a phone."""
    Operator.objects.create(employee=supervisor, state="offline", since=timezone.now(), registered=True)
    return talk()


def enters(contact: Any, who: Employee, mode: str = "listen", *, up: bool = True) -> None:
    """A supervisor is in the call, as the switchboard leaves it."""
    row, now = Call.objects.get(pk=contact.pk), timezone.now()
    state = from_json(row.data)
    state.supervision = Supervision(who.pk, mode, f"op{who.pk}w", "chan", "room", now, up_at=now if up else None)
    Call.objects.filter(pk=row.pk).update(data=as_json(state))
    Operator.objects.filter(employee=who).update(state="watching" if up else "ringing", contact_id=contact.pk)


def buttons(browser: Browser) -> list[str]:
    page = browser.get("/desk/supervisor/").content.decode()
    return re.findall(r"/desk/supervisor/calls/[0-9a-f-]+/([a-z-]+)\"", page)


def said(answer: Any) -> list[tuple[str, str]]:
    return [(one.level_tag, str(one)) for one in answer.context["messages"]]


def test_that_the_operators_phone_is_gone_is_no_trouble_of_who_listens(
    there: Any, operator: Employee, supervisor: Employee, krc: Any
) -> None:
    """His page took it for a dead line of its own and began anew: out of a call that he could not take over then."""
    enters(there, supervisor)
    row = Call.objects.get(pk=there.pk)
    state = from_json(row.data)
    state.phase, state.lost_at = Phase.LOST, timezone.now()
    Call.objects.filter(pk=row.pk).update(data=as_json(state))
    row.refresh_from_db()
    assert [picture.as_json(row, there, who, krc)["media_lost"] for who in (operator, supervisor)] == [True, False]


def test_the_floor_offers_ways_into_a_talk_and_then_the_ways_that_fit(
    there: Any, as_supervisor: Browser, supervisor: Employee
) -> None:
    assert buttons(as_supervisor) == ["listen", "whisper", "barge"]
    enters(there, supervisor, up=False)
    assert buttons(as_supervisor) == ["listen", "whisper", "barge", "stop"]
    enters(there, supervisor, "whisper")
    assert buttons(as_supervisor) == ["listen", "whisper", "barge", "take-over", "stop"]
    enters(there, employee("other", Role.SUPERVISOR, surname="Nowak"))
    assert buttons(as_supervisor) == []
    assert "Nowak is in this call" in as_supervisor.get("/desk/supervisor/").content.decode()


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("listen", "supervise", {"mode": "listen"}), ("whisper", "supervise", {"mode": "whisper"}),
        ("barge", "supervise", {"mode": "barge"}), ("take-over", "take-over", {}), ("stop", "supervise/stop", {}),
    ],
)  # fmt: skip
def test_each_button_is_one_wish_to_the_switchboard(
    there: Any, as_supervisor: Browser, supervisor: Employee, switchboard: Switchboard, verb: str, path: str,
    body: dict[str, str],
) -> None:  # fmt: skip
    answer = as_supervisor.post(f"/desk/supervisor/calls/{there.pk}/{verb}", follow=True)
    assert switchboard.last == (f"/calls/{there.pk}/{path}", {"employee": supervisor.pk, **body})
    assert [level for level, _ in said(answer)] == ["success"]


def test_a_call_that_is_over_meanwhile_is_said_in_clear_words(
    there: Any, as_supervisor: Browser, switchboard: Switchboard
) -> None:
    switchboard.answers[f"/calls/{there.pk}/supervise"] = (404, {"error": "talk_over", "message": "x"})
    answer = as_supervisor.post(f"/desk/supervisor/calls/{there.pk}/listen", follow=True)
    assert said(answer) == [("warning", "The call is over meanwhile: there is nothing to listen to any more.")]


@pytest.mark.parametrize("language", ["en", "ru", "uk"])
def test_why_a_call_is_not_taken_over_is_said_in_the_supervisors_language(
    there: Any, as_supervisor: Browser, switchboard: Switchboard, language: str
) -> None:
    as_supervisor.cookies["django_language"] = language
    told = {}
    for code in ("passing_on", "pick_up", "own_busy", "not_now"):
        switchboard.answers[f"/calls/{there.pk}/take-over"] = (409, {"error": code, "message": "of the engine"})
        [(level, told[code])] = said(as_supervisor.post(f"/desk/supervisor/calls/{there.pk}/take-over", follow=True))
        assert level == "warning"
    assert len(set(told.values())) == 4
    assert "of the engine" not in told.values()
    words = {"en": "passes the client on", "ru": "передаёт клиента", "uk": "передає клієнта"}
    assert words[language] in told["passing_on"]


def test_rights_are_the_profiles_list_and_else_the_usual_one(
    there: Any, as_operator: Browser, switchboard: Switchboard, monkeypatch: pytest.MonkeyPatch, krc: Any
) -> None:
    director = Browser()
    director.force_login(employee("director", Role.DIRECTOR))
    assert as_operator.post(f"/desk/supervisor/calls/{there.pk}/listen").status_code == 403
    assert director.post(f"/desk/supervisor/calls/{there.pk}/barge").status_code == 403
    assert director.post(f"/desk/supervisor/calls/{there.pk}/listen").status_code == 302
    assert buttons(director) == ["listen"]
    monkeypatch.setitem(krc.variables, "supervision", {"rights": {"listen": ["supervisor"]}})
    assert director.post(f"/desk/supervisor/calls/{there.pk}/listen").status_code == 403
    assert len(switchboard.asked) == 1


def test_the_operator_sees_who_listens_where_the_profile_lets_him(
    there: Any, as_operator: Browser, supervisor: Employee, monkeypatch: pytest.MonkeyPatch, krc: Any
) -> None:
    enters(there, supervisor)
    shown = {"name": str(supervisor), "mode": "listen", "mine": False}
    assert as_operator.get("/desk/state.json").json()["call"]["supervised"] == shown
    monkeypatch.setitem(krc.variables, "supervision", {"shown": False})
    assert not supervising.shown(krc)
    assert as_operator.get("/desk/state.json").json()["call"]["supervised"] is None
    enters(there, supervisor, "barge")
    assert as_operator.get("/desk/state.json").json()["call"]["supervised"]["mode"] == "barge", "he hears him anyway"


def test_who_listens_works_at_nothing_in_the_call_but_leaves_it(
    there: Any, as_supervisor: Browser, supervisor: Employee, switchboard: Switchboard
) -> None:
    enters(there, supervisor)
    assert as_supervisor.get("/desk/state.json").json()["call"]["role"] == "supervisor"
    assert tell(as_supervisor, there, "note", kind="office_offered").status_code == 403
    assert tell(as_supervisor, there, "hangup").status_code == 200
    assert switchboard.last == (f"/calls/{there.pk}/hangup", {"employee": supervisor.pk})


def test_an_operator_is_put_into_a_state_with_a_reason(
    there: Any, as_supervisor: Browser, supervisor: Employee, operator: Employee, switchboard: Switchboard
) -> None:
    address = f"/desk/supervisor/operators/{operator.pk}/"
    refused = as_supervisor.post(address, {"verb": "state", "state": "offline", "reason": " "})
    assert refused.status_code == 422
    assert "Choose the state and say why" in refused.content.decode()
    assert not switchboard.asked
    as_supervisor.post(address, {"verb": "state", "state": "paused", "reason": "fire alarm"})
    asked = {"state": "paused", "reason": "fire alarm", "by": supervisor.pk}
    assert switchboard.last == (f"/operators/{operator.pk}/state", asked)


def test_nobody_is_made_ready_over_a_contact_that_is_not_closed(
    krc: Any, talk: Talk, as_supervisor: Browser, operator: Employee, switchboard: Switchboard
) -> None:
    talk(ended=True)
    address = f"/desk/supervisor/operators/{operator.pk}/"
    refused = as_supervisor.post(address, {"verb": "state", "state": "ready", "reason": "queue"})
    assert refused.status_code == 422
    assert "queue" in refused.content.decode(), "what was typed is kept"
    assert not switchboard.asked


def test_an_operator_is_moved_for_a_time_and_brought_back(krc: Any, as_supervisor: Browser, other: Employee) -> None:
    address = f"/desk/supervisor/operators/{other.pk}/"
    typed = {"verb": "move", "queue": "billing", "minutes": "60", "only": "1", "why": "peak"}
    assert as_supervisor.post(address, {**typed, "queue": "nowhere"}).status_code == 422
    assert as_supervisor.post(address, typed).status_code == 302
    assert Reassignment.objects.get(ended_at=None).queue == "billing"
    assert "Charges and payment" in as_supervisor.get("/desk/supervisor/").content.decode()
    assert as_supervisor.post(address, {"verb": "back"}).status_code == 302
    assert not Reassignment.objects.filter(ended_at=None).exists()


def test_the_operators_screen_names_who_set_his_state(
    krc: Any, as_operator: Browser, operator: Employee, supervisor: Employee
) -> None:
    Operator.objects.filter(employee=operator).update(state="paused", reason="fire alarm", forced_by=supervisor)
    assert as_operator.get("/desk/state.json").json()["operator"]["forced_by"] == str(supervisor)


def test_thresholds_are_set_on_their_page_and_kept_as_typed_when_refused(
    krc: Any, as_supervisor: Browser, supervisor: Employee
) -> None:
    page = as_supervisor.get("/desk/wallboard/thresholds/").content.decode()
    assert "krc-5.6.5-30" in page
    asked = {"queue": "", "measure": "service_level", "warn": "80,5", "alarm": "60"}
    refused = as_supervisor.post("/desk/wallboard/thresholds/", {**asked, "alarm": "90x"})
    assert refused.status_code == 422
    assert 'value="90x"' in refused.content.decode()
    assert as_supervisor.post("/desk/wallboard/thresholds/", asked).status_code == 302
    made = Threshold.objects.get()
    assert (made.warn, made.alarm, made.by) == (80.5, 60, supervisor)
    director = Browser()
    director.force_login(employee("director", Role.DIRECTOR))
    assert director.post("/desk/wallboard/thresholds/", asked).status_code == 403


def test_who_is_written_to_is_set_on_the_page_of_thresholds(
    krc: Any, as_supervisor: Browser, supervisor: Employee
) -> None:
    Employee.objects.filter(pk=supervisor.pk).update(email="vera@example.org")
    page = as_supervisor.get("/desk/wallboard/thresholds/").content.decode()
    assert "vera@example.org" in page
    asked = {"queue": "", "measure": "letters", "people": [str(supervisor.pk)], "quiet_min": "5 min"}
    refused = as_supervisor.post("/desk/wallboard/thresholds/", asked)
    assert refused.status_code == 422
    shown = refused.content.decode()
    assert 'value="5 min"' in shown
    assert f'value="{supervisor.pk}" checked' in shown
    answer = as_supervisor.post("/desk/wallboard/thresholds/", {**asked, "quiet_min": "5", "alarms_only": "on"})
    assert answer.status_code == 302
    kept = CrossingLetters.objects.get()
    assert (list(kept.people.all()), kept.quiet_min, kept.alarms_only) == ([supervisor], 5, True)


def test_a_crossing_stands_on_the_floor_until_it_was_seen(
    krc: Any, as_supervisor: Browser, supervisor: Employee
) -> None:
    made = Crossing.objects.create(
        profile="krc", queue="billing", measure="longest_wait_s", level="alarm", value=301, limit=300,
        began_at=timezone.now(),
    )  # fmt: skip
    CrossingNotice.objects.create(crossing=made, employee=supervisor)
    page = as_supervisor.get("/desk/supervisor/").content.decode()
    assert "■ alarm" in page
    assert "5:01" in page
    as_supervisor.post("/desk/supervisor/seen")
    assert "5:01" not in as_supervisor.get("/desk/supervisor/").content.decode()
    assert "5:01" in as_supervisor.get("/desk/wallboard/").content.decode(), "it is still beyond its threshold"


def test_the_wallboard_prints_each_formula_with_its_numbers(krc: Any, as_supervisor: Browser) -> None:
    page = as_supervisor.get("/desk/wallboard/").content.decode()
    assert "Answered within T / (offered − abandoned within t)" in page
    assert "(answered in time + abandoned in time) / (answered + abandoned)" in page
    assert "T = 1:00" in page


def test_every_heading_of_the_wallboard_has_its_formula_and_a_queue_its_own_numbers(
    krc: Any, as_supervisor: Browser, supervisor: Employee
) -> None:
    Threshold.objects.create(
        profile="krc", queue="billing", measure="answer_within_s", alarm=30, by=supervisor, at=timezone.now()
    )
    for address in ("/desk/wallboard/", "/desk/wallboard/half-hours/"):
        page = as_supervisor.get(address).content.decode()
        named = set(re.findall(r'popovertarget="formula-([a-z_]+)" aria-describedby="formula-([a-z_]+)"', page))
        assert all(one == other and f'id="formula-{one}" popover' in page for one, other in named)
        for table in re.findall(r"<thead>.*?</thead>", page, re.S):
            headings = re.findall(r'<th scope="col" class="num">(.*?)</th>', table, re.S)
            assert all("data-formula" in one for one in headings), address
    page = as_supervisor.get("/desk/wallboard/").content.decode()
    own = re.search(r'id="formula-service_level".*?</div>', page, re.S)
    assert own is not None
    assert "T = 0:30" in own[0]
    for measure in wallboard.OF_THE_DAY:
        assert f'id="day-{measure}"' in page
        assert f'id="formula-{measure}"' in page
    part = as_supervisor.get("/desk/wallboard/?part=1")
    assert "<html" not in part.content.decode()
    assert part["X-Kindline-Now"]


def test_a_wrong_clock_is_an_alarm_on_the_floor(as_supervisor: Browser) -> None:
    """C2."""
    now = timezone.now()
    one = Board.objects.create(app="sb-far", host="far-away", pid=1, started_at=now, beat_at=now, skew_s=1.9)
    assert "far-away" not in as_supervisor.get("/desk/supervisor/?part=1").content.decode()
    Board.objects.filter(pk=one.pk).update(skew_s=-3600.0)
    page = as_supervisor.get("/desk/supervisor/?part=1").content.decode()
    assert "The clock of a machine is behind" in page
    assert re.search(r"far-away, 3,?600", page)
