"""The OpenAPI document and its page: there for everybody, from this installation alone."""

from __future__ import annotations

import re

import pytest
from django.test import Client as Browser


@pytest.mark.db
def test_the_document_says_how_refusals_look(client: Browser) -> None:
    document = client.get("/api/v1/openapi.json").json()
    for operations in document["paths"].values():
        for operation in operations.values():
            refusals = {code: told for code, told in operation["responses"].items() if int(code) >= 400}
            assert {"401", "403", "429"} <= set(refusals)
            assert all([*told["content"]] == ["application/problem+json"] for told in refusals.values())
            assert operation["security"] == [{"PersonalToken": []}]


@pytest.mark.db
def test_its_page_asks_nobody_else(client: Browser) -> None:
    page = client.get("/api/v1/docs").content.decode()
    assert re.findall(r'(?:src|href)="(https?:)?//', page) == []
    assert "swagger" in page
