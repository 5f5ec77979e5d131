"""What the screens ask of the switchboard: an HTTP API on this machine only, with a token."""

from __future__ import annotations

import hmac
import logging
import uuid
from typing import TYPE_CHECKING

from aiohttp import web

from kindline.conversations import actions as conversations
from kindline.conversations import closing
from kindline.conversations.errors import RefusedError, StillRequiredError
from kindline.conversations.models import Contact
from kindline.switchboard import agents, announcements, dispatcher, extensions, passing_on, permits, promises
from kindline.switchboard.board import utc_now
from kindline.switchboard.machine import events as e
from kindline.switchboard.machine import supervising
from kindline.switchboard.machine.destinations import in_browser, mobile
from kindline.switchboard.machine.state import CallState
from kindline.switchboard.machine.talk import BAD_LINE
from kindline.switchboard.wanted import KEY, AskedError, Handler, read

if TYPE_CHECKING:
    from kindline.switchboard.house import House

log = logging.getLogger(__name__)
BODY_MAX = 64 * 1024


# --- operators ---
async def operator_state(request: web.Request) -> web.StreamResponse:
    """POST /operators/{id}/state {state, reason}"""
    house, asked = request.app[KEY], await read(request)
    employee = int(request.match_info["id"])
    state, reason = asked.text("state"), asked.text("reason")
    by = asked.number("by") if "by" in asked.body else None
    try:
        found = await house.board.in_database(
            agents.set_state, employee=employee, state=state, reason=reason, now=utc_now(), by=by
        )
    except agents.NotAnOperatorError as error:
        raise AskedError(404, error.code, str(error)) from error
    except agents.OperatorError as error:
        raise AskedError(422, error.code, str(error)) from error
    house.operators_changed()
    return web.json_response({"state": found.state, "reason": found.reason, "wanted": found.wanted})


async def end_wrap_up(request: web.Request) -> web.StreamResponse:
    """POST /operators/{id}/wrap-up/end"""
    house = request.app[KEY]
    try:
        found = await house.board.in_database(agents.end_wrap_up, employee=int(request.match_info["id"]), now=utc_now())
    except agents.NotAnOperatorError as error:
        raise AskedError(404, error.code, str(error)) from error
    house.operators_changed()
    return web.json_response({"state": found.state})


async def learn_phones(request: web.Request) -> web.StreamResponse:
    """POST /operators/{id}/phones: the engine learns now what his phones register with."""
    known = await request.app[KEY].phonebook.learn(int(request.match_info["id"]))
    return web.json_response({"known": known})


# --- calls ---
def _simple(kind: type[e.Asked], **read_: str) -> Handler:
    """A wish that is one event; `read_` names its values and their types."""

    async def handle(request: web.Request) -> web.StreamResponse:
        asked = await read(request)
        values = {name: getattr(asked, type_)(name) for name, type_ in read_.items()}
        return await put(request, kind(at=utc_now(), employee=asked.number("employee"), **values))

    return handle


async def put(request: web.Request, event: e.Asked) -> web.StreamResponse:
    """Put a wish to its call and answer what the machine says. Raises: AskedError."""
    house, contact = request.app[KEY], contact_of(request)
    if contact not in house.board.calls:
        raise AskedError(404, "no_call", "there is no such call now")
    refused = await house.board.ask(contact, event)
    if refused is not None:
        raise AskedError(409, refused.code, refused.message)
    live = house.board.calls.get(contact)
    return web.json_response({"state": live.state.phase.value if live else "ended"})


def contact_of(request: web.Request) -> str:
    """The call that the address names. Raises: AskedError."""
    try:
        return str(uuid.UUID(request.match_info["contact"]))
    except ValueError as error:
        raise AskedError(404, "no_call", "there is no such call") from error


async def terminate(request: web.Request) -> web.StreamResponse:
    """POST /calls/{contact}/terminate {employee, ground}: only on a ground, after what must come before."""
    asked = await read(request)
    event = e.Terminate(at=utc_now(), employee=asked.number("employee"), ground=asked.text("ground"))
    await _check_ground(request, event.ground)
    return await put(request, event)


