"""Every setting is documented, and every documented setting is read somewhere."""

import ast
import re

from tests.architecture import code

DIALPLAN = {"KINDLINE_HEARTBEAT", "KINDLINE_APP", "KINDLINE_REFUSED"}
"""Variables of the telephone engine's own language, not of the environment."""
PAPER = code.ROOT / "docs" / "settings.md"


def read() -> set[str]:
    """The names of our variables that the package or its tests read."""
    names = set()
    for path in code.files(".py", within=("kindline", "tests", "benches")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names |= set(re.findall(r"^KINDLINE_[A-Z_]*[A-Z]$", node.value))
    return names - DIALPLAN


def documented() -> set[str]:
    """The names that the paper explains, one a row of a table."""
    return set(re.findall(r"^\| `(KINDLINE_[A-Z_]+)`", PAPER.read_text(encoding="utf-8"), re.MULTILINE))


def test_settings_and_their_paper_agree() -> None:
    assert read() - documented() == set()
    assert documented() - read() == set()
