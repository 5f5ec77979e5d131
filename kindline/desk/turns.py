"""One request about one contact, as the page posts it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from kindline.clients.models import Client
from kindline.conversations.errors import MissingFieldsError
from kindline.conversations.models import Contact
from kindline.desk import refusals
from kindline.desk.bodies import text_of
from kindline.desk.typed import moment_of
from kindline.staff.models import Employee

Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """One request about one contact."""

    contact: Contact
    me: Employee
    now: dt.datetime
    body: Said

    @property
    def by(self) -> Said:
        """Who acts, and when: every action takes both."""
        return {"contact": self.contact, "employee": self.me, "now": self.now}

    def text(self, name: str) -> str:
        """A text that was posted."""
        return text_of(self.body, name)

    def moment(self, name: str) -> dt.datetime | None:
        """A time typed on the organisation's clock. Raises: ValidationError."""
        typed = self.text(name)
        if not typed:
            return None
        found = moment_of(typed)
        if found is None:
            raise ValidationError({name: gettext(refusals.NOT_A_TIME)})
        return found

    def day(self, name: str) -> dt.date | None:
        """A typed day. Raises: ValidationError."""
        typed = self.text(name)
        if not typed:
            return None
        try:
            return dt.date.fromisoformat(typed)
        except ValueError as error:
            raise ValidationError({name: gettext(refusals.BY_CODE["not_a_day"])}) from error


def client_of(turn: Turn) -> Client:
    """Of whom is spoken: the client of the contact, and the one who stood on the page where it names him.

    Raises: MissingFieldsError where nobody is known, or another one was taken for the caller meanwhile.
    """
    client = turn.contact.client
    if client is None or turn.body.get("client", client.pk) != client.pk:
        raise MissingFieldsError({"client": ()})
    return client
