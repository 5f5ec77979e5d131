"""The second wall: where a page has lost its filter, the database shows nothing of a neighbour (ASVS 8.4.1, ADR 77)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Appeal, AppealMessage
from kindline.clients.login_models import Entry, Login
from kindline.clients.models import Account, ContactPoint
from kindline.connectors.billing.models import ChargedRow
from kindline.correspondence.models import Outgoing, Thread
from kindline.runtime import doors, preparation
from kindline.site.account import pages, sessions, sheets, wall
from kindline.site.models import AccountSession, Consultation, EmailChange, Meeting, Submission
from kindline.staff import actions as staff
from kindline.standard.profile import Profile
from tests.readings.conftest import Household, account_of, household, meter
from tests.site.account.conftest import seat
from tests.site.account.test_account import PASSWORD

__all__ = ["household"]
pytestmark = [pytest.mark.db, pytest.mark.usefixtures("quick_passwords")]
MARK = "Сосед"
"""What of the neighbour's would be seen."""
TABLES = [table for table in wall.OWN if table != "staff_employee"]


@pytest.fixture
def mine(site: Callable[[str], Profile], household: Household) -> Login:
    """Whose pages are looked at."""
    site("krc")
    return _person(household.account, "elkin@example.com", "Ёлкин")


@pytest.fixture
def neighbour(mine: Login, household: Household) -> Login:
    """Somebody else, with something in every place."""
    other = account_of("7654321")
    other.premise.street = f"{MARK}ская"
    other.premise.save()
    theirs = meter(other, f"{MARK}-1", "kWh", 5, [""])
    line = household.line("5", zone="", meter=theirs.number)
    household.send(type(line)(other.number, theirs.number, "", "5", "2026-03-20"), key=MARK, channel="office")
    return _person(other, "sosed@example.com", MARK)


@pytest.fixture
def owner(mine: Login, neighbour: Login) -> Iterator[Browser]:
    """He is in, in a browser that knows nothing yet."""
    browser = Browser(headers={"accept-language": "en"})
    seat(browser, mine)
    cache.clear()
    yield browser
    cache.clear()


def _person(account: Account, email: str, surname: str) -> Login:
    now = timezone.now()
    login = Login.objects.create(email=email, password=make_password(PASSWORD), made_at=now)
    login.accounts.add(account)
    account.client.surname, account.client.kind, account.client.firm_name = surname, "firm", surname
    account.client.save()
    ContactPoint.objects.create(client=account.client, kind="email", value=f"{surname}@example.com")
    browser = Browser(headers={"accept-language": "en"})
    seat(browser, login)
    asked = {"account": account.number, "kind": "complaint", "substance": f"{surname} спрашивает", "consent": "on"}
    assert browser.post("/account/ask/", asked | {"key": str(uuid.uuid4())}).status_code == 302
    appeal = Appeal.objects.get(submission__login=login)
    AppealMessage.objects.create(appeal=appeal, text=f"{surname} пишет", made_at=now)
    Entry.objects.create(login=login, at=now, way="password", entered=True, browser=f"{surname}/1 (X11; {surname})")
    AccountSession.objects.filter(login=login).update(browser=f"{surname}/1")
    EmailChange.objects.create(login=login, email=f"new-{email}", digest="0" * 64, ends_at=now)
    Outgoing.objects.create(
        key=f"told {surname}", message_id=f"<{login.pk}@x>", recipient=email, subject=surname, text=surname,
        thread=Thread.objects.create(number=surname, started_at=now), language="ru", queued_at=now,
    )  # fmt: skip
    return login


def _rows(table: str, login: int | None) -> set[Any]:
    """The keys that are seen in a table without any filter: by a log-in, or by the owner of the tables."""
    model = next(one for one in apps.get_models(include_auto_created=True) if one._meta.db_table == table)
    if login is None:
        return set(model._default_manager.values_list("pk", flat=True))
    with wall.behind(login):
        return set(model._default_manager.values_list("pk", flat=True))


def test_no_row_is_seen_by_two_people_whatever_is_asked(mine: Login, neighbour: Login) -> None:
    tried = []
    for table in TABLES:
        here, there = _rows(table, mine.pk), _rows(table, neighbour.pk)
        assert not here & there, table
        assert _rows(table, 0) == set(), table
        assert here | there <= _rows(table, None), table
        tried += [table] if here and there else []
    assert {
        "clients_login", "clients_login_accounts", "clients_account", "clients_client", "clients_contactpoint",
        "clients_premise", "clients_entry", "appeals_appeal", "appeals_appealmessage", "readings_meter",
        "readings_reading", "readings_sending", "correspondence_outgoing", "site_submission", "site_accountsession",
        "site_emailchange",
    } <= set(tried)  # fmt: skip


