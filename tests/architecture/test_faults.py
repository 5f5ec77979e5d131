"""The faults of the landing gate have tests, so that `scripts/faults` tries what it says."""

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
