"""What is wrong in the text of a template: what nobody could fill in, and what the standard demands of every answer."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kindline.appeals.template_filling import VARIABLES
from kindline.correspondence import norms
from kindline.standard import gaps, placeholders
from kindline.standard.profile import Profile

TITLE_MAX, TEXT_MAX = 200, 20_000
ORIGINS = ("email", "paper", "web")
EXECUTOR = ("executor_name", "executor_phone", "executor_email")


@dataclass(frozen=True, slots=True)
class Content:
    """A template as it was typed: what it is called, for which appeals it is, its text."""

    title: str
    text: str
    language: str
    topics: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """A fault: its code (see `desk.template_words`), the line (0: of the whole), what, what was meant, clauses."""

    code: str
    line: int = 0
    what: str = ""
    near: str = ""
    clauses: tuple[str, ...] = ()


def find(profile: Profile, content: Content) -> list[TemplateFault]:
    """Everything that keeps a template from being approved; nothing where it is good."""
    return [*_of_title(content), *_of_text(content.text), *_of_gaps(content.text), *_demanded(profile, content)]


def _of_title(content: Content) -> Iterator[TemplateFault]:
    if not content.title.strip():
        yield TemplateFault("no_title")
    if len(content.title) > TITLE_MAX:
        yield TemplateFault("long_title", what=str(TITLE_MAX))
    if not content.text.strip():
        yield TemplateFault("no_text")
    if len(content.text) > TEXT_MAX:
        yield TemplateFault("long_text", what=str(TEXT_MAX))


def _of_text(text: str) -> Iterator[TemplateFault]:
    """Variables that there are not, braces without a partner."""
    for line, said in enumerate(text.splitlines(), 1):
        for name in placeholders.names(said):
            if name != "gender" and name not in VARIABLES:
                close = difflib.get_close_matches(name, VARIABLES, n=1)
                yield TemplateFault("unknown_variable", line, f"{{{name}}}", f"{{{close[0]}}}" if close else "")
        rest = placeholders.FOUND.sub("", said)
        if "{" in rest or "}" in rest:
            yield TemplateFault("brace", line)


def _of_gaps(text: str) -> Iterator[TemplateFault]:
    """Marks that say nothing: empty, or a half of one."""
    return (TemplateFault("gap", gap.line) for gap in gaps.find(text) if not gap.words)


def _demanded(profile: Profile, content: Content) -> Iterator[TemplateFault]:
    """What every answer must have, a whole letter must bring: salutation first, the executor's data, fixed words."""
    if not content.is_whole or not content.text.strip():
        return
    named = set(placeholders.names(content.text))
    first = next((line for line in content.text.splitlines() if line.strip()), "")
    if (clauses := _salutation(profile)) and "salutation" not in placeholders.names(first):
        yield TemplateFault("no_salutation", what="{salutation}", clauses=clauses)
    for check in profile.workflow.letter if profile.workflow else ():
        if check.when != "always" or check.subjects:
            continue
        if check.what in EXECUTOR and check.what not in named:
            yield TemplateFault("missing", what=f"{{{check.what}}}", clauses=check.clauses)
        if check.what == "words" and not _says(content.text, check.words):
            yield TemplateFault("missing", what=" / ".join(check.words), clauses=check.clauses)


def _salutation(profile: Profile) -> tuple[str, ...]:
    found = (clause.id for origin in ORIGINS for clause in norms.of(profile, norms.SALUTATION, origin))
    return tuple(dict.fromkeys(found))


def _says(text: str, words: Iterable[str]) -> bool:
    return any(norms.folded(word) in norms.folded(text) for word in words)
