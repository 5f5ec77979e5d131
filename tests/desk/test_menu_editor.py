"""The pages of the menu's versions: who may what, what is saved and checked, what two at once are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Role
from kindline.switchboard import in_force, sounds
from kindline.switchboard.models import MenuTurn, MenuVersion
from tests.desk.conftest import employee

pytestmark = pytest.mark.db
DRAFT = "/desk/menu/versions/2/"


@pytest.fixture(autouse=True)
def silent(settings: Any) -> None:
    """No voice is installed: lengths are guessed from the letters."""
    settings.VOICES = []


@pytest.fixture
def director(db: None) -> Employee:
    """Who approves what the supervisor wrote."""
    return employee("director", Role.DIRECTOR, surname="Гай")


@pytest.fixture
def as_director(director: Employee) -> Browser:
    """The director's browser."""
    made = Browser()
    made.force_login(director)
    return made


@pytest.fixture
def draft(as_supervisor: Browser, krc: Any) -> dict[str, Any]:
    """A draft as its page holds it."""
    page = as_supervisor.post("/desk/menu/versions/", {"based_on": "1", "title": "Летнее"}, follow=True)
    assert page.redirect_chain == [(DRAFT, 302)]
    found: dict[str, Any] = page.context["editor"]["state"]
    return found


def post(browser: Browser, verb: str, **body: Any) -> Any:
    """Post what the editor posts."""
    return browser.post(f"{DRAFT}{verb}", json.dumps(body), content_type="application/json")


def save(browser: Browser, state: dict[str, Any], **more: Any) -> Any:
    """Save a draft as it is on a page."""
    said = {
        "content": state["content"],
        "revision": state["revision"],
        "title": state["title"],
        "began": state["content"],
    }
    return post(browser, "save", **said | more)


def level(state: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in state["content"]["nodes"] if one["id"] == name)


@pytest.mark.clause("krc-5.6.6-16")
def test_each_change_is_kept_and_checked_against_the_standard(as_supervisor: Browser, draft: dict[str, Any]) -> None:
    assert [one for one in draft["faults"] if one["level"] == "error"] == []
    options = level(draft, "bills")["options"]
    options.remove(next(one for one in options if one["digit"] == "*"))
    answer = save(as_supervisor, draft)
    assert answer.status_code == 200
    said = answer.json()
    assert said["revision"] == 2
    [fault] = [one for one in said["faults"] if one["level"] == "error"]
    assert (fault["clause"], fault["key"], fault["where"]) == ("krc-5.6.6-16", "nodes.bills", "Charges and payment")
    assert fault["cure"] == "Add an option that leads back."
    assert MenuVersion.objects.get(number=2).revision == 2


def test_who_saves_an_older_draft_is_told_what_the_other_changed(
    as_supervisor: Browser, draft: dict[str, Any], krc: Any
) -> None:
    admin = Browser()
    admin.force_login(employee("admin", Role.ADMINISTRATOR, surname="Коваль"))
    began = json.loads(json.dumps(draft["content"]))
    level(draft, "main")["options"][0]["target"] = "billing"
    assert save(admin, draft).status_code == 200
    mine = {**draft, "content": json.loads(json.dumps(began))}
    mine["content"]["greeting"]["text"] = "Добрый день! Северный дом."
    answer = save(as_supervisor, mine, began=began)
    said = answer.json()
    assert answer.status_code == 409
    assert said["by"] == "Коваль"
    assert said["changes"] == ["Main menu, 1: where it leads (readings → billing)"]
    assert said["state"]["revision"] == 2
    kept = post(as_supervisor, "beside", content=mine["content"], title="Моё").json()
    assert kept["url"] == "/desk/menu/versions/3/"
    assert MenuVersion.objects.get(number=3).content["greeting"]["text"] == "Добрый день! Северный дом."


def test_from_draft_to_force_and_back(
    as_supervisor: Browser, as_director: Browser, draft: dict[str, Any], krc: Any
) -> None:
    level(draft, "main")["options"].pop()
    save(as_supervisor, draft)

    def act(browser: Browser, number: int, verb: str, **body: str) -> list[str]:
        page = browser.post(f"/desk/menu/versions/{number}/{verb}", body, follow=True)
        return [one.level_tag for one in page.context["messages"]]

    assert act(as_supervisor, 2, "approve", revision="2") == ["warning"], "who wrote it does not approve it"
    assert act(as_director, 2, "approve", revision="1") == ["warning"], "it was changed since"
    assert act(as_director, 2, "approve", revision="2") == ["success"]
    assert act(as_supervisor, 2, "turn", from_at="gestern") == ["warning"]
    assert act(as_supervisor, 2, "turn", from_at="2020-01-01T10:00") == ["warning"]
    assert act(as_supervisor, 2, "turn", from_at="2099-01-01T10:00") == ["success"]
    to_come = MenuTurn.objects.get()
    assert to_come.from_at.astimezone(krc.zone).isoformat()[:16] == "2099-01-01T10:00"
    page = as_supervisor.get("/desk/menu/")
    assert "Version 2 comes into force on" in page.content.decode()
    as_supervisor.post(f"/desk/menu/turns/{to_come.pk}/off", follow=True)
    assert act(as_supervisor, 2, "turn", now="1") == ["success"]
    assert in_force.number_now(krc, timezone.now()) == 2
    assert "9" not in as_supervisor.get("/desk/menu/").context["menu"].nodes["main"].options
    assert act(as_supervisor, 1, "turn", now="1") == ["success"]
    assert in_force.number_now(krc, timezone.now()) == 1
    history = as_supervisor.get("/desk/menu/versions/").context["history"]
    assert [one["kind"] for one in history] == [
        "menu_turn_set", "menu_turn_set", "menu_turn_called_off", "menu_turn_set", "menu_approved",
        "menu_draft_changed", "menu_drafted",
    ]  # fmt: skip
    assert history[0]["actor"]