async def end_bad_line(request: web.Request) -> web.StreamResponse:
    """POST /calls/{contact}/end-bad-line {employee}: after the attempts and the words that must come first."""
    asked = await read(request)
    await _check_ground(request, BAD_LINE)
    return await put(request, e.EndBadLine(at=utc_now(), employee=asked.number("employee")))


async def _check_ground(request: web.Request, ground: str) -> None:
    """What must come before the end of a talk; a ground that is not granted at all is refused by the machine."""
    house, contact = request.app[KEY], contact_of(request)
    if ground not in house.board.plan.grounds:
        return

    def check() -> None:
        found = Contact.objects.filter(pk=contact).first()
        if found is not None:
            closing.ground_of(found, house.profile, ground, utc_now())

    try:
        await house.aside(check)
    except StillRequiredError as error:
        missing = [{"kind": one.kind, "id": one.id, "clauses": list(one.clauses)} for one in error.missing]
        raise AskedError(409, error.code, str(error), missing=missing, clauses=list(error.clauses)) from error
    except RefusedError as error:
        raise AskedError(409, error.code, str(error), clauses=list(error.clauses)) from error


async def transfer(request: web.Request) -> web.StreamResponse:
    """POST /calls/{contact}/transfer {employee, mode, target_employee [deputy_for] | extension | number}

    `mode` is attended or, where the standard lets it, blind.
    """
    house, contact, asked = request.app[KEY], contact_of(request), await read(request)
    if contact not in house.board.calls:
        raise AskedError(404, "no_call", "there is no such call now")
    return await put(request, await passing_on.event(house, contact, asked))


async def supervise(request: web.Request) -> web.StreamResponse:
    """POST /calls/{contact}/supervise {employee, mode}: listen, whisper or barge; his own phone is called first."""
    house, contact, asked = request.app[KEY], contact_of(request), await read(request)
    employee, mode = asked.number("employee"), asked.text("mode")
    if mode not in supervising.MODES:
        raise AskedError(422, "no_mode", "ask for listen, whisper or barge", field="mode")
    live = house.board.calls.get(contact)
    if live is None or live.state.over:
        raise AskedError(404, "talk_over", "there is no such talk any more")
    there = live.state.supervision
    if there is not None and there.employee == employee:
        return await put(request, e.Supervise(at=utc_now(), employee=employee, mode=mode))
    endpoint = house.presence.endpoint_of(employee)
    why_not = await house.board.in_database(
        dispatcher.keep_supervisor, employee=employee, contact=contact, now=utc_now()
    )
    endpoint, why_not = "" if why_not else endpoint, _own(why_not)
    return await put(
        request, e.Supervise(at=utc_now(), employee=employee, mode=mode, endpoint=endpoint, why_not=why_not)
    )


async def dial_callback(request: web.Request) -> web.StreamResponse:
    """POST /callbacks/{id}/dial {employee}: the operator's phone first, then the client's."""
    house, asked = request.app[KEY], await read(request)
    return await _dial_promised(house, asked.number("employee"), int(request.match_info["id"]))


async def _dial_promised(house: House, employee: int, callback: int) -> web.StreamResponse:
    contact = str(uuid.uuid4())
    phone = await house.board.in_database(promises.claim, callback, contact, utc_now())
    return await _dial_claimed(house, employee, contact, phone, callback)


async def _dial_claimed(
    house: House, employee: int, contact: str, number: str, callback: int | None, *, by_mobile: bool = False
) -> web.StreamResponse:
    """Call a number for which a promise may be kept: given back when it cannot be called."""
    try:
        return await _dial(house, employee, contact, number, callback, by_hand=True, by_mobile=by_mobile)
    except AskedError:
        given_back = {"callback": callback or 0, "call": uuid.UUID(contact), "now": utc_now()}
        await house.board.in_database(conversations.give_back, **given_back)
        raise


