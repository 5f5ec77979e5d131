"""Organisations with a registry."""

import pytest

from tests.appeals.registry import Registry, registry


@pytest.fixture
def krc(db: None) -> Registry:
    """The settlement centre."""
    return registry("krc")


@pytest.fixture
def court(db: None) -> Registry:
    """The contact centre of the courts."""
    return registry("court")
