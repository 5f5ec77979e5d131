"""Facts told in the employee's language: what happened, with what, when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import wording as appeal_words
from kindline.desk import file_words, house, wording, words
from kindline.desk.wording import titled
from kindline.journal.models import Fact
from kindline.staff.models import Employee

FACTS = {
    "contact_opened": _("The contact began"),
    "call_arrived": _("The call came in"),
    "call_answered_by_system": _("The system answered"),
    "hours_closed": _("Outside working hours"),
    "notice_played": _("A notice was played"),
    "prompt_played": _("A message was played"),
    "menu_entered": _("Menu level"),
    "menu_digit": _("The client pressed a key"),
    "menu_no_input": _("The client pressed nothing"),
    "menu_choice": _("Chosen in the menu"),
    "queue_entered": _("The client began to wait"),
    "queue_position_said": _("The place in the queue was told"),
    "queue_left": _("The waiting ended"),
    "client_dialled": _("The client is being called"),
    "client_dial_ended": _("The calling of the client ended"),
    "announcement_dialled": _("The autoinformer is calling"),
    "announcement_dial_ended": _("The autoinformer's calling ended"),
    "announcement_key": _("A key after the message"),
    "announcement_ended": _("What the message came to"),
    "call_offered": _("The call was offered to an operator"),
    "offer_missed": _("The offer was not taken"),
    "call_answered": _("The operator answered"),
    "hold_started": _("Put on hold"),
    "hold_ended": _("Hold ended"),
    "microphone_muted": _("Microphone off"),
    "microphone_unmuted": _("Microphone on"),
    "media_lost": _("A phone was lost"),
    "media_reattached": _("The phone came back"),
    "transfer_started": _("Transfer began"),
    "transfer_offered": _("A colleague is being called"),
    "transfer_answered": _("The colleague answered"),
    "transfer_introduced": _("The client was introduced"),
    "transfer_accepted": _("The colleague takes the call"),
    "transfer_refused": _("The transfer was refused"),
    "transfer_completed": _("The call was transferred"),
    "transfer_cancelled": _("The transfer was given up"),
    "conference_started": _("The conference began"),
    "conference_ended": _("The conference ended"),
    "dtmf_sent": _("Digits were sent"),
    "recording_started": _("Recording began"),
    "recording_stored": _("Recording kept"),
    "recording_failed": _("Recording failed"),
    "recording_listened": _("The recording was listened to"),
    "voicemail_left": _("A voice message was left"),
    "request_spooled": _("A message was taken without the switchboard"),
    "bad_line_flagged": _("Bad line"),
    "contact_attempted": _("Another attempt to be heard"),
    "call_terminated": _("The operator ended the call on a ground"),
    "call_ended": _("The call ended"),
    "node_lost": _("The phone engine went down"),
    "wrap_up_started": _("Wrap-up began"),
    "wrap_up_ended": _("Wrap-up ended"),
    "contact_closed": _("The contact was closed"),
    "documents_checked": _("The set of documents was checked"),
    "documents_accepted": _("Documents were accepted"),
    "result_handed_over": _("A result was handed over"),
    "contact_data_confirmed": _("Contact data were confirmed"),
    "written_appeal_offered": _("A written appeal was offered"),
    "blank_printed": _("The blank of the appeal was printed"),
    "memo_given": _("The sheet to take along was printed"),
    "guide_started": _("The guide began"),
    "branch_taken": _("The talk turned"),
    "step_done": _("Step done"),
    "step_skipped": _("Step left out"),
    "action_refused": _("The program did not allow it"),
    "timer_overrun": _("A clock ran over"),
    "client_search_started": _("The search for the client began"),
    "client_found": _("The client was found"),
    "identified": _("The client was identified"),
    "identification_refused": _("The client did not identify himself"),
    "account_shown": _("Account data was opened"),
    "information_refused": _("Information was refused"),
    "field_recorded": _("Written down"),
    "language_agreed": _("Language agreed"),
    "topic_set": _("Topic"),
    "decision_taken": _("Decision"),
    "answer_given": _("The answer was given"),
    "reason_recorded": _("Reason"),
    "measure_taken": _("Measure"),
    "fault_confirmed": _("Fault confirmed"),
    "dissatisfaction_flagged": _("The client is dissatisfied"),
    "office_offered": _("An office was offered"),
    "service_offered": _("A service was offered"),
    "next_steps_told": _("Next steps were told"),
    "callback_promised": _("A callback was promised"),
    "callback_made": _("The promised call was made"),
    "answer_by_letter_agreed": _("A written answer was agreed on"),
    "appeal_registered": _("An appeal was registered"),
    "appeal_forwarded": _("The appeal was forwarded"),
    "forwarding_told": _("The client was told of the forwarding"),
    "management_notified": _("Those in charge were told"),
    "appeal_taken_over": _("The appeal was taken over"),
    "appeal_answered": _("The appeal was answered"),
    "security_case_opened": _("Passed to security"),
    "survey_opened": _("A call for a survey"),
    "survey_permission_checked": _("Whether the person may be called"),
    "survey_answered": _("The survey's answers were written down"),
    "rating_given": _("The client gave a rating"),
    "transcript_ready": _("The transcript is ready"),
    "phrase_heard": _("A prescribed phrase was heard"),
    "lexicon_hit": _("A listed word was heard"),
    "speech_measured": _("The speech was measured"),
    "item_judged": _("A reviewer judged"),
    "operator_state_changed": _("Operator's state"),
    "client_viewed": _("The client's card was seen"),
    "client_changed": _("The client's card was changed"),
    "client_created": _("A new card was made"),
    "call_wishes_changed": _("Wishes about calls were changed"),
    "number_barred": _("The number is not to be called"),
    "campaign_created": _("The campaign was made"),
    "campaign_filled": _("People were added to the campaign"),
    "campaign_started": _("The campaign was started"),
    "campaign_paused": _("The campaign was paused"),
    "campaign_stopped": _("The campaign was stopped"),
    "campaign_finished": _("The campaign is finished"),
    "campaign_called": _("Somebody is called for the campaign"),
    "campaign_outcome": _("What a call of the campaign came to"),
    "campaign_swept": _("A call of the campaign was never placed"),
    "appeal_created": _("The appeal was registered"),
    "appeal_sorted": _("It was said what the letter is"),
    "letter_joined": _("A letter came to the appeal"),
    "letter_handed": _("A letter was given to be sent"),
    "letter_not_handed": _("A letter cannot be sent by itself"),
    "letter_came_back": _("A letter did not arrive"),
    "appeal_assigned": _("The appeal was assigned"),
    "message_added": _("The applicant added something"),
    "appeal_recomputed": _("The limit was computed anew"),
    "appeal_joined": _("Closed as a duplicate of"),
    "duplicate_joined": _("A duplicate was closed, this answer reaches it too"),
    "answer_shared": _("The answer of the first appeal is to reach this applicant"),
    "appeals_related": _("Linked with"),
    "relation_removed": _("The link was undone"),
    "appeal_attached": _("Attached to the incident"),
    "appeal_detached": _("Not of that incident after all"),
    "incident_opened": _("The incident was opened"),
    "incident_answered": _("One answer was drafted for all"),
    "incident_ended": _("The incident is over"),
    "view_saved": _("A view of the registry was saved"),
    "view_removed": _("A view of the registry was removed"),
    "registry_exported": _("A list was taken out of the registry"),
    "limits_asked": _("Limits are to be computed anew"),
    "limits_computed": _("Limits were computed anew"),
    "answer_drafted": _("A draft of the answer was kept"),
    "answer_submitted": _("The answer was given to be checked"),
    "answer_approved": _("The answer was found good"),
    "answer_sent_back": _("The answer was sent back"),
    "answer_signed": _("The answer was signed"),
    "answer_sent": _("The answer was sent"),
    "appeal_closed": _("The appeal left the registry"),
    "notice_prepared": _("A notice to the applicant was prepared"),
    "notice_sent": _("A notice to the applicant was sent"),
    "data_requested": _("The applicant was asked for data"),
    "data_received": _("The applicant sent data"),
    "unanswered_decided": _("Decided, as the applicant kept silent"),
    "extension_asked": _("More time was asked for"),
    "appeal_extended": _("The term was extended"),
    "complaint_decided": _("Decided whether the complaint is grounded"),
    "measure_planned": _("A measure was planned"),
    "measure_finished": _("A measure was finished"),
    "measure_checked": _("A measure was controlled"),
    "reason_set": _("The reason was named"),
    "publication_declined": _("Decided: the answer is not published"),
    "publication_proposed": _("The answer was proposed for publication"),
    "publication_approved": _("The answer was published"),
    "publication_sent_back": _("The publication was sent back"),
    "publication_withdrawn": _("The publication was withdrawn"),
    "enquiry_made": _("Asked of others"),
    "enquiry_closed": _("What was asked has come"),
    "reason_added": _("A reason was added"),
    "reason_retired": _("A reason is no longer chosen"),
    "reason_measure_planned": _("A measure against the reason was planned"),
    "reason_measure_finished": _("A measure against the reason was finished"),
    "reason_measure_checked": _("A measure against the reason was controlled"),
    "analysis_due": _("The month for the analysis began"),
    "reasons_analysed": _("The reasons were analysed"),
    "data_disclosed": _("Data was disclosed on an official request"),
    "client_erased": _("The person was erased"),
    "standard_acknowledged": _("The employee has read the standard"),
    "controllers_named": _("Those who control the standard were named"),
    "appeal_escalated": _("Heads were told of the term"),
    "security_copied": _("Passed to security"),
    "callback_created": _("Task to call back"),
    "callback_closed": _("The callback is done"),
    "callback_overdue": _("The callback is overdue"),
    "menu_activated": _("The voice menu was put into service"),
    "menu_option_switched": _("A menu option was switched"),
    "standard_activated": _("The standard came into force"),
    "phone_state_changed": _("The phone engine's state"),
    "process_restarted": _("A process was restarted"),
    "mail_stored": _("An e-mail came in"),
    "mail_read": _("The e-mail was read by the program"),
    "mail_unreadable": _("The e-mail cannot be read by the program"),
    "mail_opened": _("The e-mail was looked at"),
    "mail_handled": _("The e-mail was handled"),
    "message_queued": _("An e-mail waits to be sent"),
    "message_sending": _("The e-mail is being sent"),
    "message_sent": _("The e-mail was sent"),
    "message_put_off": _("The sending was put off"),
    "message_failed": _("The e-mail could not be sent"),
    "message_bounced": _("The e-mail came back"),
    "file_stored": _("A file was kept"),
    "file_attached": _("A file was attached"),
    "file_checked": _("A file was checked"),
    "file_opened": _("A file was opened"),
    "file_erased": _("A file was erased"),
    "appeal_file_added": _("A file was attached to the appeal"),
    "appeal_file_removed": _("A file was taken away from the appeal"),
    "paper_registered": _("A letter was registered"),
    "paper_file_added": _("A file was added to the letter"),
    "paper_printed": _("The letter was printed"),
    "paper_posted": _("The letter was posted"),
    "paper_delivered": _("The letter was delivered"),
    "paper_returned": _("The letter came back"),
    "session_opened": _("Logged in"),
    "session_closed": _("Logged out"),
}
VALUES = {
    "answered": _("answered"),
    "abandoned": _("the client hung up while waiting"),
    "voicemail": _("voice message"),
    "off_hours": _("outside working hours"),
    "menu": _("ended in the menu"),
    "node_lost": _("the phone engine went down"),
    "client": _("client"),
    "operator": _("operator"),
    "system": _("system"),
    "specialist": _("specialist"),
    "timeout": _("not answered in time"),
    "declined": _("declined"),
    "unreachable": _("phone not reachable"),
    "lost": _("phone lost"),
    "resumed": _("back to the client"),
    "hangup": _("hung up"),
    "transferred": _("transferred"),
    "released": _("the colleague was let go"),
    "colleague_left": _("the colleague left"),
    "operator_lost": _("the operator's phone was lost"),
    "reached": _("reached"),
    "no_answer": _("no answer"),
    "busy": _("busy"),
    "asked": _("asked"),
    "known": _("from the card"),
    "caller_id": _("caller's number"),
    "caller": _("caller's number"),
    "name": _("name"),
    "account": _("account"),
    "address": _("address"),
    "created": _("new card"),
    "click": _("by click"),
    "key": _("by key"),
    "auto": _("by itself"),
    "campaign": _("campaign"),
    "confirmed": _("confirmed by a key"),
    "to_operator": _("asked for an operator"),
    "heard": _("heard to the end"),
    "cut_short": _("hung up before the end"),
    "no_consent": _("has not agreed to surveys"),
    "do_not_call": _("asked not to be called"),
    "in": _("incoming"),
    "out": _("outgoing"),
}
HIDDEN = frozenset(
    """original duplicate other incident letter
    employee target_employee reviewer client task appeal file owner campaign about purpose version sha256
    switchboard profile script name prompt by
    received_at registered_at form""".split()
)


TICKS = {
    "announced": _("announced"),
    "consent": _("the client agreed"),
    "off_hours": _("outside working hours"),
    "overrun": _("overrun"),
    "estimated": _("time estimated"),
    "in_time": _("in time"),
    "permitted": _("may be called"),
    "do_not_call": _("does not want to be called"),
    "survey_consent": _("agrees to surveys"),
    "from_menu": _("from the menu"),
    "menu_named_company": _("the menu has named the company"),
    "escalated": _("decided above"),
}
TIMES = {
    "duration_s": _("for"),
    "wait_s": _("waited"),
    "ring_s": _("rang"),
    "talk_s": _("talked"),
    "hold_s": _("held"),
    "total_s": _("in all"),
    "elapsed_s": _("after"),
    "after_s": _("after"),
    "connect_s": _("connected in"),
    "gap_s": _("gap"),
    "delay_s": _("after"),
    "expected_wait_s": _("expected"),
}


def fact_title(kind: str) -> str:
    """What happened, in words."""
    return gettext(FACTS[kind]) if kind in FACTS else kind.replace("_", " ")


def value_title(value: str) -> str:
    """A code of the data in words; whatever is no code stays as it is."""
    return gettext(VALUES[value]) if value in VALUES else value


def told(fact: Fact, began: dt.datetime) -> dict[str, Any]:
    """A fact as the time line shows it."""
    return {
        "id": fact.id,
        "at": fact.at,
        "since_s": max(0.0, (fact.at - began).total_seconds()),
        "kind": fact.kind,
        "title": fact_title(fact.kind),
        "data": [part for name, value in fact.data.items() if (part := _part(name, value))],
        "actor": _actor(fact.actor),
        "clauses": list(fact.clauses),
    }


def _part(name: str, value: Any) -> str:
    if value in (None, "", [], {}, False) or name in HIDDEN or isinstance(value, dict):
        return ""
    if value is True:
        return gettext(TICKS[name]) if name in TICKS else ""
    if name in {"step", "branch"}:
        return guide_title(name, str(value))
    return _listed(name, value) if isinstance(value, list) else _single(name, value)


def _listed(name: str, values: list[Any]) -> str:
    return ", ".join(_plain(name.removesuffix("s"), str(value)) for value in values)


def _single(name: str, value: Any) -> str:
    if name.endswith("_s") and isinstance(value, int | float):
        return f"{gettext(TIMES.get(name, ''))} {wording.in_seconds(value)}".strip() if name in TIMES else ""
    return _plain(name, str(value))


def _plain(name: str, value: str) -> str:
    told = TOLD.get(name)
    if told is not None:
        return told(value)
    return _moment(value) if name.endswith("_at") else value_title(value)


def _moment(value: str) -> str:
    try:
        here = house.local(dt.datetime.fromisoformat(value))
    except ValueError:
        return value
    return f"{here:%d.%m.%Y %H:%M}" if here else ""


def _menu_title(value: str) -> str:
    """The title of a line, queue or level of the menu."""
    menu = house.profile().menu
    if menu is None:
        return value
    for known in (menu.lines, menu.queues, menu.nodes):
        found = known.get(value)
        if found is not None and found.title:
            return house.titled(found.title)
    return value


TOLD: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(("line", "queue", "node", "target", "box"), _menu_title),
    **dict.fromkeys(("field", "none_field"), words.field_label),
    "appeal_kind": appeal_words.kind_title,
    "channel": wording.channel_title,
    "media_type": file_words.type_title,
    "role": lambda role: titled(file_words.ROLES, role) if role in file_words.ROLES else "",
    "way": wording.channel_title,
    "verdict": wording.verdict_title,
}


def guide_title(part: str, value: str) -> str:
    """The title of a step or branch of any guide of the profile."""
    for script in house.profile().scripts.values():
        named = script.all_steps() if part == "step" else script.branches
        for found in named:
            if found.id == value:
                return house.titled(found.title)
    return value


_names: dict[str, str] = {}


def _actor(actor: str) -> str:
    kind, _sep, key = actor.partition(":")
    if kind != "employee" or not key.isdecimal():
        return ""
    if actor not in _names:
        found = Employee.objects.filter(pk=int(key)).first()
        _names[actor] = str(found) if found else ""
    return _names[actor]