async def dial_number(request: web.Request) -> web.StreamResponse:
    """POST /outgoing {employee, number, contact?, mobile?}: the same for an open contact; without one, by hand.

    `mobile`: his own mobile rings first, through the trunk, and he presses a key there.
    """
    house, asked = request.app[KEY], await read(request)
    if "contact" not in asked.body:
        number = house.dialling.written(asked.text("number"))
        return await _dial_by_hand(house, asked.number("employee"), number, by_mobile=asked.flag("mobile"))
    contact, number = asked.contact(), asked.phone()
    if contact in house.board.calls:
        raise AskedError(409, "called", "this call has begun already")
    return await _dial(house, asked.number("employee"), contact, number, None)


async def _dial_by_hand(house: House, employee: int, number: str, *, by_mobile: bool) -> web.StreamResponse:
    """What somebody types: held by the rules of what is dialled on a telephone; it keeps a promise, whosever it is."""
    emergency, contact = number in house.dialling.destinations.emergency, str(uuid.uuid4())
    promised = None if emergency else await house.board.in_database(promises.claim_of, number, contact, utc_now())
    return await _dial_claimed(house, employee, contact, number, promised, by_mobile=by_mobile)


async def _dial(
    house: House, employee: int, contact: str, number: str, callback: int | None, *, by_hand: bool = False,
    by_mobile: bool = False,
) -> web.StreamResponse:  # fmt: skip
    endpoint = await _reach(house, employee, by_mobile=by_mobile)
    refused = await house.board.in_database(
        permits.ask, profile=house.profile, destinations=house.dialling.destinations, employee=employee, number=number,
        now=utc_now(), by_hand=by_hand,
    )  # fmt: skip
    if refused:
        raise AskedError(409, refused, "this number must not be called: it costs extra, or you have called too often")
    wraps_up = await _keep(house, employee, contact, number, endpoint)
    now = utc_now()
    house.board.take(contact, CallState(contact, str(uuid.uuid4()), now))
    line = next(iter(house.board.plan.lines), "")
    event = e.DialOut(
        at=now, employee=employee, endpoint=endpoint, number=number, callback=callback, line=line, wraps_up=wraps_up
    )
    await house.board.ask(contact, event)
    return web.json_response({"contact": contact})


async def _reach(house: House, employee: int, *, by_mobile: bool) -> str:
    """Where the employee is rung first. Raises: AskedError."""
    if by_mobile:
        endpoint = await house.board.in_database(extensions.own_mobile, employee)
    else:
        endpoint = await house.others.reach(employee)
    if not endpoint:
        code, message = ("no_mobile", "no mobile of yours is known") if by_mobile else ("no_phone", "no phone is there")
        raise AskedError(409, code, message)
    return str(endpoint)


async def _keep(house: House, employee: int, contact: str, number: str, endpoint: str) -> bool:
    """Keep an operator for a call that he begins; whether he has work to finish after it. Raises: AskedError."""
    ask, whom = house.board.in_database, {"employee": employee, "contact": contact, "now": utc_now()}
    if mobile(endpoint):
        kept = await ask(extensions.keep_dialler, inside=False, **whom)
        why_not, wraps_up = kept.why_not, kept.wraps_up
    else:
        why_not, wraps_up = await ask(dispatcher.keep_for_outgoing, **whom), True
    if why_not and not await _goes_all_the_same(house, employee, number, endpoint):
        raise AskedError(409, _own(why_not), "your phone is busy, or it is not there")
    return bool(wraps_up) and not why_not


def _own(why_not: str) -> str:
    """Why somebody cannot be kept, said to himself: `busy` is a colleague."""
    return "own_busy" if why_not == "busy" else why_not


