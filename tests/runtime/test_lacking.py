"""A product on a machine without Asterisk, with a database that others look after: everything else runs."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from kindline.runtime import phone
from tests.desk.calling import log_in
from tests.desk.looking import check_everywhere
from tests.plugins.postgres import Server
from tests.plugins.product import Product, launch

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def database(pg: Server) -> str:
    """An empty database of somebody else's server."""
    name = f"outside_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(pg.url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return pg.url.rpartition("/")[0] + f"/{name}"


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Product]:
    """The product, told of the database and of a folder in which there is no Asterisk."""
    told = {"KINDLINE_DATABASE_URL": database, "KINDLINE_ASTERISK_ROOT": str(tmp_path_factory.mktemp("nothing"))}
    made = launch(tmp_path_factory.mktemp("lacking"), "--profile", "court", told=told)
    yield made
    made.stop()


def test_its_tables_are_in_the_database_that_it_was_told(lacking: Product, database: str) -> None:
    assert "postgres" not in lacking.state()["parts"]
    with psycopg.connect(database) as connection:
        employees = connection.execute("SELECT count(*) FROM staff_employee WHERE is_active").fetchone()
        clients = connection.execute("SELECT count(*) FROM clients_client").fetchone()
    assert employees is not None
    assert employees[0] >= 12
    assert clients is not None
    assert clients[0] >= 200
    assert not (Path(lacking.instance.folder) / "postgres").exists()


def test_the_screen_says_that_the_phone_is_off_and_why(lacking: Product, browser: Browser) -> None:
    assert "asterisk" not in lacking.state()["parts"]
    why = phone.told(lacking.instance.phone_file).reason
    assert "KINDLINE_ASTERISK_ROOT" in why
    desk = log_in(browser, lacking, "operator1")
    desk.page.goto("/desk/")
    expect(desk.page.get_by_text(why)).to_be_visible()
    expect(desk.find("#state-ready")).to_be_disabled()
    expect(desk.find(".state-now")).not_to_contain_text("NaN")
    check_everywhere(desk.page, "phone-off")
    desk.page.goto("/desk/appeals/")
    expect(desk.page.locator("main h1")).to_be_visible()
    desk.context.close()
