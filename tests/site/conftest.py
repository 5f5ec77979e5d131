"""A site of an organisation, and clients who visit it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.files.conftest import place

__all__ = ["place"]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def site(settings: Any, db: None) -> Callable[[str], Profile]:
    """The site of this installation, under a profile."""

    def described(profile: str = "krc") -> Profile:
        settings.KINDLINE = {**settings.KINDLINE, "profile": profile}
        return loader.load(profile)

    return described


@pytest.fixture
def visitor() -> Browser:
    """Somebody who is not known to us."""
    return Browser(headers={"accept-language": "en"})