async def _goes_all_the_same(house: House, employee: int, number: str, endpoint: str) -> bool:
    """Whether it is a call for help, held up by nothing but itself, or by a talk on a page, which has one line."""
    if number not in house.dialling.destinations.emergency:
        return False
    if in_browser(endpoint) and await house.board.in_database(agents.talks, employee):
        return False
    calls = [(state.called, state.operator.employee) for _, state in house.board.open_calls() if state.operator]
    return (number, employee) not in calls


# --- the rest ---
async def health(request: web.Request) -> web.StreamResponse:
    """GET /health"""
    house = request.app[KEY]
    calls = [state.phase.value for _, state in house.board.open_calls()]
    content = {
        "app": house.board.desk.app,
        "node": house.board.desk.node,
        "ready": house.ready and house.board.healthy and house.board.ari.connected.is_set(),
        "engine": house.board.ari.connected.is_set(),
        "database": house.board.healthy,
        "prompts": house.messages.state,
        "calls": {phase: calls.count(phase) for phase in sorted(set(calls))},
        "phones": sorted(name for name, there in house.presence.online.items() if there),
    }
    return web.json_response(content)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in only who knows the token; say every refusal as JSON."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), request.app[KEY].token.encode()):
        return web.json_response({"error": "unauthorised", "message": "the token is missing or wrong"}, status=401)
    try:
        return await handler(request)
    except AskedError as error:
        return web.json_response(error.said, status=error.status)
    except web.HTTPException as error:
        return web.json_response({"error": "http", "message": error.reason}, status=error.status)
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return web.json_response({"error": "internal", "message": "see the log of the switchboard"}, status=500)


CALLS: dict[str, Handler] = {
    "decline": _simple(e.Decline),
    "hold": _simple(e.HoldCaller, announced="flag", consent="flag", reason="text"),
    "resume": _simple(e.Resume),
    "mute": _simple(e.Mute),
    "unmute": _simple(e.Unmute),
    "dtmf": _simple(e.SendDigits, digits="text"),
    "recording/pause": _simple(e.PauseRecording, reason="text"),
    "recording/resume": _simple(e.ResumeRecording),
    "hangup": _simple(e.HangUpAsked),
    "attempt": _simple(e.Attempt),
    "heard-again": _simple(e.HeardAgain),
    "end-bad-line": end_bad_line,
    "terminate": terminate,
    "transfer": transfer,
    "transfer/introduce": _simple(e.Introduce, client_name="text", matter="text"),
    "transfer/accept": _simple(e.Accept),
    "transfer/refuse": _simple(e.RefuseTransfer, reason="text"),
    "transfer/conference": _simple(e.Conference),
    "transfer/to-client": _simple(e.BackToClient),
    "transfer/to-colleague": _simple(e.BackToColleague),
    "transfer/complete": _simple(e.Complete),
    "transfer/cancel": _simple(e.CancelTransfer, reason="text"),
    "supervise": supervise,
    "supervise/stop": _simple(e.StopSupervision),
    "take-over": _simple(e.TakeOver),
}


def application(house: House) -> web.Application:
    """The whole API."""
    made = web.Application(middlewares=[guard], client_max_size=BODY_MAX)
    made[KEY] = house
    made.router.add_get("/health", health)
    made.router.add_post(r"/operators/{id:\d+}/state", operator_state)
    made.router.add_post(r"/operators/{id:\d+}/wrap-up/end", end_wrap_up)
    made.router.add_post(r"/operators/{id:\d+}/phones", learn_phones)
    made.router.add_post(r"/callbacks/{id:\d+}/dial", dial_callback)
    made.router.add_post("/outgoing", dial_number)
    made.router.add_post("/announcements", announcements.announce)
    made.router.add_post("/announcements/prepare", announcements.prepare)
    for path, handler in CALLS.items():
        made.router.add_post(f"/calls/{{contact}}/{path}", handler)
    return made


async def serve(house: House, address: str, port: int) -> web.AppRunner:
    """Listen on this machine, or where the screens of another machine can ask."""
    runner = web.AppRunner(application(house), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, address, port).start()
    return runner