def test_a_draft_with_faults_is_not_approved_and_stays(
    as_supervisor: Browser, as_director: Browser, draft: dict[str, Any]
) -> None:
    draft["content"]["greeting"] = None
    save(as_supervisor, draft)
    page = as_director.post(f"{DRAFT}approve", {"revision": "2"}, follow=True)
    [said] = [str(one) for one in page.context["messages"]]
    assert "krc-5.6.6-13" in said
    assert MenuVersion.objects.get(number=2).state == "draft"
    assert "krc-5.6.6-13" in page.content.decode()


@pytest.mark.parametrize("body", [{}, {"content": {"nodes": [{"id": "../x"}]}}, {"content": 7, "revision": 1}])
def test_what_is_no_menu_is_refused_and_the_draft_stays(
    as_supervisor: Browser, draft: dict[str, Any], body: dict[str, Any]
) -> None:
    answer = post(as_supervisor, "save", **body)
    assert answer.status_code == 422
    assert answer.json()["message"]
    assert MenuVersion.objects.get(number=2).revision == 1


def test_sounds_are_kept_heard_and_wrong_ones_refused(
    as_supervisor: Browser, draft: dict[str, Any], tmp_path: Path
) -> None:
    sounds.write(tmp_path / "good.wav", [8000 if n // 10 % 2 else -8000 for n in range(12000)])
    with (tmp_path / "good.wav").open("rb") as file:
        made = as_supervisor.post(f"{DRAFT}sound", {"way": "microphone", "sound": file}).json()
    assert made["seconds"] == 1.5
    draft["content"]["greeting"]["sound"] = made["sound"]
    assert save(as_supervisor, draft).json()["lengths"]["greeting"] == 1.5
    heard = as_supervisor.get(f"{DRAFT}heard?key=greeting")
    assert b"".join(heard)[:4] == b"RIFF"
    assert as_supervisor.get(f"{DRAFT}heard?key=nodes.main").status_code == 404
    (tmp_path / "bad.wav").write_bytes(b"MZ this is a program")
    with (tmp_path / "bad.wav").open("rb") as file:
        refused = as_supervisor.post(f"{DRAFT}sound", {"sound": file})
    assert (refused.status_code, refused.json()["error"]) == (422, "no_sound_file")
    assert as_supervisor.post(f"{DRAFT}sound", {}).status_code == 422
    assert [one.data["way"] for one in facts_of("menu", "krc") if one.kind == "menu_sound_kept"] == ["microphone"]


def test_without_a_voice_the_page_says_so(as_supervisor: Browser, draft: dict[str, Any]) -> None:
    answer = post(as_supervisor, "say")
    assert (answer.status_code, answer.json()["error"]) == (422, "no_voice")


def test_only_who_runs_it_edits_and_only_in_charge_look(
    client: Browser, as_director: Browser, as_supervisor: Browser, draft: dict[str, Any]
) -> None:
    assert client.get("/desk/menu/versions/").status_code == 302
    client.force_login(employee("op", Role.OPERATOR))
    for page in ("/desk/menu/versions/", "/desk/menu/use/", DRAFT):
        assert client.get(page).status_code == 403
        assert as_director.get(page).status_code == 200
    assert save(as_director, draft).status_code == 403
    assert as_director.post("/desk/menu/versions/", {"based_on": "1"}).status_code == 403
    assert as_director.post(f"{DRAFT}discard").status_code == 403
    assert as_supervisor.post(f"{DRAFT}explode").status_code == 404
    assert as_supervisor.get("/desk/menu/versions/99/").status_code == 404
    assert as_supervisor.post(f"{DRAFT}discard").status_code == 302
    assert MenuVersion.objects.get(number=2).state == "discarded"


@pytest.mark.parametrize(
    "asked", ["", "?since=2026-02-30&until=x", "?since=2026-03-02&until=2026-03-01", "?since=0001-01-01"]
)
def test_the_use_is_shown_for_any_period(as_supervisor: Browser, krc: Any, asked: str) -> None:
    page = as_supervisor.get(f"/desk/menu/use/{asked}")
    assert page.status_code == 200
    assert page.context["first"] <= page.context["last"]
    assert [one["title"] for one in page.context["levels"]][:2] == ["Main menu", "Meter readings"]


@pytest.mark.parametrize("name", ["court", "yumek", "voe"])
def test_under_every_standard_a_draft_is_made_and_approved_by_its_author_where_no_rule_forbids_it(
    as_supervisor: Browser, house: Any, name: str
) -> None:
    house(name)
    page = as_supervisor.post("/desk/menu/versions/", {"based_on": "1"}, follow=True)
    assert [one for one in page.context["editor"]["state"]["faults"] if one["level"] == "error"] == []
    as_supervisor.post(f"{DRAFT}approve", {"revision": "1"})
    assert MenuVersion.objects.get(number=2).state == "approved"
