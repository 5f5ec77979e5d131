"""The escalation ladder of a workflow: its rungs, of what they are, to whom."""

from __future__ import annotations

from dataclasses import dataclass

from kindline.standard.terms import Term

ADDRESSEES = ("executor", "unit_head", "profile_head", "director", "site_administrator", "responsible")
TERMS = ("limit", "target", "data", "forwarding")
"""Of an appeal: its limit, its own target, the day until which the applicant sends what he was asked for, the limit of
one that belongs elsewhere, as long as it lies here.
"""
UNDERTAKINGS = ("measure", "enquiry", "stage")
"""What was undertaken for an appeal, or is a stage of the service asked for: a day of its own, somebody responsible."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the escalation ladder: how long before or after a limit, and who is told.

    `of`: the limit or the own target of an appeal, the day of data that it waits for, the limit by which it is to be
    forwarded; that of a corrective measure, an enquiry or a stage.
    """

    id: str
    of: str
    side: str
    term: Term
    to: tuple[str, ...]
    clauses: tuple[str, ...] = ()
