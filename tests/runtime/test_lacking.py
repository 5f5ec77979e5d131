"""A run with a database of one's own, and where no engine can be had: the rest runs, the screens say what is off."""

from __future__ import annotations

import http.cookiejar
import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kindline.runtime import phone, shape
from tests.plugins.postgres import Server
from tests.plugins.product import ROOT, Product, launch

pytestmark = pytest.mark.db
PARTS = {"web", "live", "worker", "judge", "campaigns", "letters"}
PASSWORD = "a long enough word"
EMPLOYEE = f"""
from kindline.staff.models import Employee
who = Employee(username="first", surname="S", given_name="A", roles=["operator"], number=1, language="en")
who.set_password({PASSWORD!r})
who.save()
"""


@pytest.fixture
def outside(pg: Server) -> Iterator[str]:
    """A database at another server, as an organisation gives it: nothing in it but today's tables."""
    with psycopg.connect(pg.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE of_ones_own")
        url = pg.url.replace("/postgres", "/of_ones_own")
        shape.restored(url, "long")  # else the migrations make them, which takes longer and comes to the same
        yield url
        connection.execute("DROP DATABASE of_ones_own WITH (FORCE)")


@pytest.fixture
def lacking(outside: str, tmp_path: Path) -> Iterator[Product]:
    """A product that was given a database, and an engine that does not start."""
    told = {"KINDLINE_DATABASE_URL": outside, "KINDLINE_ASTERISK_ROOT": str(tmp_path / "nothing")}
    made = launch(tmp_path / "instance", "--profile", "voe", "--empty", told=told)
    yield made
    made.stop()


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def log_in(product: Product, username: str) -> urllib.request.OpenerDirector:
    """A browser in which an employee has logged in."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(f"{product.url}/login/", timeout=30) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
    assert token is not None
    fields = {"csrfmiddlewaretoken": token[1], "username": username, "password": PASSWORD}
    browser.open(f"{product.url}/login/", urllib.parse.urlencode(fields).encode(), timeout=30).close()
    return browser


def test_with_another_database_and_without_an_engine_the_rest_runs(lacking: Product, outside: str) -> None:
    lacking.wait(lambda: set(lacking.state()["parts"]) == PARTS, 120)
    lacking.wait(lambda: all(part["state"] == "up" for part in lacking.state()["parts"].values()), 120)
    assert "KINDLINE_DATABASE_URL is used" in lacking.said()
    assert not lacking.instance.postgres_folder.exists()
    assert rows(outside, "SELECT count(*) > 2 FROM wagtailcore_page") == [(True,)]
    assert rows(outside, "SELECT DISTINCT application_name FROM pg_stat_activity WHERE application_name = 'web'")

    why = f"{lacking.told['KINDLINE_ASTERISK_ROOT']}/usr/sbin/asterisk does not start"
    assert f"the phone is off: {why}" in lacking.said()
    assert phone.told(lacking.instance.phone_file) == phone.Phone(up=False, reason=why)
    command = [sys.executable, "-m", "kindline.runtime", "manage", "shell", "-v", "0", "-c", EMPLOYEE]
    subprocess.run(command, cwd=ROOT, env=lacking.environment(), check=True, capture_output=True)
    with log_in(lacking, "first").open(f"{lacking.url}/desk/state.json", timeout=30) as answer:
        assert json.load(answer)["phone"] == {"up": False, "reason": why}
    assert lacking.stop() == 0
