"""`kindline demo call` against a whole running product: real calls, real sound, verdicts with evidence."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kindline.runtime.demo_calls import scenario
from kindline.standard import loader
from tests.plugins.product import ROOT, Product, launch

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(1800)]  # its fixtures make all calls of a profile

ONE_CALL_S = 120
PLANNED_WITHIN_S = 240
"""The judge plans the rules of its standard before it is there, on a machine that may have much else to do."""
AT_ONCE = "8"
"""Calls that are made at the same time: they mostly wait, for each other's operators among other things."""
STARTING = threading.Lock()
ONCE = {"queue-callback"}
"""Played after all others: under one standard, and there whoever waits is offered a call sooner than it says."""
PLAN = {
    profile: [name for name in scenario.fitting(loader.load(profile)) if profile == "krc" or name not in ONCE]
    for profile in ("krc", "court", "yumek", "voe")
}
CALLS = [(profile, name) for profile, names in PLAN.items() for name in names]


def demo(product: Product, *words: str, limit_s: float = ONE_CALL_S) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kindline.runtime", "demo", "call", "--instance", str(product.folder), *words]
    return subprocess.run(
        command, cwd=ROOT, env=product.environment(), capture_output=True, text=True, check=False, timeout=limit_s
    )


@dataclass
class Made:
    """What the calls into one product came to."""

    code: int
    said: str
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)

    def call(self, name: str) -> dict[str, Any]:
        assert name in self.calls, self.said
        return self.calls[name]

    def facts(self, name: str, kind: str) -> list[dict[str, Any]]:
        return [fact["data"] for fact in self.call(name)["facts"] if fact["kind"] == kind]


def patient(folder: Path) -> Path:
    """The standards, but whoever waits in a queue is offered a call after some seconds."""
    made = Path(shutil.copytree(loader.profiles_dir(), folder / "profiles"))
    menu = made / "krc" / "menu.yaml"
    text = menu.read_text(encoding="utf-8")
    assert "callback: {after_s: 60" in text
    menu.write_text(text.replace("callback: {after_s: 60", "callback: {after_s: 12"), encoding="utf-8")
    return made


def make(profile: str, folder: Path) -> Made:
    """Call a product of its own, which runs only so long, once with each scenario of the profile."""
    names = PLAN[profile]
    with STARTING:
        product = launch(folder / "instance", "--profile", profile, told={"KINDLINE_PROFILES": str(patient(folder))})
    try:
        product.wait(lambda: product.state()["parts"].get("judge", {}).get("state") == "up", PLANNED_WITHIN_S)
        done = demo(
            product,
            "--brisk",
            "--json",
            "--at-once",
            AT_ONCE,
            "--scenario",
            ",".join(names),
            limit_s=60 + ONE_CALL_S * len(names),
        )
    finally:
        product.stop()
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return Made(done.returncode, done.stdout + done.stderr, {one["scenario"]: one for one in lines})


@pytest.fixture(scope="module")
def making(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Made]]]:
    """The calls of each profile that is asked for, made once, two profiles at a time: a call is mostly waiting."""
    callspecs = [item.callspec for item in request.session.items if hasattr(item, "callspec")]
    wanted = {spec.params["made"] for spec in callspecs if "made" in spec.params}
    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(make, name, tmp_path_factory.mktemp(name)) for name in PLAN if name in wanted}


@pytest.fixture
def made(request: pytest.FixtureRequest, making: dict[str, Future[Made]]) -> Made:
    """What the calls of the profile came to."""
    return making[request.param].result()


def each(*profiles: str) -> pytest.MarkDecorator:
    """Run for these profiles."""
    return pytest.mark.parametrize("made", profiles, indirect=True)


@pytest.mark.parametrize(("made", "name"), CALLS, indirect=["made"])
def test_the_call_really_happens_and_is_judged(made: Made, name: str) -> None:
    call = made.call(name)
    assert call["wrong"] == []
    kinds = [fact["kind"] for fact in call["facts"]]
    assert kinds[0] == "contact_opened"
    assert kinds.count("contact_closed") == 1
    assert kinds.index("call_arrived") < kinds.index("call_ended") <= kinds.index("contact_closed")
    assert call["clauses"]
    assert call["sound"]


@each(*PLAN)
def test_the_exit_code_says_that_all_was_well(made: Made) -> None:
    assert made.code == 0, made.said


@each(*PLAN)
def test_a_consultation_is_heard_and_kept_both_ways(made: Made) -> None:
    sound = made.call("consultation")["sound"]
    for one in ("the client heard the operator", "the operator heard the client"):
        assert sound[one] > 0.5
    for leg in ("client", "operator"):
        assert sound[f"the recording of the {leg}"] > 0.5
    stored = made.facts("consultation", "recording_stored")
    assert {one["leg"] for one in stored} == {"client", "operator"}
    assert all(one["complete"] for one in stored)
    assert made.facts("consultation", "step_done")


@each("krc")
def test_the_measurable_clauses_of_a_good_consultation_are_met(made: Made) -> None:
    clauses = made.call("consultation")["clauses"]
    met = [
        "krc-5.5.2-11",
        "krc-5.5.2-13",
        "krc-5.5.2-14",
        "krc-5.6.4-03",
        "krc-5.6.4-24",
        "krc-5.6.4-25",
        "krc-5.6.5-30",
    ]
    assert {clause: clauses[clause] for clause in met} == dict.fromkeys(met, "met")


