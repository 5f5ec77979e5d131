"""The words of the operator's screen: sent to the page as JSON in the employee's language."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

BAR = {
    "operator_screen": _("Operator's screen"),
    "loading": _("Loading…"),
    "my_state": _("My state"),
    "state_ready": _("Ready"),
    "state_paused": _("Pause"),
    "state_offline": _("Offline"),
    "state_ringing": _("Ringing"),
    "state_talking": _("Talking"),
    "state_hold": _("On hold"),
    "state_wrap_up": _("Wrap-up"),
    "then_state": _("then: {state}"),
    "pause_reason": _("Why the pause?"),
    "waiting_n": _("Waiting: {n}, longest {longest}"),
    "nobody_waiting": _("Nobody is waiting"),
    "callbacks_n": _("Callbacks due: {n}"),
    "phone_ready": _("Phone ready"),
    "phone_own": _("Desk phone ready"),
    "phone_off": _("The phone is off"),
    "phone_off_unknown": _("the reason is not known; ask the administrator"),
    "line_off": _("Phone not started"),
    "line_connecting": _("Phone is connecting…"),
    "line_registered": _("Phone ready, microphone off"),
    "line_refused": _("Phone refused"),
    "line_elsewhere": _("Your phone is open in another tab or window."),
    "take_over": _("Use it here"),
    "keys": _("Keys"),
    "close": _("Close"),
    "cancel": _("Cancel"),
}
TROUBLE = {
    "no_answer": _("The server does not answer. What you typed is kept; it will be sent as soon as it answers."),
    "refused": _("This was not accepted."),
    "fields_missing": _("{n} fields need your attention: they are marked."),
    "trouble_lost": _("No connection to the server. The conversation goes on; what you type is kept and will be sent."),
    "trouble_refused": _(
        "Asterisk refused the phone ({why}). Reload the page; if it stays so, tell the administrator."
    ),
    "trouble_saving": _("Not saved yet: {n}. Trying again by itself."),
    "microphone_none": _("No microphone was found. Plug in a headset and reload the page."),
    "microphone_denied": _(
        "The browser does not let this page use the microphone. Allow it beside the address and reload the page."
    ),
    "saving": _("saving…"),
    "not_saved_yet": _("kept here, not saved yet"),
}
CALL = {
    "call": _("Call"),
    "no_call": _("No call"),
    "phase_ringing": _("Incoming call"),
    "phase_talking": _("Conversation"),
    "phase_held": _("On hold: the client hears music"),
    "phase_conference": _("Conference: all three hear each other"),
    "phase_wrap_up": _("Wrap-up"),
    "phase_lost": _("Your sound was lost"),
    "phase_dialling": _("Calling the client"),
    "number_hidden": _("Number withheld"),
    "line": _("Line"),
    "queue": _("Queue"),
    "menu_choice": _("Chosen in the menu"),
    "waited": _("Waited"),
    "talk": _("Conversation"),
    "muted_now": _("Your microphone is off"),
    "media_lost": _("The client hears music while your phone comes back"),
    "wrap_up_left": _("left of the wrap-up"),
    "wrap_up_since": _("since the end of the conversation"),
    "wrap_up_until": _("Wrap-up: {left} left"),
    "answer": _("Answer"),
    "answer_on_phone": _("Answer on your phone"),
    "decline": _("Decline"),
    "mute": _("Mute"),
    "unmute": _("Unmute"),
    "hold": _("Hold"),
    "resume": _("Back to the client"),
    "keypad": _("Keypad"),
    "transfer": _("Transfer"),
    "hang_up": _("Hang up"),
    "hang_up_plain": _("Ordinary end of the call"),
    "end_ground": _("On what ground is the call ended?"),
    "end_after": _("Only after: {what}"),
    "dial_wait": _("The call begins as soon as your phone is connected."),
    "volume_test": _("Volume test"),
    "volume_speak": _("Say something: the bar should reach the middle."),
    "volume_level": _("Level of the microphone"),
    "volume_tone": _("Play a tone"),
    "microphone_wait": _("Waiting for the microphone…"),
    "timers": _("Clocks of the standard"),
    "target_s": _("target {s}"),
    "limit_s": _("limit {s}"),
    "over_target": _("over the target"),
    "over_limit": _("over the limit"),
    "clause_open": _("Open the clause and its reading"),
}
TRANSFER = {
    "transfer_to": _("To whom?"),
    "no_colleagues": _("No colleague is at a phone now."),
    "not_free": _("not free now"),
    "introduce": _("I introduced the client"),
    "introduce_first": _("Introduce the client first"),
    "connect": _("Connect them"),
    "back_to_client": _("Back to the client"),
    "transfer_ringing": _("ringing"),
    "transfer_talking": _("on the line with you"),
    "transfer_introduced": _("knows whom it is about"),
    "transfer_accepted": _("takes the call"),
    "transfer_for_you": _("{from} passes a call to you"),
    "accept": _("Take the call"),
    "accepted": _("You take the call: the colleague connects you now."),
    "handed_to": _("The conversation goes on with {name}"),
    "handed_hint": _("Your colleague writes down the result. You may take the next call."),
    "cannot_answer": _("Cannot answer this"),
    "conference": _("Conference: bring the client in"),
    "conference_with": _("Conference: the client, {name} and you"),
    "conference_no_hold": _("In a conference nobody is put on hold"),
    "conference_leave": _("Leave the conference"),
    "colleague_go": _("Let the colleague go"),
    "leave_them": _("Leave them to talk"),
}
GUIDE = {
    "guide": _("Guide"),
    "tab_guide": _("Guide"),
    "tab_result": _("Result"),
    "no_guide": _("The standard has no guide for this contact."),
    "done_of": _("{n} of {of} done"),
    "back_to_talk": _("Back to the talk"),
    "if_needed": _("if needed"),
    "done": _("done"),
    "step_done": _("Done"),
    "next_step": _("Next step"),
    "not_needed": _("Not needed"),
    "skip": _("Skip"),
    "skip_reason": _("Why is this step left out?"),
    "skip_client_hung_up": _("The client hung up"),
    "skip_client_refused": _("The client did not want it"),
    "skip_not_applicable": _("Not applicable here"),
    "skip_rest": _("Leave out the steps that were not done, because:"),
    "skip_already_known": _("Already known"),
    "branch_finished": _("This turn of the talk is done."),
    "guide_finished": _("Every step of the guide is done."),
    "steps": _("Steps"),
    "row_done": _("done"),
    "row_skipped": _("left out"),
    "row_now": _("present step"),
    "row_open": _("to do"),
    "turns": _("Where does the talk turn?"),
    "taken": _("was taken"),
    "act_identify": _("Check and open the account"),
    "act_callback": _("Promise the callback"),
    "act_transfer": _("Choose a colleague"),
    "act_introduce": _("I introduced the client"),
    "act_appeal": _("Open the appeal form"),
    "act_hold": _("Put on hold"),
    "act_attempt": _("Another attempt made"),
    "attempts_n": _("Attempts to be heard: {n}"),
    "act_connect": _("Connect them"),
    "act_forward": _("Open the appeal to forward it"),
    "act_terminate": _("End the call on a ground"),
    "act_topic": _("Choose the topic"),
    "act_mute": _("Turn the microphone off"),
    "act_show_account": _("Show the account"),
    "required": _("required"),
    "idle_ready": _("You are ready. The next call will appear here by itself."),
    "idle_paused": _("You are on a pause: no calls come."),
    "idle_offline": _("You are offline: no calls come."),
    "become_ready": _("Ready for the next call"),
}
CLIENT = {
    "readings": _("Readings"),
    "last_reading": _("last"),
    "no_reading": _("no reading yet"),
    "reading_right": _("It is right"),
    "send_readings": _("Take the readings"),
    "client": _("Client"),
    "client_search": _("Search: name, account, address, phone"),
    "client_idle": _("The client's card appears here as soon as somebody calls."),
    "client_unknown": _("This number is not known. Search by name, account or address."),
    "client_create": _("New card: {name}"),
    "client_create_hint": _("Once the name is written in the guide, a new card can be made here."),
    "found_n": _("Found: {n}"),
    "found_none": _("Nobody fits. Try another spelling, or only the street and house."),
    "same_number": _("Several clients have this number. Who is it?"),
    "presumed": _("known by the number"),
    "address_as": _("Address as"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "residence": _("Residence"),
    "call_wishes": _("Calls by campaigns"),
    "survey_consent": _("Agrees to surveys"),
    "do_not_call": _("Does not want to be called"),
    "accounts": _("Accounts"),
    "closed_until_identified": _("closed"),
    "show": _("Show"),
    "balance": _("Balance"),
    "open_appeals": _("Open appeals"),
    "until": _("until"),
    "overdue": _("overdue"),
    "previous_contacts": _("Previous contacts"),
    "no_previous": _("This is the first contact."),
    "channel_phone": _("phone"),
    "channel_office": _("office"),
    "channel_paper": _("letter"),
    "channel_email": _("e-mail"),
    "channel_web": _("website"),
    "channel_account": _("personal account"),
}
RESULT = {
    "topic": _("Topic"),
    "outcome": _("Outcome"),
    "summary": _("Summary"),
    "close_contact": _("Close the contact"),
    "close_after_call": _("Possible once the call is over"),
    "contact_closed": _("The contact is closed."),
    "still_needed": _("Still needed for this outcome"),
    "appeal": _("Appeal"),
    "appeal_kind": _("Kind"),
    "appeal_subject": _("About"),
    "has_none": _("has none"),
    "register_appeal": _("Register the appeal"),
    "appeal_number": _("Number to tell the client"),
    "answer_until": _("Answer until"),
    "no_limit": _("the standard sets no limit"),
    "derivation": _("How this date came about"),
    "forward_appeal": _("Forward to the competent body"),
    "forwarding_told": _("The client was told where it went"),
    "callback": _("Callback"),
    "promise_callback": _("Promise the callback"),
    "callback_kept": _("The callback is in the list of tasks."),
    "verdicts": _("What the standard says of this call"),
    "whole_contact": _("whole contact"),
    "judging": _("The clauses of this call are being checked…"),
    "met_n": _("met: {n}"),
    "not_met_n": _("not met: {n}"),
    "not_measurable_n": _("not measurable: {n}"),
    "met_list": _("Clauses met"),
    "observed": _("observed: {value}"),
    "limit_is": _("limit: {value}"),
}
KEYS = {
    "key_space": _("Space"),
    "key_done": _("answer; do the present step"),
    "key_move": _("go to the next or previous step without doing this one"),
    "key_phrase": _("choose one of several phrases"),
    "key_escape": _("leave the field; back to the talk"),
    "key_answer": _("answer"),
    "key_decline": _("decline"),
    "key_mute": _("microphone off and on"),
    "key_hold": _("hold and back"),
    "key_hangup": _("hang up"),
    "key_keypad": _("keypad"),
    "key_transfer": _("transfer to a colleague"),
    "key_volume": _("volume test"),
    "key_search": _("search a client"),
    "key_guide": _("show the guide"),
    "key_result": _("show the result"),
    "single_keys": _("Letters and digits work as keys outside of fields"),
}
VISIT = {
    "visit_screen": _("Visitor"),
    "visit": _("Visit"),
    "phase_visit": _("The visitor is here"),
    "phase_visit_over": _("The visit is over"),
    "visitor_unknown": _("Visitor"),
    "visits_back": _("All visitors"),
    "visit_next": _("Next visitor"),
    "visit_idle": _("Search the visitor by name, account, address or phone."),
    "memo_print": _("Print the sheet to take along"),
    "blank_print": _("Print the blank for signature"),
    "documents_marks": _("Mark every document of the list"),
    "mark_there": _("there"),
    "mark_faulty": _("with errors"),
    "mark_missing": _("missing"),
    "mark_not_needed": _("not needed"),
    "due_on": _("All documents by"),
    "due_on_hint": _("Agree with the visitor on the day; it stands on the sheet that he takes along."),
    "stages": _("Stages"),
    "result_of_service": _("Result"),
    "choose_service": _("Choose the service first."),
    "accepted_number": _("Accepted under № {number}"),
    "appeal_form": _("How it is made"),
    "appeal_oral": _("orally, written down by me"),
    "appeal_written": _("in writing, on the blank"),
    "act_check_documents": _("Keep the check"),
    "act_accept_documents": _("Accept the documents"),
    "act_hand_over": _("Hand over the result"),
    "act_contact_data": _("Confirm the contact data"),
    "act_memo": _("Print the sheet"),
    "act_blank": _("Open the appeal to print its blank"),
    "firm": _("cannot be left out"),
    "skip_visitor_left": _("The visitor left"),
}
ALL = {**BAR, **TROUBLE, **CALL, **TRANSFER, **GUIDE, **CLIENT, **RESULT, **KEYS, **VISIT}

TERMS = {"documents_term": _("Documents by"), "payment_term": _("Payment"), "result_term": _("Result by")}
"""What the terms of a service are called."""

FIELDS = {
    "client_name": (_("How to address the client"), "text"),
    "surname": (_("Surname"), "text"),
    "given_name": (_("Given name"), "text"),
    "patronymic": (_("Patronymic"), "text"),
    "account_number": (_("Account number"), "text"),
    "address": (_("Address"), "text"),
    "residence": (_("Place of residence"), "text"),
    "phone": (_("Phone"), "tel"),
    "email": (_("E-mail"), "text"),
    "substance": (_("Substance"), "textarea"),
    "matter": (_("Matter"), "textarea"),
    "kind": (_("Kind of appeal"), "text"),
    "language": (_("Language of the talk"), "select"),
    "reason": (_("Reason"), "text"),
    "measure": (_("Measure taken"), "text"),
    "due_at": (_("By when"), "datetime-local"),
    "interval": (_("How long it will take"), "text"),
    "specialist": (_("Specialist"), "text"),
    "service": (_("Service"), "text"),
    "office": (_("Office"), "text"),
    "next_steps": (_("Next steps"), "textarea"),
    "result_what": (_("What is handed over"), "text"),
    "result_to": (_("To whom"), "text"),
    "due_on": (_("All documents by"), "date"),
    "topic": (_("Topic"), "select"),
    "client": (_("Client"), "text"),
}
"""What the fields of guides and forms are called, and how they are typed."""

PAUSES = {
    "break": _("Break"),
    "lunch": _("Lunch"),
    "training": _("Training"),
    "meeting": _("Meeting"),
    "technical": _("Technical trouble"),
}
"""Reasons of a pause that an operator may choose."""
SET_FOR_HIM = {
    "timeout": _("A call was not taken"),
    "missed": _("A call was not taken"),
    "no_answer": _("A call was not taken"),
    "declined": _("A call was declined"),
    "no_phone": _("The phone was lost"),
    "lost": _("The phone was lost"),
}
"""Reasons that the switchboard writes."""


def all_words() -> dict[str, str]:
    """Every word of the operator's screen in the language of the request."""
    return {key: gettext(text) for key, text in ALL.items()}


