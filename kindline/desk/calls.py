"""What an operator does with the contact at hand: each verb is one action below, or one wish to the switchboard."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from kindline.appeals import actions as appeals
from kindline.appeals import answer_ways
from kindline.appeals.models import Appeal, Body
from kindline.clients import actions as clients
from kindline.clients import queries as client_queries
from kindline.clients import wishes
from kindline.clients.models import Account, Client
from kindline.conversations import actions as conversations
from kindline.conversations.closing import ground_of
from kindline.conversations.errors import MissingFieldsError, RefusedError
from kindline.conversations.models import Contact, Topic
from kindline.desk import access, card, counter, house, metering, preferring, refusals, switchboard
from kindline.desk.bodies import body_of, list_of, number_of, texts_of
from kindline.desk.turns import Said, Turn, client_of
from kindline.journal import retrying
from kindline.journal.queries import facts_of
from kindline.staff.actions import actor
from kindline.staff.models import Employee
from kindline.switchboard.machine.talk import BAD_LINE
from kindline.switchboard.models import Operator, OperatorState

log = logging.getLogger(__name__)


@require_POST
@access.for_roles(*access.AT_THE_PHONE)
def act(request: HttpRequest, contact: uuid.UUID, verb: str) -> HttpResponseBase:
    """Do what the verb says, or say why not, field by field."""
    me = access.employee_of(request)
    found = get_object_or_404(Contact.objects.select_related("client", "account", "topic", "employee"), pk=contact)
    if not _is_mine(me, found, verb):
        return refusals.not_mine()
    turn = Turn(found, me, timezone.now(), body_of(request))
    try:
        if verb in WISHES:
            return JsonResponse(WISHES[verb](turn))
        if verb in DEEDS:
            return JsonResponse(DEEDS[verb](turn) or {})
    except (RefusedError, ValidationError, switchboard.SwitchboardError) as error:
        return refusals.of(error)
    return JsonResponse({"error": "unknown", "message": verb}, status=404)


def _is_mine(me: Employee, contact: Contact, verb: str) -> bool:
    """Whether the employee serves the contact now or has served it; a supervisor who listens only leaves."""
    present = Operator.objects.filter(employee=me, contact_id=contact.pk)
    served = present.exclude(state=OperatorState.WATCHING).exists() or (verb == "hangup" and present.exists())
    return served or contact.employee_id == me.pk


# --- wishes: the switchboard carries them out -------------------------------------------------------
def _wish(path: str, *names: str) -> Callable[[Turn], Said]:
    def ask(turn: Turn) -> Said:
        said = {name: turn.body[name] for name in names if name in turn.body}
        return switchboard.post(f"/calls/{turn.contact.pk}/{path}", {"employee": turn.me.pk, **said})

    return ask


def _terminate(turn: Turn) -> Said:
    """End the talk against the client's will: only by right, after what must come first."""
    ground = turn.text("ground")
    ground_of(turn.contact, house.profile(), ground, turn.now)
    return switchboard.post(f"/calls/{turn.contact.pk}/terminate", {"employee": turn.me.pk, "ground": ground})


def _pass_on(turn: Turn) -> Said:
    """Call somebody to whom the client is passed on; who takes him without an introduction reads who it is and why."""
    _keep_who_and_why(turn)
    return _wish("transfer", "target_employee", "mode", "deputy_for", "extension", "number")(turn)


def _introduce(turn: Turn) -> Said:
    """The colleague has heard who calls and why; both are kept as fields first."""
    _keep_who_and_why(turn)
    return _wish("transfer/introduce", "client_name", "matter")(turn)


def _keep_who_and_why(turn: Turn) -> None:
    for name in ("client_name", "matter"):
        if turn.text(name):
            conversations.record_field(**turn.by, field=name, value=turn.text(name))


WISHES: dict[str, Callable[[Turn], Said]] = {
    "decline": _wish("decline"),
    "hold": _wish("hold", "announced", "consent", "reason"),
    "resume": _wish("resume"),
    "mute": _wish("mute"),
    "unmute": _wish("unmute"),
    "dtmf": _wish("dtmf", "digits"),
    "recording-pause": _wish("recording/pause", "reason"),
    "recording-resume": _wish("recording/resume"),
    "hangup": _wish("hangup"),
    "terminate": _terminate,
    "end-bad-line": _wish("end-bad-line"),
    "attempt": _wish("attempt"),
    "transfer": _pass_on,
    "transfer-introduce": _introduce,
    "transfer-accept": _wish("transfer/accept"),
    "transfer-refuse": _wish("transfer/refuse", "reason"),
    "transfer-conference": _wish("transfer/conference"),
    "transfer-to-client": _wish("transfer/to-client"),
    "transfer-to-colleague": _wish("transfer/to-colleague"),
    "transfer-complete": _wish("transfer/complete"),
    "transfer-cancel": _wish("transfer/cancel"),
}


