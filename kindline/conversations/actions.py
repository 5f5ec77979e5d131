"""Every write to a contact, in one place to look for it; each ends in facts of the journal."""

from kindline.conversations.asked_calls import ask_for_call
from kindline.conversations.callbacks import (
    cancel_callback,
    note_attempt,
    note_by_hand,
    promise_callback,
    sweep_overdue,
)
from kindline.conversations.closing import close_contact, close_unserved, close_written, note, set_topic
from kindline.conversations.documents import accept_documents, check_documents, hand_over_result
from kindline.conversations.fields import record_field
from kindline.conversations.identification import (
    identify,
    refuse_identification,
    set_client,
    show_account,
    start_search,
)
from kindline.conversations.opening import Taken, open_contact, start_guide, start_guides
from kindline.conversations.places import drop_served, give_back, keep_abandoned, keep_place
from kindline.conversations.steps import leave_branch, mark_step, skip_step, take_branch
from kindline.conversations.talks import Talk, note_talks
from kindline.conversations.texting import reply, take_waiting
from kindline.conversations.visits import confirm_contact_data, open_visit

__all__ = [
    "Taken",
    "Talk",
    "accept_documents",
    "ask_for_call",
    "cancel_callback",
    "check_documents",
    "close_contact",
    "close_unserved",
    "close_written",
    "confirm_contact_data",
    "drop_served",
    "give_back",
    "hand_over_result",
    "identify",
    "keep_abandoned",
    "keep_place",
    "leave_branch",
    "mark_step",
    "note",
    "note_attempt",
    "note_by_hand",
    "note_talks",
    "open_contact",
    "open_visit",
    "promise_callback",
    "record_field",
    "refuse_identification",
    "reply",
    "set_client",
    "set_topic",
    "show_account",
    "skip_step",
    "start_guide",
    "start_guides",
    "start_search",
    "sweep_overdue",
    "take_branch",
    "take_waiting",
]
