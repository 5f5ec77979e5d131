"""Every clause cited in code, data, tests or papers is in the register that the product carries; and that is whole."""

import re
from functools import cache

import pytest
import yaml

from tests.architecture import code

ROWS = {"krc": 633, "court": 66, "yumek": 70, "voe": 107}
CITED = re.compile(r"(?<![\w-])(?:krc|court|yumek|voe)-\d+(?:\.\d+)*-\d{2,3}(?![\w-])")
INVENTED = re.compile(r"-9\d$|-00$")
"""Numbers that tests of refusals use on purpose."""


@cache
def register() -> dict[str, list[str]]:
    """The ids of each profile's clauses, as its files list them."""
    found: dict[str, list[str]] = {}
    for path in sorted((code.ROOT / "profiles").glob("*/clauses/*.yaml")):
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or []
        found.setdefault(path.parts[-3], []).extend(row["id"] for row in rows)
    return found


@pytest.mark.parametrize("profile", ROWS)
def test_the_register_is_whole(profile: str) -> None:
    ids = register()[profile]
    assert len(ids) == len(set(ids)) == ROWS[profile]
    assert all(one.startswith(f"{profile}-") for one in ids)


def test_every_cited_clause_exists() -> None:
    known = {one for ids in register().values() for one in ids}
    unknown = {}
    for path in code.files():
        cited = set(CITED.findall(path.read_text(encoding="utf-8", errors="replace")))
        wrong = {
            one for one in cited - known if not (path.is_relative_to(code.ROOT / "tests") and INVENTED.search(one))
        }
        if wrong:
            unknown[str(path.relative_to(code.ROOT))] = sorted(wrong)
    assert unknown == {}
