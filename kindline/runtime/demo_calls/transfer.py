"""An attended transfer: a colleague is called, told who calls and why, agrees, and takes the client over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindline.runtime.demo_calls.errors import DemoError
from kindline.runtime.demo_calls.operator import ScriptedOperator
from kindline.switchboard.dialling_models import Extension

if TYPE_CHECKING:
    from kindline.runtime.demo_calls.talk import Talk

STAGES = ("started", "answered", "introduced", "accepted", "completed")


@dataclass
class Transfer:
    """How far the transfer is."""

    colleague: ScriptedOperator | None
    by_extension: bool = False
    """Whether his department is called, not he himself."""
    reached: int = -1

    @property
    def begun(self) -> bool:
        """Whether the colleague has been called."""
        return self.reached >= 0

    def up_to(self, talk: Talk, stage: str) -> None:
        """Do what is missing until the transfer has reached a stage. Raises: DemoError."""
        if self.colleague is None:
            raise DemoError("the scenario has no colleague to whom the call could be transferred")
        for number, name in enumerate(STAGES[: STAGES.index(stage) + 1]):
            if number > self.reached:
                ACTS[name](talk, self.colleague)
                self.reached = number


def _start(talk: Talk, colleague: ScriptedOperator) -> None:
    talk.client_says("agreed")
    with talk.office.crowd.head:
        colleague.is_now("ready")
        talk.operator.do("transfer", **_whom(talk.transfer, colleague), mode="attended")
        phone = colleague.pick_up()
    phone.brisk_s = talk.client.brisk_s
    colleague.contact = talk.operator.contact


def _whom(transfer: Transfer, colleague: ScriptedOperator) -> dict[str, Any]:
    """The destination as the operator's screen names it."""
    if not transfer.by_extension:
        return {"target_employee": colleague.me.pk}
    return {"extension": Extension.objects.filter(unit=colleague.me.unit_id).values_list("number", flat=True)[0]}


def _answer(talk: Talk, _colleague: ScriptedOperator) -> None:
    _reached(talk, "transfer_answered")


def _introduce(talk: Talk, _colleague: ScriptedOperator) -> None:
    name, matter = talk.cast.value("client_name"), talk.cast.value("matter")
    talk.operator_says(f"{name}. {matter}.")
    talk.operator.do("transfer-introduce", client_name=name, matter=matter)
    _reached(talk, "transfer_introduced")


def _accept(talk: Talk, colleague: ScriptedOperator) -> None:
    colleague_says(talk, colleague, "colleague")
    colleague.do("transfer-accept")
    _reached(talk, "transfer_accepted")


def _complete(talk: Talk, colleague: ScriptedOperator) -> None:
    talk.operator.do("transfer-complete")
    _reached(talk, "transfer_completed")
    colleague_says(talk, colleague, "colleague_talks")


ACTS = {"started": _start, "answered": _answer, "introduced": _introduce, "accepted": _accept, "completed": _complete}


def colleague_says(talk: Talk, colleague: ScriptedOperator, occasion: str) -> None:
    """The colleague says what the scenario has for the occasion."""
    text = talk.scenario.words(occasion, talk.voices.language)
    if text and colleague.phone is not None:
        colleague.phone.say(talk.sound(text))


def _reached(talk: Talk, kind: str) -> None:
    if talk.operator.contact is not None:
        talk.office.fact(talk.operator.contact, kind)
