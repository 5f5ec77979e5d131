"""What the operator does beside speaking: steps that an action completes, and what belongs to a branch."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from kindline.conversations.guides import FieldView, StepView
from kindline.conversations.models import Topic
from kindline.desk.switchboard import SwitchboardError
from kindline.runtime.demo_calls.office import tell
from kindline.standard.scripts import Branch

if TYPE_CHECKING:
    from kindline.runtime.demo_calls.talk import Talk

Deed = Callable[["Talk", StepView], None]
BAD_LINE = "bad_line"
LISTEN_S = 2.0
"""How long the operator listens for a client who cannot be heard."""
NO_GROUND = "insult"
"""What the operator claims where the standard grants no right to end a call."""


def prepare(talk: Talk, view: StepView) -> None:
    """Bring the call to where the step can be spoken."""
    if view.done_by in TRANSFER_BEFORE:
        talk.transfer.up_to(talk, TRANSFER_BEFORE[view.done_by])


def ask(talk: Talk, view: StepView, fields: list[FieldView]) -> None:
    """The client answers what the step asks for; proofs of identity are not written down before they are checked."""
    if view.done_by == "identified":
        if not talk.scenario.client_identifies:
            talk.client_says("refuses")
        else:
            talk.client.say(talk.voices.of_client(", ".join(talk.cast.value(one.id) for one in view.ask)))
    elif fields:
        talk.answers(fields)
    elif not talk.scenario.client_speaks:
        talk.heard_phone().listen(LISTEN_S)


def complete(talk: Talk, view: StepView, said: str) -> None:
    """Do the action that completes the step, or tick it off."""
    deed = DEEDS.get(view.done_by or "")
    if deed is not None:
        deed(talk, view)
    else:
        talk.operator.do("step", step=view.id, phrase=said, by="key")


def find_client(talk: Talk, via: str) -> None:
    """Look the client up, as the screen offers him by his number; once."""
    if talk.operator.turn().contact.client_id is None:
        talk.operator.do("search", by=via)
        talk.operator.do("client", client=talk.cast.client.pk, via=via)


def _topic(talk: Talk, _view: StepView) -> None:
    talk.operator.do("topic", topic=topic(talk))


def topic(talk: Talk) -> int | None:
    """A topic of the profile that is the organisation's own."""
    rows = Topic.objects.filter(profile=talk.office.profile.id).order_by("competence", "pk")
    own = rows.filter(competence="own", parent__isnull=False).first() or rows.filter(competence="own").first()
    return own.pk if own else None


def _identify(talk: Talk, view: StepView) -> None:
    find_client(talk, "account" if talk.scenario.client_identifies else "caller")
    if talk.scenario.client_identifies:
        talk.operator.do("identify", fields={one.id: talk.cast.value(one.id) for one in view.ask})
        account = talk.cast.account.pk if talk.cast.account else ""
        talk.operator.do("show-account", account=account)
        return
    talk.operator.do("refuse-identification", reason="does not name the account")
    if "show-account" in talk.scenario.tries:
        talk.operator.tries("show-account")
    talk.operator.do("skip", step=view.id, reason=talk.scenario.skip_reason)


def _account_shown(talk: Talk, _view: StepView) -> None:
    """Already shown when the client was identified."""


def _callback(talk: Talk, _view: StepView) -> None:
    typed = talk.cast.promised_at().astimezone(talk.office.profile.zone).replace(tzinfo=None)
    body = {"phone": talk.cast.caller, "matter": talk.cast.value("matter")}
    talk.operator.do("callback", **body, due_at=typed.isoformat())


def _appeal(talk: Talk, _view: StepView) -> None:
    names = ("surname", "given_name", "patronymic", "residence", "phone", "email")
    given = {name: talk.cast.value(name) for name in names}
    none = [name for name, value in given.items() if not value]
    talk.operator.do(
        "appeal",
        kinds=[talk.cast.value("kind")],
        substance=talk.cast.value("substance"),
        none_fields=none,
        topic=topic(talk),
        **given,
    )


def _attempts(talk: Talk, view: StepView) -> None:
    """Try to be heard for as long as the standard asks for before the call may end."""
    timer = next((one for one in talk.script.timers if one.id == view.timer), None)
    until = time.monotonic() + (timer.max_s if timer and timer.max_s else 0)
    talk.operator.do("attempt")
    while time.monotonic() < until:
        talk.heard_phone().listen(min(LISTEN_S, max(0.1, until - time.monotonic())))
        talk.operator_says(view.phrases[0])
        talk.operator.do("attempt")


def _terminate(talk: Talk, view: StepView) -> None:
    branch = next(one for one in talk.script.branches if any(step.id == view.id for step in one.steps))
    end_by_right(talk, branch)


def end_by_right(talk: Talk, branch: Branch) -> None:
    """End the call on the first ground that the branch gives; the client's telephone hears it."""
    ground = branch.grounds[0].id
    if ground == BAD_LINE:
        talk.operator.do("end-bad-line")
    else:
        talk.operator.do("terminate", ground=ground)
    talk.over = True


def _mute(talk: Talk, _view: StepView) -> None:
    talk.operator.do("mute")


def _transfer(stage: str) -> Deed:
    def deed(talk: Talk, _view: StepView) -> None:
        talk.transfer.up_to(talk, stage)

    return deed


DEEDS: dict[str, Deed] = {
    "topic_set": _topic,
    "identified": _identify,
    "account_shown": _account_shown,
    "callback_promised": _callback,
    "appeal_registered": _appeal,
    "contact_attempted": _attempts,
    "call_terminated": _terminate,
    "microphone_muted": _mute,
    "transfer_started": _transfer("started"),
    "transfer_answered": _transfer("answered"),
    "transfer_introduced": _transfer("introduced"),
    "transfer_accepted": _transfer("accepted"),
    "transfer_completed": _transfer("completed"),
}
"""Steps that are completed by a fact, and what brings that fact about; all others are ticked off."""
TRANSFER_BEFORE = {
    "transfer_introduced": "answered",
    "transfer_accepted": "introduced",
    "transfer_completed": "accepted",
}
"""How far a transfer must be before such a step is spoken."""


def try_before(talk: Talk, branch: Branch) -> None:
    """What the operator tries at the beginning of a branch though the standard refuses it."""
    registers = any(step.done_by == "appeal_registered" for step in branch.steps)
    if "appeal" in talk.scenario.tries and registers:
        talk.operator.tries("appeal", kinds=[talk.cast.value("kind")], substance="")
    if "terminate" in talk.scenario.tries and not branch.ends_call:
        try_to_terminate(talk)


def try_to_terminate(talk: Talk) -> None:
    """Try to end the call without a right to: the desk refuses it, and so does the switchboard by itself."""
    talk.operator.tries("terminate", ground=NO_GROUND)
    try:
        tell(f"/calls/{talk.operator.contact}/terminate", employee=talk.operator.me.pk, ground=NO_GROUND)
    except SwitchboardError as error:
        talk.operator.refusals.append(f"terminate at the switchboard: {error}")


def finish(talk: Talk, branch: Branch) -> None:
    """What a branch still needs after its steps."""
    if talk.transfer.begun:
        talk.transfer.up_to(talk, "completed")
    if branch.ends_call and branch.grounds and not talk.over:
        end_by_right(talk, branch)
