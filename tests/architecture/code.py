"""The code as these tests see it: its files, its tiers, its names."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "kindline"
OURS = ("kindline", "tests", "scripts", "benches", "profiles", "docs", "frontend", "requirements")
NOT_OURS = {"node_modules", "__pycache__", "build", "dist", ".vite"}
TEXTS = {
    ".py",
    ".yaml",
    ".html",
    ".ts",
    ".css",
    ".md",
    ".txt",
    ".toml",
    ".tmpl",
    ".po",
    ".json",
    ".in",
    ".xml",
    ".sh",
    "",
}


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package, by its dotted name, without the migrations."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        words = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(words[:-1] if words[-1] == "__init__" else words)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


@cache
def tiers() -> dict[str, int]:
    """The tier of each package, from the contract in pyproject.toml: 0 is the lowest."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    names = [[part.strip(" ()") for part in layer.split("|")] for layer in reversed(layers)]
    return {name: height for height, layer in enumerate(names) for name in layer}


def files(*suffixes: str, within: tuple[str, ...] = OURS) -> Iterator[Path]:
    """Our own files with one of the endings (none given: all texts), nothing that was built or fetched."""
    for folder in within:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and not NOT_OURS & set(path.parts) and path.suffix in (suffixes or TEXTS):
                yield path


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of the package with the name of its module."""
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name, node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its decorators, signature and docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