def field_label(field: str) -> str:
    """What a field is called; one that no list has is shown by its own name."""
    return gettext(FIELDS[field][0]) if field in FIELDS else field.replace("_", " ")


def field_type(field: str) -> str:
    """How a field is typed: the type of its input."""
    return FIELDS[field][1] if field in FIELDS else "text"


def pause_title(reason: str) -> str:
    """A reason of a pause in words."""
    known = {**PAUSES, **SET_FOR_HIM}
    return gettext(known[reason]) if reason in known else reason


REQUIREMENTS = {
    "appeal_registered": _("the appeal is registered"),
    "callback_promised": _("a callback is promised with its time"),
    "answer_by_letter_agreed": _("a written answer is agreed on"),
    "transfer_completed": _("the call is transferred"),
    "identification_refused": _("the refusal to identify is recorded"),
    "reason_recorded": _("the reason is written down"),
    "call_terminated": _("the call is ended on a ground"),
    "topic_set": _("the purpose of the visit is recorded"),
    "documents_checked": _("the set of documents is checked"),
    "documents_accepted": _("the documents are accepted"),
    "result_handed_over": _("the result is handed over"),
    "written_appeal_offered": _("a written appeal is offered"),
    "blank_printed": _("the blank is printed"),
    "answer_given": _("the answer is given"),
    "memo_given": _("the sheet to take along is printed"),
}


def requirement(need: str) -> str:
    """What an outcome still lacks, in words."""
    return gettext(REQUIREMENTS[need]) if need in REQUIREMENTS else field_label(need)


def word(key: str) -> str:
    """A word of the operator's screen by its key."""
    return gettext(ALL[key]) if key in ALL else key
