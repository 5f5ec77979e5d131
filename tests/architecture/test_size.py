"""Sizes stay human: short functions, modules that are split by noun before they grow too long."""

import statistics

from tests.architecture import code

MODULE_MAX = 400
FUNCTION_MAX = 60
FUNCTION_P90 = 30
FUNCTION_MEDIAN = 10
MODULE_MEDIAN = 120


def test_functions_are_short() -> None:
    lengths = [code.length(node) for _, node in code.functions()]
    long = [
        f"{module}.{node.name}: {code.length(node)}"
        for module, node in code.functions()
        if code.length(node) > FUNCTION_MAX
    ]
    assert long == []
    assert statistics.quantiles(lengths, n=10)[-1] <= FUNCTION_P90
    assert statistics.median(lengths) <= FUNCTION_MEDIAN


def test_modules_are_short() -> None:
    paths = [path for path in code.files(".py", within=("kindline",)) if "migrations" not in path.parts]
    lengths = {str(path.relative_to(code.ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_MAX} == {}
    assert statistics.median(lines for lines in lengths.values() if lines > 1) <= MODULE_MEDIAN
