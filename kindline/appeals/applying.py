"""Who applies: a person or one of the organisations that the client's card knows, or somebody who left no address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kindline.clients.models import Client, ClientKind
from kindline.conversations.errors import RefusedError
from kindline.conversations.models import Contact
from kindline.correspondence.actions import checked_address
from kindline.correspondence.errors import BadAddressError
from kindline.journal.checking import storable

NO_CONTACT = "no_contact"
KINDS = (*ClientKind.values, NO_CONTACT)
ORGANISATIONS = (ClientKind.FIRM, ClientKind.EXECUTOR, ClientKind.SUPPLIER)
"""Those that have a name of their own; a sole trader may go by his."""
REACHED_BY = ("residence", "phone", "email")


class ReachableError(RefusedError):
    """Nobody who can be answered is without contact data: choose who it is, or leave the data out (krc-6.1-60)."""

    code = "reachable"


class BadEmailError(RefusedError):
    """What was typed as an e-mail address is none (`email`): found out later, no answer reaches him."""

    code, field = "bad_email", "email"

    def __init__(self, email: str) -> None:
        self.email = email
        super().__init__(f"{email!r} is no e-mail address: correct it, or leave it out")


class NamedFirmError(RefusedError):
    """An organisation is named where a person is said to apply: choose which it is (krc-2-14)."""

    code = "firm_named"


def of(client: Client | None, said: Mapping[str, Any]) -> dict[str, str]:
    """The kind of the applicant and the organisation's name: as said, else as the client's card has it.

    Clause: krc-2-14.
    """
    name, kind = str(said.get("firm_name") or "").strip(), said.get("applicant_kind")
    if kind not in KINDS:
        carded = client is not None and client.kind != ClientKind.PERSON and bool(client.firm_name)
        kind = client.kind if client is not None and carded else ClientKind.FIRM if name else ClientKind.PERSON
    if kind in (ClientKind.PERSON, NO_CONTACT):
        return {"applicant_kind": str(kind), "firm_name": ""}
    return {"applicant_kind": str(kind), "firm_name": name or (client.firm_name if client is not None else "")}


def known_of(contact: Contact, fields: Mapping[str, str], substance: str, kinds: list[str]) -> dict[str, Any]:
    """What is known of the appeal: the caller's number, what was noted in the talk, what is given now."""
    noted = {name: value for name, value in contact.guide.get("fields", {}).items() if value not in (None, "")}
    given = {name: storable(str(value)).strip() for name, value in fields.items() if str(value).strip()}
    caller = {"phone": contact.caller} if contact.caller.startswith("+") else {}
    found = {**caller, **noted, **given}
    found["substance"] = storable(substance).strip() or found.get("substance", "")
    found["kind"] = kinds or _as_list(found.get("kind"))
    return found | of(contact.client, found)


def filled_of(known: Mapping[str, Any]) -> list[str]:
    """The fields that were given, as facts name them; who applies is always known."""
    return [name for name, value in known.items() if value and name != "applicant_kind"]


def _as_list(value: Any) -> list[str]:
    return [] if not value else [str(value)] if isinstance(value, str) else [str(one) for one in value]


def lacking(known: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """An organisation without its name cannot be written to; a sole trader needs one of the two."""
    kind, named = known["applicant_kind"], bool(known.get("firm_name"))
    wanting = kind in ORGANISATIONS or (kind == ClientKind.SOLE_TRADER and not known.get("surname"))
    return {"firm_name": ()} if wanting and not named else {}


def check_email(typed: str) -> None:
    """An e-mail address that an employee typed is one; what a client sent stays as it came. Raises: BadEmailError."""
    try:
        typed.strip() and checked_address(typed)
    except BadAddressError as error:
        raise BadEmailError(typed) from error


def check_unreachable(known: Mapping[str, Any]) -> None:
    """Whoever is said to have left no contact data has left none. Raises: ReachableError."""
    if known["applicant_kind"] == NO_CONTACT and any(known.get(name) for name in REACHED_BY):
        raise ReachableError("contact data were given: choose who applies, or leave them out")
