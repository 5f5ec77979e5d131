"""The form of the subscription: what was typed, what is wrong with it, and the code that goes to the address."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from kindline.clients import folding
from kindline.correspondence import actions as mail
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.norms import Draft
from kindline.notifications import actions as texts
from kindline.notifications import topics
from kindline.notifications.errors import NotificationError
from kindline.notifications.topic_models import NoticeSubscription
from kindline.notifications.topics import EMAIL, SMS, Wish
from kindline.site import form, here
from kindline.site.errors import NotAcceptedError
from kindline.site.senders import Senders
from kindline.site.subscribing import offer
from kindline.standard.notice_data import NoticePlan
from kindline.standard.profile import Profile

ADDRESS_MAX, STREET_MAX, HOUSE_MAX = 254, 200, 20


def read(profile: Profile, plan: NoticePlan, typed: QueryDict) -> Wish:
    """What is asked for. Raises: NotAcceptedError with everything that is wrong, field by field."""
    street, house = _line(typed, "street", STREET_MAX), _line(typed, "house", HOUSE_MAX)
    wanted = tuple(one for one in plan.topics if one in typed.getlist("topics"))
    faults = {} if wanted else {"topics": "needed"}
    if bool(street or house) and not folding.address_words(street):
        faults["street"] = "needed"
    way, address = _address(profile, plan, _line(typed, "to", ADDRESS_MAX), faults)
    if not typed.get("consent"):
        faults["consent"] = "consent_notices"
    if typed.get(form.TRAP):
        faults[form.TRAP] = "trap"
    if faults:
        raise NotAcceptedError(faults)
    return Wish(way, address, wanted, street, house)


def _line(typed: QueryDict, name: str, longest: int) -> str:
    return " ".join(typed.get(name, "").replace("\x00", "").split())[:longest]


def _address(profile: Profile, plan: NoticePlan, told: str, faults: dict[str, str]) -> tuple[str, str]:
    """By which way, and the address as it is kept; what is wrong with it is put among the faults."""
    way = EMAIL if "@" in told else SMS
    if not told or way not in offer.ways(plan):
        faults["to"] = "needed" if not told else "no_such_way"
        return way, ""
    try:
        if way == EMAIL:
            return way, mail.checked_address(told)
        return way, texts.checked_number(told, profile.calendar.country)
    except (CorrespondenceError, NotificationError):
        faults["to"] = "not_reachable"
        return way, ""


@transaction.atomic
def ask(
    *, profile: Profile, plan: NoticePlan, wish: Wish, site: str, whose: Senders, now: dt.datetime
) -> NoticeSubscription:
    """Keep the wish, and send the code by which its owner confirms it, both or neither. Clause: krc-5.7.1-39."""
    made = topics.ask(
        wish=wish, language=here.language(), site=site, sender=whose.address, browser=whose.browser, now=now
    )
    if made.code:
        send = _by_email if wish.way == EMAIL else _by_sms
        with translation.override(made.row.language):
            send(profile, plan, made, now)
    return made.row


def _by_email(profile: Profile, plan: NoticePlan, made: topics.Asked, now: dt.datetime) -> None:
    row = made.row
    link = f"{row.site}{reverse('notices_confirm', args=[row.key])}?code={made.code}"
    words = {"company": here.company(profile), "link": link, "hours": plan.confirm_hours}
    text = gettext(
        "Somebody has asked for notices of %(company)s to this address. If it was you, open this page within"
        " %(hours)s hours and press “Confirm”: %(link)s\n\nIf it was not you, do nothing: no notices will come."
    )
    draft = Draft(gettext("Confirm the subscription to notices"), text % words, row.language, is_automatic=True)
    mail.queue_message(
        profile=profile, key=f"notices asked {row.pk}", recipient=row.address, draft=draft, about="notices",
        employee=None, now=now,
    )  # fmt: skip


def _by_sms(profile: Profile, plan: NoticePlan, made: topics.Asked, now: dt.datetime) -> None:
    words = {"company": here.company(profile), "code": made.code}
    texts.queue_sms(
        key=f"notices asked {made.row.pk}", phone=made.row.address, country=profile.calendar.country,
        text=gettext("%(code)s is the code for notices of %(company)s. Not you? Do nothing.") % words,
        about="notices", expires_at=now + dt.timedelta(hours=plan.confirm_hours), employee=None, now=now,
    )  # fmt: skip


def forget_unconfirmed(*, profile: Profile, now: dt.datetime) -> int:
    """Forget what nobody has confirmed within the standard's term; how many."""
    plan = profile.publication.subscription if profile.publication else None
    return topics.sweep(valid=dt.timedelta(hours=plan.confirm_hours), now=now) if plan else 0
