"""The page of the emergency message: who may turn it on and off, and who sees it meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.staff.models import Employee, Role
from kindline.switchboard import emergencies, prompts
from kindline.switchboard.floor_models import EmergencyMessage
from kindline.switchboard.machine.plan import Sound
from tests.desk.conftest import employee

pytestmark = pytest.mark.db
PAGE, FLOOR = "/desk/emergency/", "/desk/supervisor/?part=1"
TEXT = "Авария <b>на станции</b>."


@pytest.fixture(autouse=True)
def length(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """How long the voice takes for any text."""
    said = {"s": 6.0}

    def make(messages: Sequence[prompts.Spoken], *_args: Any, **_named: Any) -> dict[str, Sound]:
        return {one.key: Sound("sound:/x", said["s"]) for one in messages} if said["s"] else {}

    monkeypatch.setattr(prompts, "make", make)
    return said


def form(profile: Any, **fields: str) -> dict[str, str]:
    until = (timezone.now() + dt.timedelta(hours=3)).astimezone(profile.zone)
    return {"text": TEXT, "line": "", "until": f"{until:%Y-%m-%dT%H:%M}", **fields}


def page(browser: Browser, address: str = PAGE) -> str:
    return browser.get(address).content.decode()


def test_it_is_turned_on_shown_and_turned_off(
    as_supervisor: Browser, as_operator: Browser, supervisor: Employee, krc: Any
) -> None:
    assert as_supervisor.post(PAGE, form(krc, closes="1")).status_code == 302
    [made] = EmergencyMessage.objects.all()
    assert (made.text, made.line, made.closes, made.by, made.ended_at) == (TEXT, "", True, supervisor, None)
    for address in (PAGE, FLOOR):
        shown = page(as_supervisor, address)
        assert f'data-emergency="{made.pk}"' in shown
        assert "Авария &lt;b&gt;на станции" in shown
        assert "<b>на" not in shown
        assert str(supervisor) in shown
    [told] = as_operator.get("/desk/state.json").json()["emergencies"]
    assert TEXT in told
    assert as_supervisor.post(f"{PAGE}{made.pk}/end").status_code == 302
    assert "data-emergency" not in page(as_supervisor, FLOOR)
    assert as_operator.get("/desk/state.json").json()["emergencies"] == []
    assert "turned off by" in page(as_supervisor), "what was heard stays to be read"
    assert as_supervisor.post(f"{PAGE}{made.pk}/end").status_code == 302, "twice does no harm"
    assert as_supervisor.post(f"{PAGE}{made.pk + 1}/end").status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " "}, "Write what callers are to hear"),
        ({"line": "nobody"}, "There is no such line"),
        ({"until": ""}, "Choose until when"),
        ({"until": "2020-01-01T10:00"}, "lies in the past"),
        ({"until": "2999-01-01T10:00"}, "At most seven days"),
    ],
)
def test_what_is_refused_says_why_and_loses_nothing(
    as_supervisor: Browser, krc: Any, fields: dict[str, str], said: str
) -> None:
    refused = as_supervisor.post(PAGE, form(krc, **({"text": "Работы на сетях"} | fields)))
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert fields.get("text", "Работы на сетях") in refused.content.decode()
    assert not EmergencyMessage.objects.exists()


def test_what_nobody_can_say_and_what_is_too_long_is_refused(
    as_supervisor: Browser, krc: Any, length: dict[str, float]
) -> None:
    length["s"] = 0.0
    assert "No voice on this machine" in as_supervisor.post(PAGE, form(krc)).content.decode()
    length["s"] = 15.4
    refused = as_supervisor.post(PAGE, form(krc)).content.decode()
    assert "15.4" in refused
    assert "/desk/standard/krc-5.6.6-05/" in refused


def test_a_ready_text_is_taken_without_a_script(as_supervisor: Browser, krc: Any) -> None:
    first, second = emergencies.ready_texts(krc)[:2]
    assert as_supervisor.get(f"{PAGE}?ready=1").context["typed"]["text"] == second
    assert first in page(as_supervisor)
    for odd in ("9", "x", "-1", "1" * 5000):
        assert as_supervisor.get(PAGE, {"ready": odd}).context["typed"]["text"] == ""


def test_who_has_the_right_is_said_by_the_standard(
    as_operator: Browser, krc: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert as_operator.get(PAGE).status_code == 403
    assert as_operator.post(PAGE, form(krc)).status_code == 403
    client = Browser()
    client.force_login(employee("director", Role.DIRECTOR))
    assert 'id="turn-on"' not in page(client), "who may only look sees no form"
    assert client.post(PAGE, form(krc)).status_code == 403
    made = EmergencyMessage.objects.create(
        profile="krc", text="x", by=employee("head", Role.UNIT_HEAD), begun_at=timezone.now(),
        until=timezone.now() + dt.timedelta(hours=1),
    )  # fmt: skip
    assert client.post(f"{PAGE}{made.pk}/end").status_code == 403
    monkeypatch.setitem(krc.variables, "supervision", {"rights": {"emergency": [Role.OPERATOR]}})
    assert as_operator.get(PAGE).status_code == 200
    assert as_operator.post(f"{PAGE}{made.pk}/end").status_code == 302
    made.refresh_from_db()
    assert made.ended_at is not None


def test_a_line_is_chosen_by_its_title(as_supervisor: Browser, house: Callable[..., Any]) -> None:
    voe = house("voe")
    shown = page(as_supervisor)
    assert "Direct number" in shown
    assert as_supervisor.post(PAGE, form(voe, line="direct")).status_code == 302
    assert EmergencyMessage.objects.get().line == "direct"
    assert "Direct number" in page(as_supervisor, FLOOR)
