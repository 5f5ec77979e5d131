"""A letter on paper being written: to whom, on what, who signs it; what the standard misses in it is named."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kindline.correspondence import papers, wording
from kindline.correspondence.addressing import Person
from kindline.correspondence.errors import CorrespondenceError, UnfitLetterError
from kindline.correspondence.models import Paper
from kindline.correspondence.norms import Draft
from kindline.correspondence.papers import Signed
from kindline.desk import access, house, mail_words
from kindline.desk.papers import fresh_key
from kindline.desk.wording import titled
from kindline.staff.models import Employee

FIELDS = "surname given_name patronymic firm_name address subject text signer answers key".split()
TEMPLATE = "answer_paper"


@require_http_methods(["GET", "HEAD", "POST"])
@access.for_roles(*access.LETTERS)
def write(request: HttpRequest) -> HttpResponseBase:
    """Write a letter, or with `?answers=` the answer to one that came; it gets its number and is to be printed.

    Clause: krc-5.8-12, krc-6.1-45.
    """
    typed = (
        {name: request.POST.get(name, "").strip() for name in FIELDS} if request.method == "POST" else fresh(request)
    )
    faults: list[str] = []
    if request.method == "POST":
        made = _write(typed, access.employee_of(request), faults)
        if made is not None:
            return redirect("paper", paper=made.pk)
    context = {"typed": typed, "faults": faults, "signers": signers(), "answered": answered(typed)}
    return render(request, "desk/letter_form.html", context, status=422 if faults else 200)


def fresh(request: HttpRequest) -> dict[str, str]:
    """An empty form, or one addressed to the writer of a letter that came."""
    typed = dict.fromkeys(FIELDS, "") | {"key": fresh_key()}
    came = answered({"answers": request.GET.get("answers", "")})
    if came is not None:
        typed |= {name: getattr(came, name) for name in ("surname", "given_name", "patronymic", "firm_name", "address")}
        typed["answers"] = str(came.pk)
    return typed


def answered(typed: dict[str, str]) -> Paper | None:
    """The letter that is answered."""
    number = typed["answers"]
    return Paper.objects.filter(pk=int(number), direction=papers.IN).first() if number.isdecimal() else None


def signers() -> list[Employee]:
    """Who may sign letters: those in charge."""
    rows = Employee.objects.filter(is_active=True, roles__overlap=[str(role) for role in access.IN_CHARGE])
    return list(rows.order_by("surname", "given_name", "pk"))


def _write(typed: dict[str, str], me: Employee, faults: list[str]) -> Paper | None:
    signer = next((one for one in signers() if str(one.pk) == typed["signer"]), None)
    faults += [said for name, said in _needed().items() if not typed[name]]
    if not (typed["surname"] or typed["given_name"] or typed["firm_name"]):
        faults.append(_("Say to whom the letter goes."))
    if signer is None:
        faults.append(_("Choose who signs."))
    if faults or signer is None:
        return None
    signed, profile = Signed(me, signer, answered(typed)), house.profile()
    try:
        return papers.write_letter(
            profile=profile, key=typed["key"] or fresh_key(), draft=_draft(typed), address=typed["address"],
            signed=signed, employee=me, now=timezone.now(),
        )  # fmt: skip
    except UnfitLetterError as error:
        faults += [mail_words.breach(one.part, one.wanted, one.clauses) for one in error.breaches]
    except CorrespondenceError as error:
        faults.append(titled(mail_words.REFUSALS, error.code))
    return None


def _draft(typed: dict[str, str]) -> Draft:
    """The text with the salutation that the standard's own text puts before it."""
    profile = house.profile()
    person = Person(typed["surname"], typed["given_name"], typed["patronymic"], firm_name=typed["firm_name"])
    occasion = wording.Occasion(profile.language, person, "paper", {"text": typed["text"]})
    draft = wording.written(profile, TEMPLATE, occasion)
    return Draft(
        typed["subject"], draft.text, draft.language, draft.origin, person, draft.template, draft.template_version
    )


def _needed() -> dict[str, str]:
    return {
        "subject": _("Say in a few words what the letter is about."),
        "text": _("Write the letter."),
        "address": _("Write the postal address."),
    }
