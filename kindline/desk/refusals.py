"""What was refused, in the employee's language: by field, with the clause that asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals.applying import BadEmailError
from kindline.appeals.correcting import LimitMovesError
from kindline.appeals.moves import NotSignerError
from kindline.conversations import errors
from kindline.desk import house, requirements, words
from kindline.desk.switchboard import SwitchboardError

BY_CODE = {
    "refused": _("The standard does not allow this now."),
    "unknown": _("The guide of this contact does not have that."),
    "closed": _("The contact is closed: nothing more can be written into it."),
    "talking": _("The call goes on: end it before closing the contact."),
    "order": _("Another step must come first: %(steps)s."),
    "awaits": _("This step completes by itself once its action is carried out."),
    "branch_closed": _("This turn opens only after something else has happened."),
    "firm_step": _("The standard does not let this step be left out: do it first."),
    "untrue_reason": _("The client has not hung up: choose another reason."),
    "not_identified": _("Identify the client first: account data stays closed until then."),
    "mismatch": _("What was named does not agree with the account. Check it and ask again."),
    "still_required": _("Still required: %(what)s."),
    "reachable": _("There are contact data: choose who applies, or leave them out."),
    "bad_email": _("%(email)s is no e-mail address: correct it, or leave it out."),
    "known_box": _("A box hangs at that place already."),
    "no_box": _("There is no such box any more: choose another."),
    "not_yet_emptied": _("Write when the box was emptied; that is not ahead of now."),
    "no_count": _("Write how many letters lay in the box, 0 where there were none."),
    "missing_fields": _("Fill in the marked fields."),
    "too_late": _("Promise a time not later than %(limit)s."),
    "past_promise": _("That time has passed: promise one that is still to come."),
    "callback_done": _("This call was made or cancelled already: nothing was changed."),
    "no_ground": _("The standard gives no right to end the talk on this ground now."),
    "stale": _(
        "Somebody has changed the appeal since you opened this page. Nothing was overwritten, and what you typed is "
        "still here: look at what has changed, then do it again or leave it."
    ),
    "no_workflow": _("The standard has no workflow of appeals: write workflow.yaml."),
    "not_yours": _("The standard gives this to others."),
    "not_signer": _("Who may sign is said by the list. For this appeal today: %(who)s."),
    "no_signer": _("Nobody in the list may sign for this appeal today: have a power entered on the page Who may sign."),
    "draft_changed": _("Somebody has changed the draft since this page was shown: look at its effect again."),
    "no_day_left": _("With this draft there would be no working day within a year: leave some days worked."),
    "no_end": _("The standard does not let this appeal leave on that ground."),
    "not_inspector": _("The standard gives this inspection to others; nobody inspects himself."),
    "inspection_over": _("The inspection is over: what was seen does not change."),
    "others_inspection": _("Somebody else carries this inspection out: take it over first."),
    "unanswered": _("Not finished yet: something is missing at the marked items. What you typed is kept."),
    "unfit_place": _("Write the name, who answers for it, and for a workplace or a stand in which office it is."),
    "known_place": _("There is an object of that name already."),
    "correction_state": _("It is put right already."),
    "need_executor": _("Name an executor first."),
    "need_other_person": _("This is for somebody else than the author."),
    "need_complete_letter": _("The letter lacks what the standard demands."),
    "need_decision": _(
        "Decide first whether the complaint is grounded, with the check of the fact and the measures needed."
    ),
    "need_measure_of_fault": _("The fault is confirmed: plan a corrective measure first."),
    "need_publication": _("Decide first whether the answer is published on the site."),
    "not_seen": _("See who it is: only this person is erased by the second press."),
    "not_confirmed": _("Confirm that you know that this cannot be undone."),
    "still_needed": _("Something is under way with this person: finish it first."),
    "not_a_moment": _("Type a day with its time, or nothing."),
    "incident_over": _("The incident is over: nothing more is told of it."),
    "expected_before": _("Name a moment that is still to come, and later than its beginning."),
    "known_reason": _("The reason is in the list already."),
    "no_publication": _("The standard knows no publication of answers."),
    "no_sent_answer": _("Send the answer to the applicant first."),
    "publication_state": _("The publication is in a state in which this cannot be done."),
    "unmasked": _("The text still holds what looks like a person's data: strike it out, or say why it is nobody's."),
    "no_addressee": _("Choose a colleague, or name an official elsewhere."),
    "no_security": _("Nobody has the role of the security unit: have the administrator name somebody."),
    "future_ground": _("The document cannot be dated ahead."),
    "no_one_client": _("This fits no client, or several: write the number of an account, or a whole phone."),
    "need_told": _("Tell the applicant first where the appeal went."),
    "need_impartial": _("The executor is the one complained of: choose another."),
    "need_competent": _("Choose somebody who answers for the topic."),
    "barred_kind": _("What is before a court is not registered as a complaint: choose another kind."),
    "empty_text": _("Fill in the text."),
    "faulty_template": _("Not approved yet: mend what is listed below first. What you typed is kept."),
    "template_changed": _("Somebody has changed this draft meanwhile: copy your text, then open the page again."),
    "template_state": _("There is nothing to approve or to withdraw: nothing was changed, or it is not offered."),
    "wrong_channel": _("The answer must go by another channel."),
    "unchecked_file": _("A file that goes with the answer is not checked yet, or was refused: wait, or take it away."),
    "no_address": _("There is no address: write it."),
    "unfit_letter": _("The letter cannot be sent so: correct the address, or what the standard demands of it."),
    "not_by_letter": _("The answer to this appeal goes by no letter: choose e-mail or a letter."),
    "not_on_site": _("The applicant did not come by the site: write a letter, or call."),
    "notice_not_signed": _("This notice goes under the signature of somebody who may sign: have it signed first."),
    "not_signed": _("Have the answer signed first."),
    "broken_seal": _("The signed text was changed: have it signed anew."),
    "demand_bodies": _("Name competent bodies with their contacts."),
    "demand_explanation": _("Write the explanation."),
    "demand_earlier": _("Name the earlier appeal that was answered."),
    "already_sent": _("This was sent already."),
    "limit_moves": _("With this correction the answer is due on %(new)s and not on %(old)s: write why."),
    "firm_named": _("An organisation is named: choose which kind of it applies, or empty its name."),
    "target_moves": _(
        "With this correction the own target is %(new)s and not %(old)s; the answer is due as before: write why."
    ),
    "already_gone": _("It is on its way or was sent: it cannot be taken back. Put it right with another letter."),
    "already_printed": _("The letter is printed: it cannot be taken back. Put it right with another letter."),
    "recalled": _("This was taken back and is not sent any more: look at the page again."),
    "too_early": _("The applicant still has time to send the data, or was not asked for any."),
    "no_extension": _("The standard does not let this term be extended, or not again."),
    "too_long": _("The term may not be extended that far, and not to an earlier day."),
    "too_late_to_extend": _("The term has passed: it can no longer be extended."),
    "past_day": _("Choose a day that lies ahead."),
    "not_a_service": _("The appeal asks for no service, or follows a passport already."),
    "stage_state": _("Stages go in their order, and each ends once. Look at the page again."),
    "set_incomplete": _("Documents are still awaited: mark what came, or what is not needed, then end the stage."),
    "measure_state": _("The measure is in a state in which this cannot be done."),
    "not_head": _("By the standard a head answers for a measure: choose one."),
    "not_a_day": _("Write the day."),
    "no_such_appeal": _("There is no appeal of that number."),
    "already_asked": _("The limits are being computed anew already: wait until that is done."),
    "not_another": _("Name another appeal, which is no duplicate itself."),
    "own_letter": _("Only letters that came are moved: ours belong to this appeal."),
    "first_letter": _(
        "This appeal was made of this letter: name the appeal to which it belongs, or, once it is sorted, close this "
        "one as a duplicate."
    ),
    "never_answered": _("That appeal was closed without an answer: this applicant would get none."),
    "wrong_state": _("The appeal is in a state in which this cannot be done."),
    "unreachable": _("The switchboard does not answer. Try again in a moment."),
    "no_call": _("There is no such call any more."),
    "busy": _("The colleague is busy."),
    "not_registered": _("There is no phone: connect it first."),
    "absent": _("The colleague is not at a phone."),
    "not_your_call": _("This call is not yours now."),
    "blind_not_allowed": _("The standard asks for an introduction: wait until the call is answered."),
    "no_right": _("You may not pass a call on to a number outside."),
    "not_deputy": _("He does not deputise for that colleague today. Look at the list again."),
    "unknown_extension": _("No department has this extension any more. Look at the list again."),
    "no_number": _("This is not a telephone number. Write it with its country or area."),
    "premium": _("This number costs extra and is not called."),
    "abroad": _("Numbers abroad are not called."),
    "off_hours": _("This number may not be called at this hour."),
    "do_not_call": _("This person does not want to be called."),
    "called": _("This client is being called now."),
    "too_many": _("You have called outside too often within an hour. Ask a supervisor."),
    "transfer_open": _("Complete or cancel the transfer first: the client is waiting."),
    "not_now": _("This cannot be done as the call stands now."),
    "not_answered": _("The colleague has not answered yet."),
    "passing_on": _(
        "The operator asks a colleague or passes the client on. Take the call over once that is done or given up."
    ),
    "pick_up": _("Your phone still rings: pick up first."),
    "own_busy": _("You are in a call, or kept for one: end it first."),
    "not_introduced": _("Introduce the client to the colleague first."),
    "not_told": _("Tell the client first who takes the call: speak with him, then connect."),
    "not_accepted": _("The colleague has not said yet that he takes the call."),
    "conference_open": _("You cannot leave the conference yet: finish the transfer first, or let the colleague go."),
    "consent_needed": _("Ask the client first: do the steps of the hold, then put on hold."),
    "no_digits": _("Only digits, * and # can be sent."),
    "no_mobile": _("No mobile of yours is known: ask the administrator."),
    "no_phone": _("Your phone is busy, or it is not connected."),
    "not_an_operator": _("You have no place at the telephone: ask the administrator."),
    "unknown_state": _("A pause needs a reason."),
    "self": _("Choose somebody else."),
    "talk_over": _("The call is over meanwhile: there is nothing to listen to any more."),
    "supervised": _("Another supervisor is in this call already."),
    "own_call": _("This is your own call."),
    "not_supervising": _("You are not in this call: listen first."),
    "unknown_queue": _("Choose a queue of the voice menu."),
    "wrong_end": _("Choose an end within the next twelve hours."),
    "close_first": _("Close the contact first: its result is not written down yet."),
}
FIELD_NEEDED = _("%(field)s: needed")
NOT_A_TIME = _("Write the day and the time.")

Error = dict[str, str]


def one(field: str, message: str, clause: str = "") -> Error:
    """A single complaint about a field."""
    return {"field": field, "message": message, "clause": clause}


def answer(found: list[Error], message: str = "", *, status: int = 422) -> JsonResponse:
    """A refusal as the page expects it."""
    first = found[0]["message"] if found else ""
    return JsonResponse({"error": "refused", "message": message or first, "errors": found}, status=status)


def not_mine() -> JsonResponse:
    """The call, or the visit, is a colleague's: what is asked for will not be done later either."""
    code = "not_your_call"
    return JsonResponse({"error": code, "message": gettext(BY_CODE[code])}, status=403)


