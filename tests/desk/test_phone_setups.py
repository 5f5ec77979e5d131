"""Settings for telephones: a link that opens once and soon, what is in the files, and who is kept to have had them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client as Browser
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, PhoneSetup
from kindline.switchboard import phone_files, phone_setups
from kindline.switchboard.models import Operator
from kindline.switchboard.phone_files import Account
from tests.desk import test_screen
from tests.desk.conftest import employee
from tests.desk.looking import check_everywhere

PAGE = "/desk/telephones/"
window, open_as = test_screen.window, test_screen.open_as
SECRET_WORD = "se<cr&et"
ACCOUNT = Account("192.0.2.7", 5060, "op7s", SECRET_WORD, 'О\'Нил "Анна" <x>\n')


class TestFiles:
    def test_linphone_registers_and_prefers_a_law(self) -> None:
        told = ET.fromstring(phone_files.linphone(ACCOUNT))  # noqa: S314 - our own
        space = "{http://www.linphone.org/xsds/lpconfig.xsd}"
        said = {
            (section.attrib["name"], entry.attrib["name"]): entry.text
            for section in told.iter(f"{space}section")
            for entry in section
        }
        assert said["misc", "transient_provisioning"] == "1", "it would ask an address that opens once at each start"
        assert said["proxy_0", "reg_proxy"] == "<sip:192.0.2.7:5060;transport=udp>"
        assert said["proxy_0", "reg_identity"] == '"О\'Нил Анна x" <sip:op7s@192.0.2.7:5060>'
        assert said["auth_info_0", "passwd"] == SECRET_WORD
        assert (said["audio_codec_0", "mime"], said["audio_codec_1", "mime"]) == ("PCMA", "PCMU")

    def test_a_plain_file_has_one_setting_a_line(self) -> None:
        lines = phone_files.yealink(ACCOUNT).splitlines()
        assert lines[0] == "#!version:1.0.0.1"
        said = dict(line.split(" = ") for line in lines[1:])
        assert said["account.1.sip_server.1.address"] == "192.0.2.7"
        assert said["account.1.password"] == SECRET_WORD
        assert (said["account.1.codec.pcma.priority"], said["account.1.codec.pcmu.priority"]) == ("1", "2")

    def test_numbered_settings_prefer_a_law(self) -> None:
        told = ET.fromstring(phone_files.grandstream(ACCOUNT))  # noqa: S314 - our own
        said = {one.tag: one.text for one in told.iter()}
        assert (said["P47"], said["P35"], said["P34"]) == ("192.0.2.7:5060", "op7s", SECRET_WORD)
        assert (said["P57"], said["P58"]) == ("8", "0")


@pytest.fixture
def admin(krc: Any, db: None) -> Browser:
    found = Browser()
    found.force_login(employee("admin1", "administrator", surname="Кравец"))
    return found


@pytest.fixture
def placed(operator: Employee) -> Employee:
    """An operator with a place at the telephone."""
    Operator.objects.filter(employee=operator).update(sip_password="word-of-anna")
    return operator


def made(admin: Browser, placed: Employee, kind: str = "linphone") -> str:
    """The address at which the telephone fetches its file."""
    answer = admin.post(PAGE, {"employee": placed.pk, "kind": kind})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return str(answer.context["link"]).removeprefix("http://testserver")


@pytest.mark.db
class TestLinks:
    def test_it_opens_once_without_a_log_in_and_it_is_kept_who_opened_it(
        self, admin: Browser, client: Browser, placed: Employee
    ) -> None:
        link = made(admin, placed)
        answer = client.get(link, REMOTE_ADDR="192.0.2.50")
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        assert "word-of-anna" in answer.content.decode()
        assert client.get(link).status_code == 404
        fetched = facts_of("employee", placed.pk).get(kind="phone_setup_fetched")
        assert (fetched.data["kind"], fetched.data["address"]) == ("linphone", "192.0.2.50")
        assert facts_of("employee", placed.pk).filter(kind="phone_setup_made").count() == 1
        assert link.split("/")[2] not in str(PhoneSetup.objects.values_list())

    def test_neither_too_late_nor_by_an_earlier_link_nor_by_a_guess(
        self, admin: Browser, client: Browser, placed: Employee
    ) -> None:
        earlier, link = made(admin, placed), made(admin, placed, "yealink")
        assert client.get(earlier).status_code == 404
        assert client.get("/telephone/guess/linphone.xml").status_code == 404
        assert client.head(link).status_code == 405, "a look must not use it up"
        PhoneSetup.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        assert client.get(link).status_code == 404
        assert not facts_of("employee", placed.pk).filter(kind="phone_setup_fetched").exists()

    def test_who_was_disabled_meanwhile_gets_nothing(self, admin: Browser, client: Browser, placed: Employee) -> None:
        link = made(admin, placed)
        Employee.objects.filter(pk=placed.pk).update(is_active=False)
        assert client.get(link).status_code == 404
        assert PhoneSetup.objects.get().fetched_at is None

    @pytest.mark.parametrize("typed", [{"kind": "linphone"}, {"kind": "fax"}, {"employee": "0", "kind": "yealink"}])
    def test_what_is_missing_is_said(self, admin: Browser, placed: Employee, typed: dict[str, str]) -> None:
        answer = admin.post(PAGE, {"employee": str(placed.pk)} | typed if "fax" in typed.values() else typed)
        assert answer.status_code == 422
        assert answer.context["refusal"]
        assert not PhoneSetup.objects.exists()

    def test_only_the_administrator_makes_links(self, as_supervisor: Browser, krc: Any, placed: Employee) -> None:
        assert as_supervisor.get(PAGE).status_code == 403
        assert as_supervisor.post(PAGE, {"employee": placed.pk, "kind": "linphone"}).status_code == 403

    def test_the_account_is_what_the_engine_was_told(self, placed: Employee, krc: Any) -> None:
        account = phone_setups.account_of(placed.pk)
        assert (account.user, account.password) == (f"op{placed.pk}s", "word-of-anna")
        assert account.shown == "Соколова Анна"
        assert "word-of-anna" not in repr(account)

    @pytest.mark.parametrize(
        ("told", "found"), [("192.0.2.10:5080", ("192.0.2.10", 5080)), ("sip.example.org", ("sip.example.org", 5060))]
    )
    def test_behind_a_proxy_telephones_register_there(
        self, placed: Employee, krc: Any, told: str, found: tuple[str, int]
    ) -> None:
        with override_settings(KINDLINE=settings.KINDLINE | {"phones_at": told}):
            account = phone_setups.account_of(placed.pk)
        assert (account.server, account.port) == found


@pytest.mark.parametrize("told", ["192.0.2.10:x", "192.0.2.10:0", "192.0.2.10:70000", ":5060", "sip:192.0.2.10:5060"])
def test_a_place_of_telephones_that_is_none_stops_the_start(told: str) -> None:
    with (
        override_settings(KINDLINE=settings.KINDLINE | {"phones_at": told}),
        pytest.raises(SystemCheckError, match=f"KINDLINE_PHONES_AT is no place: {told}"),
    ):
        call_command("check")


@pytest.mark.browser
@pytest.mark.db(transaction=True)
@pytest.mark.parametrize("language", ["uk", "ru", "en"])
def test_the_page_is_accessible_and_fits_a_telephone(
    language: str, open_as: Callable[[Employee], Page], placed: Employee, krc: Any
) -> None:
    page = open_as(employee("admin1", "administrator", surname="Кравец", language=language))
    page.goto(PAGE)
    page.locator("#p-employee").select_option(str(placed.pk))
    page.locator("#p-kind").select_option("yealink")
    page.locator("main button.btn-primary").click()
    expect(page.locator("#password")).to_have_text("word-of-anna")
    expect(page.locator("#link")).to_contain_text("/telephone/")
    check_everywhere(page, f"phone-setups-{language}")
