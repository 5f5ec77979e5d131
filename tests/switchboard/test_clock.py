"""A claimed moment is believed only with the house's own signature, and only for a short time."""

import datetime as dt

import pytest

from kindline.switchboard import clock

NOW = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
SUNDAY = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
TOKEN = "the token of the house"


def test_a_signed_moment_is_told() -> None:
    assert clock.told(clock.signed(SUNDAY, NOW, TOKEN), TOKEN, NOW + dt.timedelta(seconds=5)) == SUNDAY


def test_it_survives_the_filter_of_the_dialplan() -> None:
    claim = clock.signed(SUNDAY, NOW, TOKEN)
    assert set(claim) <= set("0123456789abcdef.")


def test_another_token_proves_nothing() -> None:
    assert clock.told(clock.signed(SUNDAY, NOW, "a guess"), TOKEN, NOW) is None


@pytest.mark.parametrize("later_s", [-61, 61, 86_400])
def test_an_old_claim_is_worth_nothing(later_s: int) -> None:
    assert clock.told(clock.signed(SUNDAY, NOW, TOKEN), TOKEN, NOW + dt.timedelta(seconds=later_s)) is None


@pytest.mark.parametrize("claim", ["", ".", "..", "1.2", "1.2.3", "x.y.z", "1.²." + "0" * 64, "12345678901"])
def test_nonsense_is_no_claim(claim: str) -> None:
    assert clock.told(claim, TOKEN, NOW) is None


def test_a_changed_moment_breaks_the_proof() -> None:
    _, issued, proof = clock.signed(SUNDAY, NOW, TOKEN).split(".")
    assert clock.told(f"{int(NOW.timestamp())}.{issued}.{proof}", TOKEN, NOW) is None