def of(error: Exception) -> JsonResponse:
    """The answer to any error that the parts below raise on purpose."""
    if isinstance(error, SwitchboardError):
        message = text_of(error)
        errors_ = [one(error.field, message)] if error.field else []
        return JsonResponse({"error": error.code, "message": message, "errors": errors_}, status=error.status)
    if isinstance(error, ValidationError):
        return answer(_invalid(error))
    missing = getattr(error, "missing", None)
    if isinstance(error, errors.StillRequiredError):
        return answer(_still(error.missing), message_of(error))
    if isinstance(missing, dict):
        return answer(_fields(missing), gettext(BY_CODE["missing_fields"]))
    if isinstance(error, errors.OutOfOrderError):
        return answer([one(error.step, message_of(error), _first(error.clauses))])
    clauses = tuple(getattr(error, "clauses", ()))
    return answer([one(getattr(error, "field", ""), message_of(error), _first(clauses))])


def text_of(error: SwitchboardError) -> str:
    """Why the switchboard refused, in words."""
    return gettext(BY_CODE[error.code]) if error.code in BY_CODE else error.message


def message_of(error: Exception) -> str:
    """Why an action was refused, in words."""
    code = str(getattr(error, "code", "refused"))
    if isinstance(error, NotSignerError) and not error.who:
        code = "no_signer"
    text, named = gettext(BY_CODE.get(code, BY_CODE["refused"])), _named(error)
    return text % named if named else text


