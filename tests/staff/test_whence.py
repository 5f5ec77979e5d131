"""Who counts as one sender (faults W3, X1): no bound is got round by taking one address after another."""

from __future__ import annotations

import pytest

from kindline.staff import whence


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("", ""),
        ("::ffff:203.0.113.9", "203.0.113.0/24"), ("nowhere", ""),
    ],
)  # fmt: skip
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert whence.network_of(address) == network


@pytest.mark.parametrize(
    ("address", "subscriber"),
    [
        ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"), ("", ""), ("nowhere", "nowhere"),
    ],
)  # fmt: skip
def test_a_subscriber_of_ipv6_is_one_sender_however_many_addresses_he_takes(address: str, subscriber: str) -> None:
    assert whence.subscriber_of(address) == subscriber
