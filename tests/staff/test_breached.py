"""A list of leaked passwords is looked into where there is one (X1, ASVS 6.2.12)."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from kindline.staff import breached

pytestmark = [pytest.mark.db, pytest.mark.fault("X1")]
LEAKED = ["qwegta13091990", "ichliebedich", "мамамыларамувчера"]


def listed(path: Path, passwords: list[str], *, end: str = ":7\r\n") -> Path:
    """The list as its makers write it."""
    hashes = sorted(hashlib.sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in passwords)
    path.write_bytes("".join(f"{one}{end}" for one in hashes).encode())
    return path


@pytest.mark.parametrize("end", [":7\r\n", "\n", ":123456\n"])
def test_each_of_the_list_is_found_and_nothing_else(tmp_path: Path, chance: random.Random, end: str) -> None:
    many = [f"word {chance.random()}" for _ in range(200)]
    path = listed(tmp_path / "list", many, end=end)
    assert all(breached.is_in(path, one) for one in many)
    assert not any(breached.is_in(path, f"{one}!") for one in many)
    assert not breached.is_in(listed(tmp_path / "empty", []), "word")


@pytest.mark.parametrize("password", LEAKED)
def test_a_leaked_password_is_refused_where_there_is_a_list(tmp_path: Path, settings: Any, password: str) -> None:
    settings.BREACHED_PASSWORDS = str(listed(tmp_path / "list", LEAKED))
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert "password_breached" in {one.code for one in refused.value.error_list}
    validate_password("тихий вітер над річкою")


def test_a_list_that_is_not_there_refuses_nobody(tmp_path: Path, settings: Any) -> None:
    settings.BREACHED_PASSWORDS = str(tmp_path / "none")
    validate_password("тихий вітер над річкою")
