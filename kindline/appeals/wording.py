"""What the surfaces call kinds, subjects and states of appeals, in the language of whoever looks."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals import queries
from kindline.standard.profile import Profile

KINDS = {
    "proposal": _("proposal"),
    "application": _("application"),
    "complaint": _("complaint"),
    "info_request": _("request for information"),
    "consultation": _("consultation"),
    "review": _("review"),
    "service_request": _("request for a service"),
    "meter_readings": _("meter readings"),
    "request_status": _("state of a request"),
    "complaint_status": _("state of a complaint"),
    "account_credentials": _("access to the personal account"),
    "bill": _("bill"),
    "authority_request": _("request of an authority"),
    "remark": _("remark"),
    "statement": _("statement"),
    "request": _("request"),
    "demand": _("demand"),
}
SUBJECTS = {
    "utility_quality": _("quality of a utility"),
    "court_decision": _("a court's decision"),
    "outside_competence": _("outside our competence"),
    "contract": _("contract"),
    "debt": _("debt"),
}


APPLICANTS = {
    "person": _("a person"),
    "firm": _("a firm"),
    "sole_trader": _("a sole trader"),
    "executor": _("an executor of utility services"),
    "supplier": _("a supplier or another organisation"),
    "no_contact": _("nobody who can be answered: no contact data"),
}
CAME_BY = {
    "post": _("by post"),
    "courier": _("by courier"),
    "client_box": _("from a client box"),
    "handed_over": _("handed over in the office"),
}


def titled(titles: Mapping[str, str], code: str) -> str:
    """A code in words; one that is not known stays readable."""
    return gettext(titles[code]) if code in titles else code.replace("_", " ")


def language() -> str:
    """The interface's language of this request: uk, ru or en."""
    return (get_language() or "en").split("-")[0]


def in_language(title: Mapping[str, str] | None) -> str:
    """A title of the profile in the interface's language."""
    if not title:
        return ""
    return title.get(language()) or title.get("en") or next(iter(title.values()), "")


def kind_title(code: str) -> str:
    """A kind of appeal in words."""
    return titled(KINDS, code)


def subject_title(code: str) -> str:
    """What an appeal is about, in words."""
    return titled(SUBJECTS, code) if code else ""


def applicant_title(code: str) -> str:
    """Who applies, in words."""
    return titled(APPLICANTS, code)


def came_by_title(code: str) -> str:
    """How a letter on paper came, in words."""
    return titled(CAME_BY, code) if code else ""


def applicants() -> list[tuple[str, str]]:
    """Who may apply, with their names."""
    return [(code, gettext(title)) for code, title in APPLICANTS.items()]


def state_title(profile: Profile, code: str) -> str:
    """The state of an appeal in words: as the profile's workflow calls it."""
    state = profile.workflow.states.get(code) if profile.workflow else None
    return in_language(state.title) if state else code.replace("_", " ")


def kinds_of(profile: Profile) -> list[dict[str, str]]:
    """The kinds of appeal that the profile knows, with their names."""
    return [{"id": kind, "title": kind_title(kind)} for kind in queries.kinds(profile)]


def subjects_of(profile: Profile) -> list[dict[str, str]]:
    """What an appeal may be about, where a deadline depends on it."""
    return [{"id": subject, "title": subject_title(subject)} for subject in queries.subjects(profile)]
