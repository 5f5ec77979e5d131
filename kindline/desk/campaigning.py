"""Campaigns in words: states, outcomes, why somebody is left out, and what a form lacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals.models import Incident
from kindline.campaigns import queries
from kindline.campaigns.models import Campaign
from kindline.desk.wording import titled

STATES = {
    "draft": _("draft"),
    "running": _("running"),
    "paused": _("paused"),
    "stopped": _("stopped"),
    "done": _("finished"),
}
KINDS = {"message": _("Message"), "survey": _("Survey")}
WAYS = {"voice": _("call"), "sms": _("SMS"), "email": _("e-mail"), "push": _("push notice")}
MACHINES = {
    "tell": _("leave the message after its greeting"),
    "later": _("hang up, and call again later"),
    "": _("do not tell it from a person"),
}
CONSENTS = {
    "none": _("to everybody who has not asked not to be told"),
    "surveys": _("only to who has agreed to surveys"),
    "subscription": _("only to who has subscribed to notices, by the ways of his subscription"),
}
TARGETS = {
    "waiting": _("waiting for its turn"),
    "calling": _("being called"),
    "written": _("written to, no news yet"),
    "sent": _("sent, not known whether it arrived"),
    "reached": _("reached"),
    "confirmed": _("confirmed"),
    "to_operator": _("asked for an operator"),
    "not_reached": _("not reached"),
    "skipped": _("left out"),
}
REASONS = {
    "no_consent": _("has not agreed to surveys"),
    "no_subscription": _("has not subscribed to notices by these ways"),
    "do_not_call": _("asked not to be called"),
    "no_number": _("no number on the card"),
    "no_way": _("nothing to reach him by in the ways of this campaign"),
    "invalid_number": _("neither a telephone number nor an e-mail address"),
    "forbidden": _("a number that may not be called: foreign, or at extra cost"),
    "duplicate": _("in the list already"),
    "unknown_account": _("no such account"),
    "stopped": _("the campaign was stopped"),
    "over": _("the campaign was over"),
    "client_erased": _("the client's data were erased"),
    "incident_over": _("the incident is over"),
    "by_hand": _("paused by hand"),
    "no_voice": _("no voice can say this text"),
}
OUTCOMES = {
    "delivered": _("delivered"),
    "sent": _("taken by the mail server"),
    "failed": _("not delivered"),
    "bounced": _("came back"),
    "silent": _("no news of it"),
    "not_handed": _("the hours were over before it was sent"),
    "called_off": _("called off before it was sent"),
    "no_gateway": _("no SMS gateway is set"),
    "no_push": _("push notices are switched off"),
    "no_relay": _("no mail server is set"),
    "bad_address": _("the number or address cannot be written to"),
    "confirmed": _("confirmed by a key"),
    "to_operator": _("asked for an operator"),
    "heard": _("heard to the end"),
    "cut_short": _("hung up before the end"),
    "left_on_machine": _("left on an answering machine"),
    "machine": _("an answering machine"),
    "no_answer": _("no answer"),
    "busy": _("busy"),
    "unreachable": _("number not reachable"),
    "not_placed": _("the telephone engine did not take the call"),
    "forbidden": _("the number may not be called: foreign, or at extra cost"),
    "node_lost": _("the phone engine went down"),
    "lost": _("nothing is known of the call"),
    "cancelled": _("the operator gave up"),
    "answered": _("answered"),
    "later": _("asked to be called later"),
    "refused": _("did not want to answer"),
    "do_not_call": _("asked not to be called"),
}
ENDINGS = {
    "answered": _("The questions were answered"),
    "later": _("Call again later"),
    "refused": _("Did not want to answer"),
    "do_not_call": _("Does not want to be called any more"),
}
FAULTS = {
    "title": _("Give the campaign a title."),
    "text": _("Write what is to be said; for SMS at most six short messages (about 400 letters)."),
    "purpose": _("Choose a purpose that the standard names."),
    "questions": _("Write at least one question."),
    "confirm_key": _("One key from 1 to 9, or nothing."),
    "operator_key": _("One key from 1 to 9, another than the first, or nothing."),
    "at_once": _("A number from 1 to 50."),
    "on_machine": _("Choose one of the three."),
    "tries": _("A number from 1 to 20."),
    "per_operator": _("A number from 1 to 20, or nothing."),
    "ways": _("Choose at least one way; a survey is asked by telephone."),
    "pause_s": _("Minutes, from 1 to 10000."),
    "ring_limit_s": _("Seconds, from 5 to 600, or nothing."),
    "hours_from": _("A time such as 09:00, not before clients may be called."),
    "hours_until": _("A time later than the first, such as 20:00, not after clients may be called."),
    "kind": _("Choose a message or a survey."),
    "house": _("Name the street too: a house alone is no place."),
    "debt": _("A sum of money such as 1000 or 1 000,50."),
    "numbers": _("One person a row, at most 50,000 rows: split a longer list into several."),
    "file": _("A list as CSV of at most 4 MB and 50,000 rows: split a longer one into several. It was not read."),
    "ending": _("Say how the conversation ended."),
    "answers": _("There is no such question."),
    "incident": _("The incident is over meanwhile. Sent again as it is, the campaign tells of no incident."),
}
REFUSALS = {
    "state": _("The campaign is not in a state in which that can be done."),
    "incident_over": _("The incident that it tells of is over: it can be stopped, not started."),
    "nobody": _("There is nobody to be called yet: add people first."),
    "not_now": _("This person cannot be called now: the survey rests, the hours are over, or somebody else took him."),
}


def faults(fields: Iterable[str]) -> dict[str, str]:
    """What is wrong with these fields of a form, in words."""
    return {name: gettext(FAULTS.get(name, _("This cannot stand as it is."))) for name in fields}


def row(campaign: Campaign, standing: queries.Progress) -> dict[str, Any]:
    """How a campaign stands, in words."""
    return {
        "campaign": campaign,
        "kind": titled(KINDS, campaign.kind),
        "state": titled(STATES, campaign.state),
        "reason": titled(REASONS, campaign.reason) if campaign.reason else "",
        "progress": standing,
    }


def by_way(campaign: Campaign) -> list[tuple[str, str, str, int]]:
    """Who was reached and how, in words."""
    return [
        (titled(WAYS, way), titled(TARGETS, state), titled(OUTCOMES, outcome), n)
        for way, state, outcome, n in queries.by_way(campaign)
    ]


def told_of(incident: Incident) -> list[dict[str, Any]]:
    """The campaigns that tell of an incident: how each stands, and who was reached how."""
    found = list(queries.of_incident(incident))
    standing = queries.progress(found)
    return [row(one, standing[one.pk]) | {"by_way": by_way(one)} for one in found]
