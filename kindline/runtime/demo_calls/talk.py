"""The talk: the operator goes through the guide of the instance's own standard, and the client answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kindline.conversations.guides import FieldView, GuideState, StepView
from kindline.runtime.demo_calls import deeds
from kindline.runtime.demo_calls.cast import HIS_NAME, OF_OPERATOR, Cast
from kindline.runtime.demo_calls.errors import DemoError, HungUpError
from kindline.runtime.demo_calls.handset import Handset
from kindline.runtime.demo_calls.office import Office
from kindline.runtime.demo_calls.operator import ScriptedOperator
from kindline.runtime.demo_calls.scenario import Scenario
from kindline.runtime.demo_calls.transfer import Transfer
from kindline.runtime.demo_calls.voice import Voices
from kindline.standard.scripts import Branch, Script, Step

ENDING = "call_terminated"


@dataclass
class Talk:
    """Two people on the telephone, and the guide between them."""

    office: Office
    scenario: Scenario
    script: Script
    cast: Cast
    operator: ScriptedOperator
    client: Handset
    voices: Voices
    transfer: Transfer
    tell: Callable[[str], None]
    over: bool = False
    done: list[str] = field(default_factory=list)

    # --- the course of the talk --------------------------------------------------------------------
    def opening(self) -> None:
        """The main line up to where the talk turns."""
        for number, step in enumerate(self._main_line()[0]):
            self.step(step)
            if number == 0:
                self.client_says("begin")

    def rest(self) -> None:
        """The branch, and the main line after it."""
        branch = self.scenario.branch(self.script)
        if branch is not None:
            self._branch(branch)
        elif "terminate" in self.scenario.tries:
            deeds.try_to_terminate(self)
        if branch is None or (self.scenario.returns and not self.over):
            for step in self._main_line()[1]:
                self.step(step)

    def _main_line(self) -> tuple[list[Step], list[Step]]:
        """The steps before and after the turn."""
        turning = self.scenario.turning_step(self.script)
        steps = list(self.script.steps)
        at = next((index for index, step in enumerate(steps) if step.id == turning), len(steps))
        return [step for step in steps[:at] if self._wanted(step)], [step for step in steps[at:] if self._wanted(step)]

    def _wanted(self, step: Step) -> bool:
        if step.id in self.scenario.omit and self.scenario.branch(self.script) is not None:
            return False
        return step.required or step.id in self.scenario.also or step.done_by == ENDING

    def _branch(self, branch: Branch) -> None:
        self.operator.do("branch", branch=branch.id)
        self.tell(f"branch {branch.id}")
        if branch.grounds and self.scenario.client_speaks:
            self.client_says("insult")
        deeds.try_before(self, branch)
        for step in branch.steps:
            if self._wanted(step) and not self.over:
                self.step(step)
        deeds.finish(self, branch)

    # --- one step ----------------------------------------------------------------------------------
    def step(self, step: Step) -> None:
        """Say the step's phrase, ask what it asks, do what it needs, and tick it off."""
        view = self.view(step.id)
        if view.done_at is not None or view.skipped is not None:
            return
        deeds.prepare(self, view)
        for one in self._open(view, own=True):
            self._write(one)
        said = self._speak(self.view(step.id))
        deeds.ask(self, view, self._open(view, own=False))
        deeds.complete(self, view, said)
        self.done.append(step.id)
        self.tell(f"step {step.id}{': ' + said if said else ''}")

    def view(self, step_id: str) -> StepView:
        """The step as the screen shows it now. Raises: DemoError when the guide has none of that id."""
        state = self.guide()
        steps = [*state.steps, *(step for branch in state.branches for step in branch.steps)]
        found = next((step for step in steps if step.id == step_id), None)
        if found is None:
            raise DemoError(f"the guide {state.script} has no step {step_id}")
        return found

    def guide(self) -> GuideState:
        """The guide as the operator's screen shows it."""
        return self.operator.guide()

    def _open(self, view: StepView, *, own: bool) -> list[FieldView]:
        return [one for one in view.ask if not one.known and (one.id in OF_OPERATOR) == own]

    def _write(self, one: FieldView) -> None:
        value = self.cast.value(one.id)
        if value:
            self.operator.do("field", field=one.id, value=value, source="asked")
        elif one.id not in OF_OPERATOR:
            self.operator.do("field", field=one.id, value="", none=True)

    def _speak(self, view: StepView) -> str:
        said = view.phrases[0] if view.phrases else self.scenario.words(view.id, self.voices.language)
        if said:
            self.operator_says(said)
        return said

    def answers(self, fields: list[FieldView]) -> None:
        """The client answers what he was asked, and the operator writes it down."""
        values = [self.cast.value(one.id) for one in fields]
        self._client(", ".join(dict.fromkeys(value for value in values if value)))
        if any(one.id in HIS_NAME for one in fields):
            deeds.find_client(self, "caller")
        known = {one.id for one in self.view_fields() if one.known}
        for one in fields:
            if one.id not in known:
                self._write(one)

    def view_fields(self) -> list[FieldView]:
        """Every field that the guide asks for anywhere, as it is now."""
        state = self.guide()
        steps = [*state.steps, *(step for branch in state.branches for step in branch.steps)]
        return [one for step in steps for one in step.ask]

    # --- voices ------------------------------------------------------------------------------------
    def client_says(self, occasion: str) -> None:
        """The client says what the scenario has for the occasion, if he speaks at all."""
        self._client(self.scenario.words(occasion, self.voices.language))

    def _client(self, text: str) -> None:
        if text and self.scenario.client_speaks:
            self.client.say(self.voices.of_client(text))

    def operator_says(self, text: str) -> None:
        """The operator says a text. Raises: HungUpError."""
        self.heard_phone().say(self.sound(text))

    def sound(self, text: str) -> Path:
        """The operator's words as a sound."""
        return self.voices.of_operator(text.replace("…", " "))

    def heard_phone(self) -> Handset:
        """The operator's telephone. Raises: HungUpError when he has put it down."""
        if self.operator.phone is None:
            raise HungUpError("the operator has no call")
        return self.operator.phone