# --- deeds: the guide, the client, the result -------------------------------------------------------
def _step(turn: Turn) -> None:
    by = "key" if turn.text("by") == "key" else "click"
    conversations.mark_step(**turn.by, step=turn.text("step"), phrase=turn.text("phrase"), by=by)


def _skip(turn: Turn) -> None:
    conversations.skip_step(**turn.by, step=turn.text("step"), reason=turn.text("reason"))


def _branch(turn: Turn) -> None:
    _heard_again(turn, conversations.take_branch(**turn.by, branch=turn.text("branch")))


def _leave(turn: Turn) -> None:
    _heard_again(turn, conversations.leave_branch(**turn.by))


def _heard_again(turn: Turn, now: Contact) -> None:
    """Who goes on from the branch of a bad line hears the client again; a call that is over needs not know it."""
    if turn.contact.guide.get("branch") == BAD_LINE != now.guide.get("branch") and now.ended_at is None:
        try:
            _wish("heard-again")(turn)
        except switchboard.SwitchboardError as error:
            log.info("call %s: that the client is heard again is not kept: %s", now.pk, error)


def _field(turn: Turn) -> None:
    source = turn.text("source") or "asked"
    value, none = turn.text("value"), turn.body.get("none") is True
    conversations.record_field(**turn.by, field=turn.text("field"), value=value, source=source, none=none)


def _topic(turn: Turn) -> None:
    conversations.set_topic(**turn.by, topic=_topic_of(turn, needed=True))


def _search(turn: Turn) -> None:
    conversations.start_search(**turn.by, by=turn.text("by") or "name")


def _client(turn: Turn) -> None:
    client = get_object_or_404(Client, pk=number_of(turn.body, "client"))
    conversations.set_client(**turn.by, client=client, via=turn.text("via") or "name")
    clients.note_view(
        client=client, employee_id=turn.me.pk, contact_id=turn.contact.pk, actor=actor(turn.me), now=turn.now
    )


@transaction.atomic
def _new_client(turn: Turn) -> None:
    """A card from what was said; the client's number goes into it. Sent again, it makes no second one."""
    contact = Contact.objects.select_for_update(of=("self",)).select_related("client").get(pk=turn.contact.pk)
    said = contact.guide.get("fields", {})
    names = {name: str(said.get(name) or "") for name in ("surname", "given_name", "patronymic", "residence")}
    if not (names["surname"] or names["given_name"]):
        names["given_name"] = str(said.get("client_name") or "")
    if _has_made(contact, names):
        return
    number = contact.number or str(said.get("phone") or "")
    points = [("phone", number)] if number else []
    country = house.profile().calendar.country
    client = clients.create_client(
        fields=names, points=points, country=country, via=contact.channel, actor=actor(turn.me), now=turn.now
    )
    conversations.set_client(**turn.by, client=client, via="created")


def _has_made(contact: Contact, names: dict[str, str]) -> bool:
    """Whether the card of this contact was made in it, of these words."""
    found = facts_of("contact", contact.pk).filter(kind="client_found").last()
    if contact.client is None or found is None or found.data["via"] != "created":
        return False
    return all(getattr(contact.client, name) == said.strip() for name, said in names.items())


def _call_wishes(turn: Turn) -> None:
    """Whether the client may be called by campaigns, as he says now; of what he does not speak stays."""
    client = client_of(turn)
    wishes.set_call_wishes(
        client=client,
        do_not_call=turn.body.get("do_not_call", client.do_not_call) is True,
        survey_consent=turn.body.get("survey_consent", client.survey_consent) is True,
        via="desk",
        employee_id=turn.me.pk,
        actor=actor(turn.me),
        now=turn.now,
    )


def _identify(turn: Turn) -> None:
    given = {name: value for name, value in texts_of(turn.body, "fields").items() if value.strip()}
    account = _account_named(turn, given)
    conversations.identify(**turn.by, account=account, given=given)


def _account_named(turn: Turn, given: dict[str, str]) -> Account:
    """The account that the client named, else the only one of the client at hand."""
    named = given.get("account_number", "")
    if named:
        found = client_queries.by_account(named)
        if found is None:
            raise ValidationError({"account_number": gettext(refusals.BY_CODE["mismatch"])})
        return found
    own = list(turn.contact.client.accounts.all()[:2]) if turn.contact.client else []
    if len(own) != 1:
        raise MissingFieldsError({"account_number": ()})
    return own[0]