@each("krc")
def test_an_account_is_shown_only_to_who_is_identified(made: Made) -> None:
    order = [fact["kind"] for fact in made.call("account-info")["facts"]]
    assert order.index("identified") < order.index("account_shown")
    assert made.facts("account-info-refused", "account_shown") == []
    assert made.facts("account-info-refused", "identified") == []
    assert [one["action"] for one in made.facts("account-info-refused", "action_refused")] == ["account_shown"]
    assert made.facts("account-info-refused", "contact_closed")[0]["outcome"] == "refused"


@each("court")
def test_an_oral_appeal_is_registered_with_all_that_is_required(made: Made) -> None:
    for name in ("account-info", "account-info-refused"):
        (appeal,) = made.facts(name, "appeal_registered")
        wanted = {"surname", "given_name", "patronymic", "residence", "substance", "phone", "email", "kind"}
        assert wanted <= set(appeal["fields"]) | set(appeal["none_fields"])
        assert appeal["limit_at"]
        assert made.call(name)["clauses"]["court-1-20"] == "met"
    assert made.facts("account-info", "action_refused") == []
    assert made.call("account-info-refused")["refused"]


@each(*PLAN)
def test_a_callback_is_promised_with_a_time_and_a_number(made: Made) -> None:
    (promise,) = made.facts("complex-callback", "callback_promised")
    assert promise["phone"].startswith("+")
    assert promise["due_at"]


@each(*PLAN)
def test_the_colleague_is_told_before_he_takes_over(made: Made) -> None:
    order = [fact["kind"] for fact in made.call("attended-transfer")["facts"] if fact["kind"].startswith("transfer_")]
    stages = ["started", "answered", "introduced", "accepted", "completed"]
    assert [kind for kind in order if kind != "transfer_offered"] == [f"transfer_{stage}" for stage in stages]
    assert made.call("attended-transfer")["sound"]["the recording of the specialist"] > 0.5


@each(*PLAN)
def test_a_department_is_called_by_its_extension_and_whoever_answers_is_told(made: Made) -> None:
    (answered,) = made.facts("department-transfer", "transfer_answered")
    (done,) = made.facts("department-transfer", "transfer_completed")
    assert (answered["target_kind"], answered["number"]) == ("department", "50")
    assert done["target_employee"] == answered["target_employee"]
    assert made.call("department-transfer")["sound"]["the recording of the specialist"] > 0.5


@each("krc", "court")
def test_an_abusive_call_is_ended_on_a_ground_after_the_warning(made: Made) -> None:
    (ended,) = made.facts("abuse", "call_terminated")
    assert ended["ground"]
    steps = [one["step"] for one in made.facts("abuse", "step_done")]
    assert {"abuse_warning", "warn"} & set(steps)
    assert made.facts("abuse", "call_ended")[0]["by"] == "operator"


@each("yumek", "voe")
def test_where_it_is_not_granted_the_call_goes_on(made: Made) -> None:
    assert made.facts("abuse", "call_terminated") == []
    assert made.facts("abuse", "action_refused")[0] == {"action": "terminate", "reason": "not_granted"}
    refusals = made.call("abuse")["refused"]
    assert len(refusals) == 2, "the desk and the switchboard refuse, each by itself"
    assert made.facts("abuse", "call_ended")[0]["cause"] == "normal"


@each(*PLAN)
def test_who_cannot_be_heard_is_silent_in_every_recording(made: Made) -> None:
    sound = made.call("bad-line")["sound"]
    assert sound["the operator heard the client"] < 0.5
    assert sound["the recording of the client"] < 0.5
    assert sound["the recording of the operator"] > 0.5


@each("court")
def test_a_bad_line_is_ended_by_right_after_the_attempts(made: Made) -> None:
    (ended,) = made.facts("bad-line", "call_terminated")
    assert ended["ground"] == "bad_line"
    assert ended["after_s"] >= 10
    assert len(made.facts("bad-line", "contact_attempted")) > 1


@each(*PLAN)
def test_giving_up_waiting_is_kept(made: Made) -> None:
    (left,) = made.facts("abandoned", "queue_left")
    assert left["outcome"] == "abandoned"
    assert left["wait_s"] > 1
    assert made.facts("abandoned", "call_answered") == []


@each(*PLAN)
def test_out_of_hours_a_message_is_taken(made: Made) -> None:
    (message,) = made.facts("off-hours-voicemail", "voicemail_left")
    assert message["off_hours"] is True
    assert made.facts("off-hours-voicemail", "hours_closed")
    assert made.facts("off-hours-voicemail", "call_offered") == []


@each("krc")
def test_who_has_waited_may_ask_to_be_called(made: Made) -> None:
    (asked,) = made.facts("queue-callback", "callback_asked")
    (left,) = made.facts("queue-callback", "queue_left")
    assert asked["own_number"] is True
    assert left["outcome"] == "callback"
    assert made.call("queue-callback")["sound"]["the client heard music and the offer"] > 0.5


@each("krc", "yumek", "voe")
def test_the_menu_itself_takes_a_reading(made: Made) -> None:
    (told,) = made.facts("readings-by-keys", "self_service_told")
    assert told == {"service": "readings", "found": True}
    assert made.facts("readings-by-keys", "contact_closed")[0]["outcome"] == "self_service"
    assert made.facts("readings-by-keys", "queue_entered") == []


def test_another_profile_is_not_this_instance(instance: Product) -> None:
    done = demo(instance, "--profile", "court")
    assert done.returncode == 2
    assert "runs `krc`" in done.stderr


def test_a_product_that_stands_still_is_said_so(instance: Product, tmp_path: Path) -> None:
    done = demo(Product(tmp_path, instance.process))
    assert done.returncode == 2
    assert "holds no instance yet" in done.stderr
