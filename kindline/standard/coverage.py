"""Coverage: which clauses something in the product carries, and which of these a test names."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from kindline.standard.clauses import Clause
from kindline.standard.profile import Profile

REPOSITORY = Path(__file__).resolve().parents[2]


def report(profiles: Iterable[Profile], tested: set[str], channel: str | None = None) -> dict[str, Any]:
    """For each profile: total, covered, by_how (covered and total of each), missing and untested clauses.

    `channel` counts only the clauses of one channel.
    """
    return {profile.id: _of(profile, tested, channel) for profile in profiles}


def _of(profile: Profile, tested: set[str], channel: str | None) -> dict[str, Any]:
    cited = citations(profile)
    clauses = [clause for clause in profile.clauses.values() if channel is None or channel in clause.channel]
    carried = [clause for clause in clauses if carriers(clause, cited)]
    named = tested | {clause.id for clause in clauses if clause.examples and clause.rule}
    covered = {clause.id for clause in carried if clause.id in named}
    total = Counter(clause.how for clause in clauses)
    done = Counter(profile.clauses[name].how for name in covered)
    return {
        "total": len(clauses),
        "covered": len(covered),
        "by_how": {how: {"total": total[how], "covered": done[how]} for how in sorted(total)},
        "missing": [clause.id for clause in clauses if clause not in carried],
        "untested": [clause.id for clause in carried if clause.id not in named],
    }


def citations(profile: Profile) -> dict[str, set[str]]:
    """Clause -> in which parts of the profile it is cited: step, form, menu, service, slot, workflow and others."""
    found: dict[str, set[str]] = {}

    def cite(clauses: Iterable[str], part: str) -> None:
        for clause in clauses:
            found.setdefault(clause, set()).add(part)

    for script in profile.scripts.values():
        cite(script.cited(), "step")
    for form in profile.forms.values():
        cite(form.cited(), "form")
    if profile.menu is not None:
        cite((bound.clause for bound in profile.menu.limits.values()), "menu")
        cite((clause for prompt in profile.menu.prompts() for clause in prompt.clauses), "menu")
    for message in profile.messages.values():
        cite(message.clauses, "message")
    for service in profile.services.values():
        cite(service.clauses, "service")
    for rule in profile.deadlines:
        cite(rule.clauses, "deadline")
    wholes = ((profile.publication, "slot"), (profile.workflow, "workflow"), (profile.inspections, "inspection"))
    for whole, part in wholes:
        cite(whole.cited() if whole is not None else (), part)
    cite((lexicon.clause for lexicon in profile.lexicons if lexicon.clause), "lexicon")
    return found


def carriers(clause: Clause, cited: dict[str, set[str]]) -> list[str]:
    """What carries a clause: rule, part of the profile, component; marked for later it has none."""
    if clause.later:
        return []
    found = ["rule"] if clause.rule is not None else []
    found += sorted(cited.get(clause.id, set()) - {"lexicon"})
    if clause.component is not None and exists(clause.component):
        found.append("component")
    return found


@lru_cache(maxsize=2048)
def exists(dotted: str, root: Path = REPOSITORY) -> bool:
    """Whether a dotted name stands for a module, or a name in a module, of the repository; nothing is imported."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        file = _module(root, parts[:length])
        if file is not None:
            return length == len(parts) or _defines(file, parts[length])
    return False


def _module(root: Path, parts: list[str]) -> Path | None:
    stem = root.joinpath(*parts)
    for file in (stem.with_suffix(".py"), stem / "__init__.py"):
        if file.is_file():
            return file
    return stem if stem.is_dir() and any(stem.glob("*.py")) else None


def _defines(file: Path, name: str) -> bool:
    if file.is_dir():
        return False
    names: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return name in names


def tested_in(folder: Path) -> set[str]:
    """The clauses that the tests of a folder name: @pytest.mark.clause("…"), read without importing them."""
    found: set[str] = set()
    for file in sorted(folder.rglob("test_*.py")):
        found |= _marked(ast.parse(file.read_text(encoding="utf-8")))
    return found


def _marked(tree: ast.Module) -> set[str]:
    """The clauses named by the marker, written out or under a short name given to it in the module."""
    short = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.value).endswith("mark.clause")
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ((name := ast.unparse(node.func)) in short or name.endswith("mark.clause")):
            found |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    return found