def _refuse_identification(turn: Turn) -> None:
    conversations.refuse_identification(**turn.by, reason=turn.text("reason"))


def _show_account(turn: Turn) -> None:
    """Open an account; the page names it by its row, for it does not know the number before."""
    client = turn.contact.client
    own = Account.objects.filter(client=client) if client else Account.objects.none()
    wanted = number_of(turn.body, "account")
    account = own.filter(pk=wanted).first() if wanted else (turn.contact.account or own.first())
    if account is None:
        raise MissingFieldsError({"account_number": ()})
    conversations.show_account(**turn.by, account=account)


def _callback(turn: Turn) -> Said:
    for name, value in texts_of(turn.body, "fields").items():
        if value.strip():
            conversations.record_field(**turn.by, field=name, value=value)
    promised = conversations.promise_callback(
        **turn.by,
        phone=turn.text("phone"),
        name=turn.text("name"),
        matter=turn.text("matter"),
        due_at=turn.moment("due_at"),
        none_fields=list_of(turn.body, "none_fields"),
        once=True,
    )
    return {"callback": promised.pk, "due_at": promised.due_at.isoformat()}


def _appeal(turn: Turn) -> Said:
    """Registered once, however often it is sent; one transaction, done again where the database gives it up."""
    return {"appeal": card.appeal(retrying.again(lambda: _registered(turn)), turn.now)}


def _registered(turn: Turn) -> Appeal:
    return appeals.register_appeal(
        contact=turn.contact,
        fields={name: turn.text(name) for name in APPLICANT},
        kind=list_of(turn.body, "kinds"),
        subject=turn.text("subject"),
        topic=_topic_of(turn),
        substance=turn.text("substance"),
        none_fields=list_of(turn.body, "none_fields"),
        receipt=_receipt(turn),
        employee=turn.me,
        now=turn.now,
        once=True,
    )


def _receipt(turn: Turn) -> appeals.Receipt:
    """How the appeal is made, and by which way its answer goes, where the client may choose it.

    `written`: drawn up at the counter on the standard blank, to be signed by the client (krc-6.1-34).
    """
    known = answer_ways.choices(house.profile(), turn.contact.channel)
    chosen = turn.text("answer_by")
    form = "written" if turn.text("form") == "written" else ""
    return appeals.Receipt(form=form, answer_by=chosen if chosen in known else "")


APPLICANT = ("surname", "given_name", "patronymic", "residence", "phone", "email", "firm_name")


def _forward(turn: Turn) -> None:
    appeal = get_object_or_404(Appeal, pk=number_of(turn.body, "appeal"))
    body = get_object_or_404(Body, pk=number_of(turn.body, "body"))
    appeals.forward_appeal(appeal=appeal, body=body, employee=turn.me, now=turn.now)


def _tell_forwarding(turn: Turn) -> None:
    appeal = get_object_or_404(Appeal, pk=number_of(turn.body, "appeal"))
    appeals.tell_forwarding(appeal=appeal, how=turn.contact.channel, employee=turn.me, now=turn.now)


def _note(turn: Turn) -> None:
    conversations.note(**turn.by, kind=turn.text("kind"), data=dict(texts_of(turn.body, "data")))


def _close(turn: Turn) -> None:
    missing = {name: () for name in ("outcome", "topic") if not turn.text(name)}
    if missing:
        raise MissingFieldsError(missing)
    conversations.close_contact(
        **turn.by,
        outcome=turn.text("outcome"),
        topic=_topic_of(turn),
        summary=turn.text("summary"),
        skip_reason=turn.text("skip_reason"),
    )


def _topic_of(turn: Turn, *, needed: bool = False) -> Any:
    number = number_of(turn.body, "topic")
    found = Topic.objects.filter(pk=number, profile=house.profile().id).first() if number else None
    if needed and found is None:
        raise MissingFieldsError({"topic": ()})
    return found


DEEDS: dict[str, Callable[[Turn], Said | None]] = {
    "step": _step,
    "skip": _skip,
    "branch": _branch,
    "leave": _leave,
    "field": _field,
    "topic": _topic,
    "search": _search,
    "client": _client,
    "new-client": _new_client,
    "call-wishes": _call_wishes,
    "identify": _identify,
    "refuse-identification": _refuse_identification,
    "show-account": _show_account,
    "callback": _callback,
    "appeal": _appeal,
    "forward": _forward,
    "tell-forwarding": _tell_forwarding,
    "note": _note,
    "close": _close,
    **counter.DEEDS,
    **metering.DEEDS,
    **preferring.DEEDS,
}
