"""What the parts of a voice menu are called, and what was changed in one, in the employee's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.desk import house
from kindline.standard.menu_changes import Change
from kindline.standard.menus import SERVICES, Menu, Option

LEADS = {
    "goto": _("next level"),
    "queue": _("queue: %(where)s"),
    "operator": _("operator: %(where)s"),
    "voicemail": _("voice message: %(where)s"),
    "info": _("a message is played"),
    "self": _("the menu answers by itself: %(where)s"),
    "back": _("back"),
    "repeat": _("repeat"),
    "hangup": _("end of the call"),
}
ACTIONS = {
    "goto": _("next level"),
    "queue": _("a queue"),
    "operator": _("an operator"),
    "voicemail": _("a voice message"),
    "info": _("a message is played"),
    "self": _("the menu answers by itself"),
    "back": _("back"),
    "repeat": _("repeat"),
    "hangup": _("end of the call"),
}
ENDS = {
    "back": _("back to the level"),
    "operator": _("to an operator"),
    "hangup": _("the call ends"),
}
FRAME = {
    "recording_notice": _("Notice of recording"),
    "greeting": _("Greeting"),
    "off_hours": _("Greeting outside working hours"),
    "root": _("First level"),
    "nodes": _("The whole menu"),
}
SERVICE_TITLES = {
    "appeal_status": _("state of an appeal by its number"),
    "hours": _("office hours"),
    "readings": _("meter readings"),
    "balance": _("balance of the account"),
    "outages": _("accidents and cuts at the address"),
    "outages_by_address": _("accidents and cuts by street and house"),
}
PARTS = {
    "level_added": _("level added"),
    "level_removed": _("level removed"),
    "option_added": _("option added"),
    "option_removed": _("option removed"),
    "order": _("order of the options"),
    "text": _("words of the message"),
    "sound": _("recording of the message"),
    "action": _("what the key does"),
    "target": _("where it leads"),
    "title": _("title"),
    "enabled": _("switched on or off"),
    "on_end": _("what follows the message"),
    "timeout_s": _("waiting for a key"),
    "tries": _("how often it is repeated"),
}
STATES = {"draft": _("draft"), "approved": _("approved"), "discarded": _("thrown away")}
REFUSALS = {
    "no_menu": _("This standard has no voice menu."),
    "no_version": _("There is no such version."),
    "not_draft": _("This version is no draft any more. Make a new one out of it to change it."),
    "not_approved": _("Only an approved version can come into force."),
    "not_yours": _("Your role does not approve menus."),
    "another": _("Somebody else than who wrote the draft must approve it."),
    "no_sound": _("A recording is not there any more. Record or upload the message again."),
    "past": _("The moment has gone by. Choose one to come."),
    "in_force": _("This version is in force already."),
    "changed": _("Somebody has changed the draft since you opened it. Look at it again before you approve it."),
    "moment": _("Write the day and the time from which the version holds."),
    "large": _("The file is too large: at most 20 MB."),
    "no_sound_file": _("This is no sound file that can be read. Choose a WAV, MP3, OGG or M4A file."),
    "short": _("The recording is too short: nothing can be said in it."),
    "long": _("The recording is longer than three minutes."),
    "silent": _("Nothing is heard in the recording. Check the microphone."),
    "no_voice": _("No voice is installed that can say these words."),
    "unreadable": _("What the page sent is no voice menu. Load the page again."),
}


def option_title(menu: Menu, option: Option) -> str:
    """The title of a key, else what it does."""
    return house.titled(option.title) or leads(menu, option)


def leads(menu: Menu, option: Option) -> str:
    """What a key does and where it leads."""
    return gettext(LEADS.get(option.action, option.action)) % {"where": target_title(menu, option)}


def target_title(menu: Menu, option: Option) -> str:
    """Where a key leads."""
    target = option.target or ""
    if option.action in ("queue", "operator") and target in menu.queues:
        return house.titled(menu.queues[target].title)
    if option.action == "goto" and target in menu.nodes:
        return house.titled(menu.nodes[target].title) or target
    return service_title(target) if option.action == "self" else box_title(menu, target)


def box_title(menu: Menu, box: str) -> str:
    """A box for voice messages is called as the queue of its name."""
    return house.titled(menu.queues[box].title) if box in menu.queues else box


def service_title(code: str) -> str:
    """A service of the menu itself."""
    return gettext(SERVICE_TITLES[code]) if code in SERVICE_TITLES else code


def services() -> list[dict[str, str]]:
    """Every service that a key may lead to."""
    return [{"id": code, "title": service_title(code)} for code in SERVICES]


def place(key: str, menu: Menu | None) -> str:
    """`nodes.bills.options.1` -> the level's title and the key."""
    parts = key.split(".")
    if parts[0] != "nodes" or len(parts) < 2:
        return gettext(FRAME[parts[0]]) if parts[0] in FRAME else key
    node = menu.nodes.get(parts[1]) if menu else None
    title = (house.titled(node.title) if node else "") or parts[1]
    return f"{title}, {parts[3]}" if len(parts) > 3 and parts[2] == "options" else title


