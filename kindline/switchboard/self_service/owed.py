"""The balance of an account, told by the menu to who has proved that it is his."""

from __future__ import annotations

import uuid

from kindline.clients import folding, phones
from kindline.clients.models import Account
from kindline.conversations import proving
from kindline.conversations.errors import RefusedError
from kindline.readings import statements
from kindline.readings.billing import Balance, billing
from kindline.readings.errors import BillingAwayError
from kindline.readings.money import sign
from kindline.standard import numerals
from kindline.switchboard.self_service import dialogues
from kindline.switchboard.self_service.told import Reply, Told

NUMBER_PROVES, BY_KEYS = "known_number_proves", "place_proves"
"""What the profile may say of proofs: the number that calls, and house and flat typed as figures."""
OPERATOR = "operator"
"""Why the menu does not tell it: an operator may."""


def house(told: Told) -> Reply | None:
    """The number of the house, where the number that calls proves nothing."""
    if _proved_by_number(told) or "house" in told.answers:
        return None
    can_be_typed = told.account is not None and folding.digits(told.account.premise.house)
    return told.asks("house") if _by_keys(told) and can_be_typed else None


def flat(told: Told) -> Reply | None:
    """The number of the flat, where there is one; only then is said whether house and flat agree with the account."""
    account = told.account
    if account is None or "house" not in told.answers:
        return None
    if folding.digits(account.premise.flat) and "flat" not in told.answers:
        return told.asks("flat")
    return None if _agrees(told, account) else told.wrong(told.words("not_proved"), "house", but=("flat",))


def tell(told: Told) -> Reply:
    """What is owed or paid ahead, once the client is identified as the standard demands; else an operator does it.

    Clause: krc-5.6.4-06, krc-6.1-03, voe-6-19.
    """
    account = told.account
    if account is None or not (proven := _proven(told)):
        return Reply(told.words("not_here"), stop=OPERATOR)
    try:
        proving.identify_by_keys(contact_id=uuid.UUID(told.contact), account=account, proven=proven, now=told.now)
    except RefusedError:
        return Reply(told.words("not_here"), stop=OPERATOR)
    return Reply(said(told, _balance(told, account)), done=True)


def said(told: Told, balance: Balance) -> str:
    """The balance in words."""
    name = "owes" if balance.amount < 0 else "ahead" if balance.amount > 0 else "even"
    spoken = numerals.amount(balance.amount, sign(told.profile), told.language)
    return told.words(name, day=told.day(balance.on), amount=spoken)


def _balance(told: Told, account: Account) -> Balance:
    """As the billing system tells it; while it is away, as it was told last."""
    system = billing()
    try:
        found = system.balance(account.number) if system else None
    except BillingAwayError:
        found = None
    if found is None:
        return Balance(account.balance, account.balance_on or told.today)
    statements.keep_balance(account=account, balance=found, now=told.now)
    return found


def _proven(told: Told) -> list[str]:
    """The fields of identification that his call or his keys have proved."""
    found = ["account_number"]
    if _proved_by_number(told):
        found.append("phone")
    if "house" in told.answers:
        found.append("address")
    return found if len(found) > 1 else []


def _proved_by_number(told: Told) -> bool:
    account, country = told.account, told.profile.calendar.country
    number = phones.normalised(told.caller, country)
    if not dialogues.settings_of(told.profile).get(NUMBER_PROVES) or account is None or not number.startswith("+"):
        return False
    known = account.client.points.filter(kind="phone").values_list("value", flat=True)
    return number in {phones.normalised(one, country) for one in known}


def _by_keys(told: Told) -> bool:
    return bool(dialogues.settings_of(told.profile).get(BY_KEYS))


def _agrees(told: Told, account: Account) -> bool:
    premise, flat = account.premise, folding.digits(account.premise.flat)
    if told.answers["house"].lstrip("0") not in folding.house_figures(premise.house):
        return False
    return not flat or told.answers.get("flat", "").lstrip("0") == flat
