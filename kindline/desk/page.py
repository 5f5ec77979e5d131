"""What the operator's page is given once: addresses, words, fields, topics, the phone's place."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext

from kindline.appeals import actions as appeals
from kindline.appeals import answer_ways
from kindline.appeals import queries as appeal_queries
from kindline.appeals import wording as appeal_words
from kindline.conversations import norms, visits
from kindline.conversations import queries as conversations
from kindline.desk import access, calling_out, guide, house, wording, words
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from kindline.switchboard import extensions
from kindline.switchboard.models import Operator
from kindline.switchboard.phones import BROWSER, name_of

NOBODY = "00000000-0000-0000-0000-000000000000"
CALLBACK_FIELDS = ("phone", "due_at", "matter", "client_name")
APPEAL_FIELDS = ("surname", "given_name", "patronymic", "residence", "phone", "email", "firm_name", "substance")


def letter_ways(_profile: Profile) -> list[dict[str, str]]:
    """By which ways a written answer may go that is agreed in a talk."""
    return [{"id": one, "title": wording.channel_title(one)} for one in ("paper", "email")]


APPEAL_CHOICES = {
    "kind": appeal_words.kinds_of,
    "subject": appeal_words.subjects_of,
    "letter_channel": letter_ways,
}


def config(request: HttpRequest, channel: str = "phone") -> dict[str, Any]:
    """The page's own JSON: frontend/src/desk/state.ts names the same keys."""
    me, profile = access.employee_of(request), house.profile()
    return {
        "language": house.language(),
        "profile": {"id": profile.id, "title": profile.title, "language": profile.language, "zone": str(profile.zone)},
        "employee": {"id": me.pk, "name": str(me), "number": me.number},
        "urls": _addresses(request),
        "csrf": get_token(request),
        "dial": calling_out.asked(request),
        "mobile": bool(extensions.own_mobile(me.pk)),
        "phone": _phone(request, me),
        "words": words.all_words(),
        "fields": _fields(profile),
        "topics": _topics(profile),
        "reasons": [{"id": reason, "title": words.pause_title(reason)} for reason in words.PAUSES],
        "told": {reason: words.pause_title(reason) for reason in words.SET_FOR_HIM},
        "appeal": _appeal(profile, channel),
        "callback": _callback(profile, channel),
        "bodies": _bodies(profile),
        "services": _services(profile) if channel == visits.OFFICE else [],
    }


def _addresses(request: HttpRequest) -> dict[str, str]:
    found = {
        "state": reverse("state"),
        "passing": reverse("passing"),
        "operator": reverse("operator-state"),
        "page": reverse("operator-page"),
        "phone": reverse("operator-phone"),
        "calls": reverse("call", args=[NOBODY, "VERB"]),
        "clients": reverse("client-search"),
        "address": reverse("client-address", args=[0]),
        "callbacks": reverse("callbacks"),
        "live": house.live_url(request),
        "call_out": reverse("call-out"),
        "login": reverse("login"),
        "clause": reverse("clause", args=["CLAUSE"]),
        "contact": reverse("contact", args=[NOBODY]).replace(NOBODY, "CONTACT"),
    }
    if settings.BILLING:
        found["money"] = reverse("desk-money", args=[NOBODY, 0]).replace(NOBODY, "CONTACT")
    return found


def _phone(request: HttpRequest, me: Employee) -> dict[str, Any] | None:
    """Where the browser's phone registers, and as whom; None where the employee has no phone or Asterisk is off."""
    operator = Operator.objects.filter(employee=me).first()
    if operator is None or not operator.sip_password or not house.phone_state().up:
        return None
    name = name_of(me.pk, BROWSER)
    uri = f"sip:{name}@127.0.0.1"
    first, *others = house.socket_urls(request)
    return {"uri": uri, "socket": first, "others": others, "user": name}


def _fields(profile: Profile) -> list[dict[str, Any]]:
    names = dict.fromkeys([*words.FIELDS, *guide.asked_fields(profile), *_required_names(profile)])
    return [_field(name, profile) for name in names]


def _field(name: str, profile: Profile) -> dict[str, Any]:
    found: dict[str, Any] = {"id": name, "label": words.field_label(name), "type": words.field_type(name)}
    if name in APPEAL_CHOICES:
        found["options"] = APPEAL_CHOICES[name](profile)
    if name == "language":
        found["options"] = [{"id": code, "title": wording.language_title(code)} for code in wording.LANGUAGES]
    if name == "service" and profile.services:
        options = [{"id": one.id, "title": house.titled(dict(one.title))} for one in profile.services.values()]
        found |= {"type": "select", "options": options}
    return found


def _topics(profile: Profile) -> list[dict[str, Any]]:
    return [
        {"id": topic.pk, "title": _topic_title(topic), "competence": topic.competence}
        for topic in conversations.topics(profile.id)
    ]


def _topic_title(topic: Any) -> str:
    return f"{topic.parent.title} › {topic.title}" if topic.parent else str(topic.title)


def _required(profile: Profile, channel: str = "phone") -> list[norms.RequiredField]:
    return appeals.required_fields(profile, channel)


def _required_names(profile: Profile) -> list[str]:
    return [one.name for one in _required(profile)]


def _appeal(profile: Profile, channel: str) -> dict[str, Any]:
    """The appeal's form: the usual fields, with what the standard requires marked."""
    required = {one.name: one for one in _required(profile, channel) if one.name in APPEAL_FIELDS}
    fields = [_form_field(name, required.get(name)) for name in APPEAL_FIELDS]
    return {
        "kinds": appeal_words.kinds_of(profile),
        "subjects": appeal_words.subjects_of(profile),
        "fields": fields,
        "ways": _ways(profile, channel),
    }


def _ways(profile: Profile, channel: str) -> list[dict[str, str]]:
    """By which ways the client may have the answer, the usual first; none where the standard leaves him no choice."""
    chosen, usual = answer_ways.choices(profile, channel), answer_ways.usual(profile, channel)
    if not chosen:
        return []
    said = gettext("the usual way: %(way)s") % {"way": wording.channel_title(usual)}
    found = [{"id": "usual", "title": said, "needs": ""}]
    return found + [{"id": one, "title": wording.channel_title(one), "needs": answer_ways.NEEDS[one]} for one in chosen]


def _callback(profile: Profile, channel: str) -> dict[str, Any]:
    """What the standard requires of a promise beside the number and the time."""
    required = norms.required_fields(profile, "callback_promised", channel=channel)
    return {"fields": [_form_field(one.name, one) for one in required if one.name not in CALLBACK_FIELDS]}


def _form_field(name: str, required: norms.RequiredField | None) -> dict[str, Any]:
    return {
        "id": name,
        "required": required is not None or name == "substance",
        "none_allowed": required is not None and required.allow_none,
        "clauses": list(required.clauses) if required else [],
    }


def _services(profile: Profile) -> list[dict[str, Any]]:
    """The passports of the services: what the visitor is told, what he must bring."""
    return [
        {
            "id": one.id,
            "title": house.titled(dict(one.title)),
            "documents": [{"id": item.id, "title": house.titled(dict(item.title))} for item in one.documents],
            "stages": [house.titled(dict(stage.title)) for stage in one.stages],
            "terms": [
                {"title": gettext(title), "text": text}
                for name, title in words.TERMS.items()
                if (text := getattr(one, name))
            ],
            "result": one.result,
        }
        for one in profile.services.values()
    ]


def _bodies(profile: Profile) -> list[dict[str, Any]]:
    found = appeal_queries.bodies(profile.id)
    return [{"id": body.pk, "name": body.name, "competence": body.competence, "phone": body.phone} for body in found]
