"""What an employee does at the counter beside the talk: documents, results, contact data. Each is one action below."""

from __future__ import annotations

from collections.abc import Callable

from kindline.conversations import actions as conversations
from kindline.desk.bodies import texts_of
from kindline.desk.turns import Said, Turn


def _check_documents(turn: Turn) -> None:
    marks, due_on = texts_of(turn.body, "marks"), turn.day("due_on")
    conversations.check_documents(**turn.by, service=_service(turn), marks=marks, due_on=due_on)


def _accept_documents(turn: Turn) -> Said:
    return {"number": conversations.accept_documents(**turn.by).number}


def _hand_over(turn: Turn) -> None:
    said = texts_of(turn.body, "fields")
    what, to = said.get("result_what", ""), said.get("result_to", "")
    conversations.hand_over_result(**turn.by, what=what, to=to, service=_service(turn))


def _contact_data(turn: Turn) -> None:
    said = texts_of(turn.body, "fields")
    phone, email, residence = (said.get(name, "") for name in ("phone", "email", "residence"))
    conversations.confirm_contact_data(**turn.by, phone=phone, email=email, residence=residence)


def _service(turn: Turn) -> str:
    """The service that was posted, else the one chosen in the talk."""
    return turn.text("service") or str(turn.contact.guide.get("fields", {}).get("service") or "")


DEEDS: dict[str, Callable[[Turn], Said | None]] = {
    "check-documents": _check_documents,
    "accept-documents": _accept_documents,
    "hand-over": _hand_over,
    "contact-data": _contact_data,
}
