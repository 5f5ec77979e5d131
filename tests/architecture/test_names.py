"""Names say what a thing is: the empty ones are not used."""

import ast

from tests.architecture import code

EMPTY_MODULES = {
    "utils",
    "util",
    "common",
    "core",
    "helpers",
    "helper",
    "misc",
    "base",
    "manager",
    "managers",
    "services",
}
EMPTY_ENDINGS = ("Manager", "Handler", "Helper", "Service", "Util", "Utils", "Data", "Wrapper", "Processor")


def test_no_module_has_an_empty_name() -> None:
    assert [name for name in code.modules() if EMPTY_MODULES & set(name.split("."))] == []


def test_no_class_has_an_empty_name() -> None:
    classes = [
        f"{module}.{node.name}"
        for module, tree in code.modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    assert [name for name in classes if name.endswith(EMPTY_ENDINGS)] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name, tree in code.modules().items() if tree.body and ast.get_docstring(tree) is None]
    assert [name for name in silent if not name.endswith((".apps", ".models"))] == []


def test_every_action_query_and_rule_is_described() -> None:
    silent = [
        f"{module}.{node.name}"
        for module, tree in code.modules().items()
        if module.split(".")[-1] in {"actions", "queries"} or ".rules." in module
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and ast.get_docstring(node) is None
    ]
    assert silent == []