def changed(one: Change, menu: Menu) -> str:
    """One difference in words: where, what, and the words before and after where they are short."""
    said = f"{place(one.key, menu)}: {gettext(PARTS[one.what])}"
    before, after = _value(one.what, one.before), _value(one.what, one.after)
    if not before and not after:
        return said
    return f"{said} ({before or '—'} → {after or '—'})"


def _value(what: str, value: Any) -> str:
    if isinstance(value, dict):
        return house.titled(value) if value else ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if value is None:
        return ""
    known = {"action": ACTIONS, "on_end": ENDS}.get(what, {})
    return gettext(known[value]) if value in known else str(value)


def refusal(code: str) -> str:
    """Why a step cannot be taken."""
    return gettext(REFUSALS[code]) if code in REFUSALS else code


def action_title(action: str) -> str:
    """What a key may do."""
    return gettext(ACTIONS[action])


def ends() -> list[dict[str, str]]:
    """What may follow a message of information."""
    return [{"id": code, "title": gettext(title)} for code, title in ENDS.items()]


EDITOR = {
    "add_option": _("Add an option"),
    "above": _("Played first"),
    "action": _("What the key does"),
    "all_well": _("The menu keeps every clause about it."),
    "advice": _("advice"),
    "approx": _("about {s} s, not spoken yet"),
    "away": _("Take the recording away: the voice says the words again"),
    "broken": _("broken"),
    "changed_by": _("{who} changed this draft at {at}, while you were editing it. Nothing that you typed is lost."),
    "changed_what": _("What was changed:"),
    "check": _("Check against the standard"),
    "closed": _("Outside working hours"),
    "details": _("Change"),
    "down": _("Move down"),
    "draft_title": _("Name of the version"),
    "enabled": _("switched on"),
    "ends": _("After the message"),
    "key": _("Key"),
    "keep_mine": _("Save mine instead"),
    "keep_beside": _("Keep mine as a draft of its own"),
    "level_message": _("Message of the level"),
    "message": _("Message"),
    "mic": _("Record by microphone"),
    "mic_denied": _("The microphone cannot be used. Allow it in the browser, or upload a file."),
    "move_to": _("Move to"),
    "moved": _("{what} was moved: {where}"),
    "new_level": _("a new level"),
    "no_target": _("choose"),
    "not_saved": _("Not saved: there is no connection. What you typed is kept here."),
    "open": _("During working hours"),
    "option": _("Option {key}: {title}"),
    "part_greeting": _("Greeting"),
    "part_off_hours_greeting": _("Greeting outside working hours"),
    "part_recording_notice": _("Notice of recording"),
    "recorded": _("recording, {s} s"),
    "recording": _("Recording… press again to end"),
    "remove": _("Remove"),
    "removed": _("{what} was removed"),
    "save_again": _("Save again"),
    "saved": _("Saved at {at}"),
    "saving": _("Saving…"),
    "say_all": _("Let the voice say what is not recorded"),
    "saying": _("The voice is speaking…"),
    "spoken": _("voice, {s} s"),
    "take_theirs": _("Go on with theirs"),
    "target": _("Where it leads"),
    "title_en": _("Title in English"),
    "title_ru": _("Title in Russian"),
    "title_uk": _("Title in Ukrainian"),
    "tries": _("Repeated so many times"),
    "timeout": _("Waits for a key, seconds"),
    "undo": _("Undo"),
    "up": _("Move up"),
    "upload": _("Upload a sound file"),
    "uploading": _("The recording is being sent…"),
}
"""What the editor itself says."""


def editor() -> dict[str, str]:
    """The words of the editor; {places} are filled on the page."""
    return {key: gettext(text) for key, text in EDITOR.items()}
