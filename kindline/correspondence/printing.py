"""Letters as PDF on the letterhead (WeasyPrint, PDF/A), and the label with the number of one that came in (segno)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from kindline.correspondence import pdfs, wording
from kindline.correspondence.addressing import NOBODY, Person, addressee, of_client
from kindline.correspondence.models import Paper
from kindline.files import queries, taking
from kindline.standard.profile import Profile


def pdf(paper: Paper, profile: Profile) -> bytes:
    """The letter as PDF/A. Raises: PrintingUnavailableError."""
    return pdfs.joined([laid_out(paper, profile)])


def laid_out(paper: Paper, profile: Profile) -> Any:
    """The letter, to be written alone and with others (`pdfs.joined`). Raises: PrintingUnavailableError."""
    return pdfs.rendered(html(paper, profile))


def html(paper: Paper, profile: Profile) -> str:
    """The letter on the letterhead: number and date, addressee in the dative, text, signature, executor."""
    context = {
        "paper": paper,
        "company": profile.variable("company") or profile.body,
        "department": profile.variable("department") or "",
        "contacts": profile.contacts,
        "date": wording.shown_date(paper.registered_at, profile),
        "addressee": addressee(paper.language, person_of(paper)),
        "enclosed": [one.file.shown_name for one in queries.of(paper.owner).filter(role=taking.ANSWER)],
        "executor": _not_said(paper),
        "answers_date": wording.shown_date(paper.answers.registered_at, profile) if paper.answers else "",
    }
    with translation.override(paper.language):
        return render_to_string("correspondence/letter.html", context)


def _not_said(paper: Paper) -> dict[str, str]:
    """The executor's name, phone and e-mail as far as the text (as that of an answer) does not give them."""
    who = paper.executor
    if who is None:
        return {}
    known = {"name": str(who), "phone": who.phone, "email": who.email}
    return {what: said for what, said in known.items() if said and said not in paper.text}


def person_of(paper: Paper) -> Person:
    """To whom the letter goes, or who wrote it."""
    card = of_client(paper.client) if paper.client else NOBODY
    return Person(
        paper.surname, paper.given_name, paper.patronymic, card.gender, paper.firm_name, card.address_as, card.dative_as
    )  # fmt: skip


def label(paper: Paper) -> str:
    """The number as a QR code (SVG), to be printed and stuck on the letter."""
    return code(paper.number)


def label_pdf(number: str, lines: Sequence[str]) -> bytes:
    """A label of 62 x 29 mm: the code, the number, a few lines beside it. Raises: PrintingUnavailableError."""
    context = {"number": number, "lines": [line for line in lines if line], "code": code(number)}
    return pdfs.made(render_to_string("correspondence/label.html", context))


def code(number: str) -> str:
    """A number as a QR code (SVG)."""
    import segno  # noqa: PLC0415 - only where a label is printed

    out = io.BytesIO()
    segno.make(number, error="m", micro=False).save(out, kind="svg", scale=4, xmldecl=False, svgns=True)
    return out.getvalue().decode("utf-8")