def _named(error: Exception) -> dict[str, str]:
    """What the words of a refusal name."""
    named: dict[str, str] = {}
    match error:
        case errors.OutOfOrderError():
            named = {"steps": ", ".join(error.missing)}
        case errors.PromiseTooLateError():
            named = {"limit": str(error.limit)}
        case NotSignerError() if error.who:
            named = {"who": ", ".join(error.who)}
        case BadEmailError():
            named = {"email": error.email}
        case LimitMovesError():
            named = _moved(error)
        case errors.StillRequiredError():
            named = {"what": ", ".join(_name(one) for one in error.missing)}
    return named


def _moved(error: LimitMovesError) -> dict[str, str]:
    """From which day to which; with the hour where the day is the same."""
    old, new = _day(error.old), _day(error.new)
    return {"old": old, "new": new} if old != new else {"old": _hour(error.old), "new": _hour(error.new)}


def _hour(moment: dt.datetime | None) -> str:
    here = house.local(moment)
    return f"{here:%d.%m.%Y %H:%M}" if here else "—"


def _day(moment: dt.datetime | None) -> str:
    here = house.local(moment)
    return f"{here:%d.%m.%Y}" if here else "—"


def _name(missing: errors.Missing) -> str:
    return house.titled(dict(missing.title)) or requirements.requirement(missing.id)


def _still(missing: Iterable[errors.Missing]) -> list[Error]:
    return [one(need.id, _name(need), _first(need.clauses)) for need in missing]


def _fields(missing: dict[str, Any]) -> list[Error]:
    needed = gettext(FIELD_NEEDED)
    return [
        one(name, needed % {"field": words.field_label(name)}, _first(clauses)) for name, clauses in missing.items()
    ]


def _invalid(error: ValidationError) -> list[Error]:
    if hasattr(error, "error_dict"):
        return [one(field, str(text)) for field, texts in error.message_dict.items() for text in texts]
    return [one("", str(text)) for text in error.messages]


def _first(clauses: Iterable[str]) -> str:
    return next(iter(clauses), "")
