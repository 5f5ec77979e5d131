"""What the operator's screen says of the line itself: a bad one, silence, a client who waits on hold."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

WORDS = {
    "act_attempt": _("Another attempt made"),
    "attempts_n": _("Attempts to be heard: {n}"),
    "hold_reminded": _("The client has been on hold for {time}: go back to him."),
    "hold_at_limit": _(
        "The client has been on hold for {time}, at most {max} are meant: go back to him, or agree on a callback."
    ),
    "holds": _("On hold"),
    "holds_n": _("{n} × · {time}"),
    "silence_now": _("Nobody is heard on either side of the line."),
    "silence_bad_line": _("Turn of the talk: {title}"),
}
FACTS = {
    "emergency_told": _("An emergency message was told"),
    "emergency_turned_on": _("The emergency message is turned on"),
    "emergency_turned_off": _("The emergency message is turned off"),
    "dial_alarm": _("Calls outside as in a fraud"),
    "trunk_alarm": _("Alarm of the house's own calls"),
    "trunk_alarm_settled": _("The alarm of the house's own calls is settled"),
    "dial_alarm_settled": _("The alarm of calls outside is settled"),
    "hold_reminded": _("Reminded of the client on hold"),
    "silence_noticed": _("Nobody was heard on either side of the line"),
    "silence_over": _("The silence of the line was over"),
    "recording_discarded": _("A recording that says nothing was removed"),
    "recording_failed": _("Recording failed"),
    "recording_started": _("Recording began"),
    "recording_stored": _("Recording kept"),
    "recording_paused": _("Recording was paused: a secret is said"),
    "recording_resumed": _("Recording goes on"),
}
