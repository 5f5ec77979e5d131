"""What the pages of templates of answers say: states, faults, facts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.appeals.template_faults import TemplateFault

FACTS = {
    "answer_template_drafted": _("A template of answers was drafted"),
    "answer_template_approved": _("A template of answers was approved"),
    "answer_template_withdrawn": _("A template of answers was withdrawn"),
    "answer_template_used": _("The draft was made of a template"),
}
SHOWN = {
    "": _("all"),
    "offered": _("offered"),
    "draft": _("drafts to approve"),
    "dead": _("unused for half a year"),
    "withdrawn": _("withdrawn"),
}
"""The rows that the list may show."""
FAULTS = {
    "no_title": _("Give it a title by which it is found."),
    "long_title": _("The title is too long: at most %(what)s characters."),
    "no_text": _("Write the text."),
    "long_text": _("The text is too long: at most %(what)s characters."),
    "unknown_variable": _("There is no variable %(what)s: take one of the list."),
    "brace": _("A brace without its partner: write variables as {name}."),
    "gap": _("This place to be filled in says nothing: write [[what belongs there]] on one line."),
    "no_salutation": _("A whole letter begins with the form of address: put %(what)s into the first line."),
    "missing": _("Every answer must have %(what)s: put it in, or make this a passage."),
}
MEANT = _("There is no variable %(what)s: did you mean %(near)s?")
IN_LINE = _("Line %(line)s: %(said)s")


def fault(one: TemplateFault) -> dict[str, Any]:
    """A fault in words, with its line where it is known, and its clauses."""
    said = gettext(MEANT if one.code == "unknown_variable" and one.near else FAULTS[one.code])
    said = said % {"what": one.what, "near": one.near} if "%(" in said else said
    if one.line:
        said = gettext(IN_LINE) % {"line": one.line, "said": said}
    return {"said": said, "clauses": one.clauses}
