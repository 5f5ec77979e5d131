"""A program that asks the API: its token, its keys, its requests."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from kindline.staff import tokens
from kindline.staff.models import Employee, Scope, Token

APPLICANT = {
    "surname": "Коваль",
    "given_name": "Ольга",
    "patronymic": "Петровна",
    "residence": "ул. Лесная, 1",
    "phone": "+79210000001",
    "email": "koval@example.org",
}
APPEAL = {"kind": "application", "substance": "Пересчитайте плату за отопление", "applicant": APPLICANT}
APPEALS = "/api/v1/appeals"


@dataclass
class Program:
    """An outside program with a token."""

    token: Token
    text: str
    language: str = "en"
    browser: Browser = field(default_factory=lambda: Browser(raise_request_exception=False))

    def get(self, path: str = APPEALS, **query: Any) -> Any:
        """A GET."""
        return self.browser.get(path, query, headers=self._headers())

    def post(self, path: str = APPEALS, body: Any = None, key: str | None = "", **headers: str) -> Any:
        """A POST under a key of its own, the key given, or (None) without one."""
        if key is not None:
            headers["Idempotency-Key"] = key or str(uuid.uuid4())
        content = json.dumps(APPEAL if body is None else body)
        return self.browser.post(
            path, content, content_type="application/json", headers=self._headers() | headers
        )  # fmt: skip

    def attach(self, appeal: int, content: bytes, name: str = "a.txt", key: str = "") -> Any:
        """A file to an appeal."""
        headers = self._headers() | {"Idempotency-Key": key or str(uuid.uuid4())}
        return self.browser.post(
            f"{APPEALS}/{appeal}/attachments", {"file": SimpleUploadedFile(name, content)}, headers=headers
        )  # fmt: skip

    def photo(self, reading: int, content: bytes, name: str = "meter.jpg") -> Any:
        """A photo of a meter to a reading."""
        file = SimpleUploadedFile(name, content)
        return self.browser.post(f"/api/v1/readings/{reading}/photos", {"file": file}, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}", "Accept-Language": self.language}


def somebody(username: str, *roles: str, **fields: Any) -> Employee:
    """An employee."""
    return Employee.objects.create(username=username, roles=list(roles), **fields)


def program(employee: Employee, *scopes: str, days: int = 30, rate: int = 60_000, **more: Any) -> Program:
    """A program with a token in somebody's name."""
    now = more.pop("now", timezone.now())
    token, text = tokens.issue_token(
        employee=employee, title="site", scopes=scopes or [*Scope.values], days=days, requests_a_minute=rate,
        by=None, now=now,
    )  # fmt: skip
    return Program(token, text, **more)


DAY = dt.timedelta(days=1)
