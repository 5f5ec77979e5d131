"""The faults of the landing gate have tests, so that `scripts/faults` tries what it says; no job trusts a clock."""

import ast

from tests.architecture import code
from tests.plugins import faults


def marked() -> set[str]:
    """The faults that some test is marked with."""
    found = set()
    for path in code.files(".py", within=("tests",)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fault":
                found |= {str(word.value) for word in node.args if isinstance(word, ast.Constant)}
    return found


def test_each_fault_of_the_gate_is_tried() -> None:
    assert set(faults.GATE) - marked() == set()


def test_no_job_goes_by_the_clock_of_its_machine() -> None:
    """C2: what a sweep destroys a day too early cannot be had back. Notices are only sent, from several threads."""
    own = ("timezone.now", "datetime.now", "time.time")
    found = [
        f"{path.relative_to(code.ROOT)}: {word}"
        for path in code.PACKAGE.glob("*/tasks.py")
        if path.parent.name != "notifications"
        for word in own
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == [], "ask `journal.sweeping` for the moment"
