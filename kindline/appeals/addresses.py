"""Addresses of the employees' pages as letters carry them: they lie above this package and come by settings."""

from __future__ import annotations

from django.conf import settings


def of(page: str, key: object = "") -> str:
    """The address of a page, of one row's where a key is given; empty while the instance does not know its own."""
    return f"{settings.PUBLIC_URL}{settings.EMPLOYEE_PAGES[page].format(key)}" if settings.PUBLIC_URL else ""
