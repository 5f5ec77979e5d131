"""What the clauses of one contact came to."""

from __future__ import annotations

from typing import Any

from kindline.conversations.models import Contact
from kindline.desk import house, measuring
from kindline.quality import queries as quality
from kindline.quality.models import Measurement, Verdict
from kindline.standard.profile import Profile

ORDER = {Verdict.NOT_MET: 0, Verdict.MET: 1, Verdict.NOT_MEASURABLE: 2}


def measured(contact: Contact) -> list[Measurement]:
    """The measurements of a contact, what was missed first."""
    found = [result.measurement for result in quality.of_contact(contact.pk, house.profile())]
    return sorted(found, key=lambda one: (ORDER.get(Verdict(one.verdict), 9), one.clause))


def of_contact(contact: Contact | None, profile: Profile) -> dict[str, Any] | None:
    """For the operator's screen; None while the contact goes on."""
    if contact is None or contact.closed_at is None:
        return None
    found = measured(contact)
    return {
        "contact": str(contact.pk),
        "judged": bool(found),
        "met": sum(one.verdict == Verdict.MET for one in found),
        "not_measurable": sum(one.verdict == Verdict.NOT_MEASURABLE for one in found),
        "rows": [_row(one, profile) for one in found if one.verdict != Verdict.NOT_MEASURABLE],
    }


def _row(one: Measurement, profile: Profile) -> dict[str, Any]:
    clause = profile.clauses.get(one.clause)
    return {
        "clause": one.clause,
        "text": clause.text if clause else "",
        "verdict": one.verdict,
        "observed": measuring.observed(one),
        "limit": measuring.bound(one),
    }
