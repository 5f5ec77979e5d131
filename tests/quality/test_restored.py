"""X4, D11: who was erased after a copy of the database was taken is erased again once it was brought back."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from kindline.runtime import postgres
from tests.plugins.postgres import PASSWORD
from tests.plugins.rude import Rude

pytestmark = [pytest.mark.timeout(600), pytest.mark.fault("X4")]
ROOT = Path(__file__).resolve().parents[2]
BEGIN = """
import datetime as dt, django
django.setup()
from kindline.clients import actions as clients
from kindline.clients.models import Client
from kindline.quality import erasure
from kindline.staff.models import Employee
from kindline.standard import loader
from tests.appeals.registry import Registry
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
def client(surname):
    fields = {"surname": surname, "given_name": "Пелагея"}
    return clients.create_client(fields=fields, points=[("phone", "+79270000001")], country="RU", via="office",
                                 actor="system", now=dt.datetime.now(dt.UTC))
def erase(one):
    erasure.erase_client(profile=loader.load("krc"), client=one, ground="заявление № 4",
                         employee=Employee.objects.get(username="director"), now=dt.datetime.now(dt.UTC))
"""
LIFE = """
here = Registry(loader.load("krc"), now=NOW)
_one, busy, _other = client("Квазимодова"), client("Занятова"), client("Остающаяся")
from kindline.appeals.models import Appeal
appeal = here.register()
Appeal.objects.filter(pk=appeal.pk).update(client=busy)
"""
LATER = """
from kindline.appeals.models import Appeal
Appeal.objects.update(end="answered", closed_at=NOW, state="closed")
for surname in ("Квазимодова", "Занятова"):
    erase(Client.objects.get(surname=surname))
erase(client("Поздняя"))
"""


class Copied:
    """A database that is copied and brought back, and an instance folder that stays."""

    def __init__(self, rude: Rude) -> None:
        self.rude, self.folder = rude, rude.folder / "instance"
        self.folder.mkdir()
        self.dump = rude.folder / "copy.dump"

    def run(self, *words: str) -> tuple[int, str]:
        """A program of ours, under krc: how it ended, what it said."""
        chosen = {
            "KINDLINE_PROFILE": "krc",
            "KINDLINE_INSTANCE": str(self.folder),
            "KINDLINE_PROFILES": str(ROOT / "profiles"),
        }
        environment = self.rude.environment() | chosen
        done = subprocess.run(
            [sys.executable, *words], env=environment, capture_output=True, text=True, check=False, cwd=ROOT
        )
        return done.returncode, done.stdout + done.stderr

    def do(self, code: str) -> None:
        """Python within the product."""
        code_, said = self.run("-c", BEGIN + code)
        assert code_ == 0, said[-3000:]

    def tool(self, program: str, *words: str) -> None:
        """A program of PostgreSQL's own."""
        command = [str(postgres.programs() / program), "--dbname", self.rude.url, *words]
        subprocess.run(command, check=True, capture_output=True, env=os.environ | {"PGPASSWORD": PASSWORD})

    def copy(self) -> None:
        """pg_dump, as the administrator does it."""
        self.tool("pg_dump", "--format=custom", "--file", str(self.dump))

    def bring_back(self) -> None:
        """The copy in the place of the database."""
        with psycopg.connect(self.rude.server.url, autocommit=True) as connection:
            connection.execute("DROP DATABASE rude WITH (FORCE)")
            connection.execute("CREATE DATABASE rude")
        self.tool("pg_restore", "--no-owner", "--single-transaction", str(self.dump))

    def surnames(self) -> set[str]:
        """Whoever stands on a card."""
        return {str(row[0]) for row in self.rude.ask("SELECT surname FROM clients_client")}


@pytest.fixture
def here(rude: Rude) -> Copied:
    """An installation."""
    return Copied(rude)


def test_who_was_erased_since_the_copy_is_erased_again_and_nobody_else(here: Copied) -> None:
    here.do(LIFE)
    here.copy()
    here.do(LATER)
    assert here.surnames() == {"", "Остающаяся"}
    ledger = here.folder / "erasures.jsonl"
    lines = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    assert [set(line) for line in lines] == [{"client", "made_at", "erased_at", "profile", "by"}] * 3
    assert "заявление" not in json.dumps(lines, ensure_ascii=False)
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600
    here.bring_back()
    here.do('client("Новая")')  # has the key of the one who came after the copy
    assert here.surnames() == {"Квазимодова", "Занятова", "Остающаяся", "Новая"}
    code, said = here.run("-m", "kindline.runtime", "restored", "--by", "director")
    assert code == 1, said
    assert (said.count("erased again"), said.count("waits: "), said.count("is not in this copy")) == (1, 1, 1)
    assert here.surnames() == {"", "Занятова", "Остающаяся", "Новая"}
    grounds = here.rude.ask("SELECT ground FROM quality_erasure")
    assert [str(row[0])[:5] for row in grounds] == ["Снова"]
    here.do("from kindline.appeals.models import Appeal\nAppeal.objects.update(end='answered', closed_at=NOW)")
    code, said = here.run("-m", "kindline.runtime", "restored", "--by", "director")
    assert (code, said.count("erased again")) == (0, 1)
    assert here.surnames() == {"", "Остающаяся", "Новая"}


def test_what_a_kill_left_out_or_cut_off_is_noted_later(here: Copied) -> None:
    here.do(LIFE)
    ledger = here.folder / "erasures.jsonl"
    here.do('erase(Client.objects.get(surname="Квазимодова"))')
    whole = ledger.read_text(encoding="utf-8")
    ledger.write_text(whole[:20], encoding="utf-8")
    here.do(
        "from kindline.quality import erased_ledger\nassert erased_ledger.note() == 1\nassert erased_ledger.note() == 0"
    )
    assert ledger.read_text(encoding="utf-8") == f"{whole[:20]}\n{whole}"
    ledger.unlink()
    here.do("from kindline.quality import erased_ledger\nassert erased_ledger.note() == 1")
    assert ledger.read_text(encoding="utf-8") == whole
    code, said = here.run("-m", "kindline.runtime", "restored", "--by", "director")
    assert (code, said) == (0, "nobody was erased who is not erased here\n")