def test_of_employees_nothing_is_seen_and_other_tables_are_closed(mine: Login) -> None:
    staff.create_employee(username="anna", password=PASSWORD, fields={})
    assert _rows("staff_employee", mine.pk) == set()
    for table in ("journal_fact", "django_session", "conversations_contact", "clients_ticket"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), wall.behind(mine.pk):
            connection.cursor().execute(f"SELECT 1 FROM {table}")  # noqa: S608 - a word of this test


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_nothing_is_changed_behind_it_not_even_ones_own(mine: Login, verb: str) -> None:
    rows = Account.objects.filter(logins=mine)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), wall.behind(mine.pk):
        rows.update(balance=0) if verb == "update" else Login.objects.all().delete()
    assert Account.objects.filter(logins=mine).exists()


def test_whoever_comes_next_on_the_connection_is_held_by_nothing(mine: Login, neighbour: Login) -> None:
    def role() -> tuple[str, str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('role'), coalesce(current_setting('kindline.client', true), '')")
            name, who = cursor.fetchone()
        return str(name), str(who)

    with wall.behind(mine.pk):
        assert role() == (wall.ROLE, str(mine.pk))
    assert role() == ("none", "")
    with pytest.raises(ValueError, match="page"), wall.behind(mine.pk):
        raise ValueError("page")
    assert role() == ("none", "")


PAGES = {
    "/account/": True, "/account/ask/": False, "/account/data/": True, "/account/email/": False,
    "/account/export/": True, "/account/people/": False, "/account/readings/": True, "/account/sessions/": True,
    "/account/password/": False, "/account/factor/": False, "/account/again/?for=email": False,
    "/account/readings/file/": False,
}  # fmt: skip
"""Whether the page shows rows of a kind, so that a lost filter is seen."""


def _without_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every page had forgotten whose rows it wants."""
    for name, rows in {
        "accounts": Account, "entries": Entry, "submissions": Submission, "meetings": Meeting,
        "consultations": Consultation,
    }.items():  # fmt: skip
        monkeypatch.setattr(Login, name, rows._default_manager)
    monkeypatch.setattr(pages, "appeals_of", lambda _: list(Appeal.objects.select_related("submission")))
    monkeypatch.setattr(sessions.SESSIONS.__class__, "of", lambda *_: list(AccountSession.objects.all()))
    monkeypatch.setattr(sheets, "accounts_of", lambda _: set(Account.objects.values_list("pk", flat=True)))


@pytest.mark.parametrize(("page", "shows"), PAGES.items())
def test_a_page_that_has_lost_its_filter_shows_nothing_of_the_neighbour(
    owner: Browser, page: str, shows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = owner.session
    kept["account_proven"] = int(timezone.now().timestamp())
    kept.save()
    assert owner.get(page).status_code == 200
    _without_filters(monkeypatch)
    answer = owner.get(page)
    assert (answer.status_code, MARK in answer.content.decode()) == (200, False)
    monkeypatch.setattr(wall, "is_built", lambda: False)
    assert MARK in owner.get(page).content.decode() or not shows, "without the wall it would be shown"


@pytest.mark.parametrize("end", ["money/", "bill-2026-03.pdf"])
def test_the_money_of_a_neighbour_is_not_found_even_where_the_filter_is_lost(
    owner: Browser, mine: Login, neighbour: Login, settings: Any, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    settings.BILLING = {"class": "kindline.connectors.billing.sample.SampleBilling"}
    ChargedRow.objects.create(account="7654321", month="2026-03-01", service="heat", amount=1)
    theirs, own_one = neighbour.accounts.get().pk, mine.accounts.get().pk
    _without_filters(monkeypatch)
    assert owner.get(f"/account/{theirs}/{end}").status_code == 404
    assert owner.get(f"/account/{own_one}/money/").status_code == 200
    monkeypatch.setattr(wall, "is_built", lambda: False)
    assert owner.get(f"/account/{theirs}/money/").status_code == 200, "without the wall it would be shown"


def test_where_the_role_cannot_be_made_the_pages_work_without_and_the_doctor_says_so(
    owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doors.wall().level == "ok"
    monkeypatch.setattr(wall, "_FOUND", set())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE kindline_small NOLOGIN")
        cursor.execute("SET LOCAL ROLE kindline_small")
        assert not wall.is_built()
        assert not wall.build()
        found = doors.wall()
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute("DROP ROLE kindline_small")
    assert (found.level, wall.ROLE in found.cure) == ("warn", True)


def test_it_is_made_anew_where_it_is_written_otherwise(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "_FOUND", set())
    monkeypatch.setattr(wall, "MARK", "another")
    assert not wall.is_built()
    assert wall.build()
    assert wall.is_built()


def test_one_within_another_leaves_the_outer_one_standing(mine: Login, neighbour: Login) -> None:
    with wall.behind(mine.pk):
        with wall.behind(neighbour.pk):
            assert set(Login.objects.values_list("pk", flat=True)) == {neighbour.pk}
        assert set(Login.objects.values_list("pk", flat=True)) == {mine.pk}


@pytest.mark.parametrize("lost", [
    "DROP POLICY kindline_client ON site_meeting", "REVOKE SELECT ON site_meeting FROM kindline_client",
    "ALTER TABLE site_meeting DISABLE ROW LEVEL SECURITY",
])  # fmt: skip
def test_a_copy_brought_back_without_a_part_of_it_is_believed_by_no_mark(
    mine: Login, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr(wall, "_FOUND", set())
    with connection.cursor() as cursor:
        cursor.execute(lost)
    assert (wall.is_built(), wall.lacking(), doors.wall().level) == (False, "wall", "warn")
    with wall.behind(mine.pk):
        assert Login.objects.exists(), "the pages work without"
    assert wall.build()
    assert wall.is_built()


def test_tables_in_a_schema_of_its_own_are_read_through_it(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "_FOUND", set())
    with connection.cursor() as cursor:
        cursor.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
        cursor.execute("REVOKE USAGE ON SCHEMA public FROM kindline_client")
    assert wall.lacking() == "wall"
    assert wall.build()
    assert _rows("clients_login", 0) == set()


def test_a_wall_through_which_no_page_comes_is_not_left_standing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "_FOUND", set())
    monkeypatch.setattr(wall, "MARK", "another")
    monkeypatch.setattr(wall, "EVERYBODY_S", (*wall.EVERYBODY_S, "journal_fact"))  # granted by a later statement only
    monkeypatch.setattr(wall, "statements", lambda: ["SELECT 1"])
    assert not wall.build()
    assert not wall.is_built()


def test_an_older_postgres_has_none_and_the_doctor_says_from_which_on(
    mine: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "_FOUND", set())
    monkeypatch.setattr(wall, "OLDEST", 990_000)
    assert (wall.build(), wall.is_built()) == (False, False)
    assert "16" in doors.wall().cure


def test_the_doctor_tells_of_a_role_that_another_installation_has_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "is_built", lambda: False)
    monkeypatch.setattr(wall, "lacking", lambda: "membership")
    assert doors.wall().cure.startswith("GRANT")
    monkeypatch.setattr(wall, "lacking", lambda: "role")
    assert doors.wall().cure.startswith("CREATE ROLE")


def test_columns_that_policies_name_can_be_altered_once_it_is_taken_down(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "_FOUND", set())
    change = "ALTER TABLE correspondence_outgoing ALTER COLUMN recipient TYPE varchar(4000)"
    with pytest.raises(DatabaseError, match="policy"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    wall.take_down()
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert not wall.is_built()
    assert wall.build()
    assert wall.is_built()


def test_a_start_takes_it_down_before_migrations_and_makes_it_anew(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "_FOUND", set())
    found = []
    monkeypatch.setattr(preparation, "_apply", lambda: found.append(wall.lacking()))
    assert preparation.migrate() == "up to date"
    MigrationRecorder.Migration.objects.filter(app="billing").delete()
    preparation.migrate()
    assert found == ["wall"]
    assert preparation.wall() == "stands"


def test_an_error_of_the_database_that_a_page_bears_does_not_end_it(
    owner: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        connection.cursor().execute("SELECT 1 / 0")

    monkeypatch.setattr("kindline.appeals.outages.on_site", broken)
    assert owner.get("/account/readings/").status_code == 200
    assert owner.get("/account/").status_code == 200


@pytest.mark.db(transaction=True)
def test_where_a_page_holds_a_table_too_long_the_start_goes_on_without(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"_FOUND": set(), "MARK": "another", "TRIES": 2, "LOCKED_MS": 50}.items():
        monkeypatch.setattr(wall, name, value)
    with psycopg.connect(os.environ["KINDLINE_DATABASE_URL"]) as other:
        other.execute("SELECT FROM site_meeting")
        assert not wall.build()
        other.rollback()
    assert wall.lacking() == "wall"
