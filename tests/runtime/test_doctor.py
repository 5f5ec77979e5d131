"""`kindline doctor` sees what is wrong and says what to do."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from kindline.runtime import doctor, doors, instance, phone, settings
from kindline.runtime.phone import Phone
from kindline.staff import actions as employees
from kindline.staff.models import Employee
from kindline.standard import service_kinds
from tests.plugins.product import ROOT


def examine(folder: Path, **environment: str) -> tuple[int, dict[str, str]]:
    """The exit code, and of each subject its whole line with its cure."""
    words = [sys.executable, "-m", "kindline.runtime", "doctor", "--instance", str(folder)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KINDLINE_")}
    done = subprocess.run(words, cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    lines = done.stdout.replace("\n" + " " * 19, " ").splitlines()
    return done.returncode, {line.split()[1]: line for line in lines}


def test_before_the_first_start_it_says_how_to_start(tmp_path: Path) -> None:
    code, lines = examine(tmp_path / "none")
    assert code == 0
    assert "kindline run" in lines["instance"]
    assert lines["python"].startswith("ok")
    assert lines["standard"].startswith("ok")
    assert {"packages", "frontend", "languages", "disk", "asterisk", "voices", "letters"} <= set(lines)


def test_libraries_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from kindline.correspondence import pdfs
    from kindline.correspondence.errors import PrintingUnavailableError

    def lacking() -> None:
        raise PrintingUnavailableError("no pango")

    monkeypatch.setattr(pdfs, "weasyprint", lacking)
    found = doctor.letters()
    assert (found.level, found.cure) == (doctor.WARN, f"install {pdfs.PACKAGES}")


@pytest.mark.db
@pytest.mark.parametrize(
    ("is_demonstration", "invented", "level"),
    [(True, True, doctor.OK), (False, False, doctor.OK), (None, True, doctor.OK), (False, True, doctor.FAIL),
     (True, False, doctor.WARN)],
)  # fmt: skip
def test_it_says_where_a_folder_is_not_what_it_began_as(
    tmp_path: Path, is_demonstration: bool | None, invented: bool, level: str
) -> None:
    email = "admin@example.org" if invented else "admin@example.com"
    employees.create_employee(username="admin", password="дощ гойдалка олівець", fields={"email": email})
    began = replace(instance.blank(tmp_path), is_demonstration=is_demonstration)
    assert doors.people(began).level == level
    Employee.objects.update(is_active=False)
    assert doors.people(began).level == (doctor.WARN if is_demonstration else doctor.OK)


@pytest.mark.parametrize(
    ("roles", "is_demonstration", "level", "told"),
    [([], None, doctor.WARN, "demanded of nobody"), (["none"], False, doctor.WARN, "demanded of nobody"),
     ([], True, doctor.OK, "a demonstration, the password alone lets in"),
     (["all"], False, doctor.OK, "demanded of all")],
)  # fmt: skip
def test_it_says_of_whom_a_second_factor_is_demanded(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    roles: list[str],
    is_demonstration: bool | None,
    level: str,
    told: str,
) -> None:
    monkeypatch.setattr(settings, "SECOND_FACTOR_ROLES", roles)
    found = doors.entry(replace(instance.blank(tmp_path), is_demonstration=is_demonstration))
    assert found.level == level
    assert told in found.detail
    assert "KINDLINE_BREACHED_PASSWORDS" in found.detail


def test_an_installation_without_invented_people_demands_a_second_factor_of_all(tmp_path: Path) -> None:
    def demanded(folder: Path) -> str:
        words = [sys.executable, "-c", "from kindline.runtime import settings; print(settings.SECOND_FACTOR_ROLES)"]
        known = os.environ | {"KINDLINE_INSTANCE": str(folder)}
        known.pop("KINDLINE_SECOND_FACTOR_ROLES", None)
        return subprocess.run(words, cwd=ROOT, env=known, capture_output=True, text=True, check=True).stdout.strip()

    instance.prepare(tmp_path / "real", is_demonstration=False)
    instance.prepare(tmp_path / "real", is_demonstration=True)
    instance.prepare(tmp_path / "shown", is_demonstration=True)
    instance.prepare(tmp_path / "of_before")
    assert [demanded(tmp_path / name) for name in ("real", "shown", "of_before")] == ["['all']", "[]", "[]"]


@pytest.mark.parametrize(
    ("https", "socket", "level"),
    [(False, "", doctor.OK), (True, "", doctor.WARN), (True, "ws://desk.example.org/ws", doctor.WARN),
     (True, "wss://desk.example.org/ws", doctor.OK)],
)  # fmt: skip
def test_pages_over_https_without_a_socket_of_theirs_are_a_warning(
    monkeypatch: pytest.MonkeyPatch, https: bool, socket: str, level: str
) -> None:
    monkeypatch.setattr(settings, "SECURE_COOKIES", https)
    told = {"socket_url": socket, "live_url": "https://desk.example.org/events"}
    monkeypatch.setattr(settings, "KINDLINE", {**settings.KINDLINE, **told})
    found = doors.browsers()
    assert (found.level, "KINDLINE_SOCKET_URL" in found.cure) == (level, level == doctor.WARN)


def test_an_address_that_is_none_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PUBLIC_URL", "desk.example.org")
    found = doctor.letters()
    assert (found.level, found.cure) == (doctor.FAIL, "begin it with https://")


@pytest.mark.parametrize(
    ("host", "level", "told"),
    [("", doctor.OK, "off"), ("files.example.org", doctor.OK, "nothing else"),
     ("https://files.example.org", doctor.FAIL, "is https"), ("localhost", doctor.FAIL, "the pages' own host"),
     ("www.example.org:8443", doctor.FAIL, "the pages' own host")],
)  # fmt: skip
def test_a_host_of_files_is_another_than_that_of_pages(
    monkeypatch: pytest.MonkeyPatch, host: str, level: str, told: str
) -> None:
    monkeypatch.setattr(settings, "FILES_HOST", host)
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["localhost", *([host] if host else [])])
    monkeypatch.setattr(settings, "SITE_URL", "https://www.example.org")
    found = doctor.files_host()
    assert found.level == level
    assert told in found.detail


@pytest.mark.clause("voe-2-01", "voe-2-02")
def test_a_kind_of_service_that_nobody_serves_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    where: Any = SimpleNamespace(profile="voe")
    assert doctor.standard(where).level == doctor.OK
    assert "reached by office, phone, post, web" in doctor.standard(where).detail
    monkeypatch.setattr(service_kinds, "dead_ends", lambda _: ["off_hours"])
    assert "callers can be left at: off_hours" in doctor.standard(where).detail
    monkeypatch.setattr(service_kinds, "unserved", lambda _: ["post"])
    assert (doctor.standard(where).level, "not served: post" in doctor.standard(where).detail) == (doctor.WARN, True)


def test_an_engine_that_is_not_there_is_a_warning_with_a_cure(tmp_path: Path) -> None:
    _, lines = examine(tmp_path, KINDLINE_ASTERISK_ROOT=str(tmp_path))
    assert lines["asterisk"].startswith("warn")
    assert "does not start" in lines["asterisk"]


def test_a_voice_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    code, lines = examine(tmp_path, KINDLINE_VOICES="kindline.connectors.voices.nobody.Nobody")
    assert code == 1
    assert "KINDLINE_VOICES" in lines["voices"]


def test_a_database_that_does_not_answer_is_a_failure(tmp_path: Path) -> None:
    instance.prepare(tmp_path)
    code, lines = examine(tmp_path, KINDLINE_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert code == 1
    assert "check KINDLINE_DATABASE_URL" in lines["postgres"]


def test_readable_secrets_are_a_warning(tmp_path: Path) -> None:
    instance.prepare(tmp_path)
    (tmp_path / instance.FILE).chmod(0o644)
    assert doctor.folder(tmp_path).level == doctor.WARN
    assert "chmod 600" in doctor.folder(tmp_path).cure


def test_a_part_that_is_down_is_a_failure_and_one_that_restarts_a_warning(tmp_path: Path) -> None:
    made = instance.prepare(tmp_path)

    def told(**parts: dict[str, object]) -> doctor.Finding:
        content = {"supervisor": os.getpid(), "ready": True, "parts": parts}
        (tmp_path / doctor.STATE_FILE).write_text(json.dumps(content), encoding="utf-8")
        return doctor.processes(made)

    assert told(web={"state": "up", "restarts": 0}).level == doctor.OK
    restarted = told(web={"state": "up", "restarts": 3})
    assert (restarted.level, "web 3 times" in restarted.detail) == (doctor.WARN, True)
    down = told(web={"state": "down", "restarts": 9})
    assert (down.level, "web.log" in down.cure) == (doctor.FAIL, True)


def test_a_full_disk_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free_gb = {"now": 0.5}
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free_gb["now"] * 1e9))
    assert doctor.disk(tmp_path).level == doctor.FAIL
    free_gb["now"] = 3
    assert doctor.disk(tmp_path).level == doctor.WARN


def test_the_state_of_the_phone_is_kept_for_the_screens(tmp_path: Path) -> None:
    made = instance.prepare(tmp_path)
    assert not phone.told(made.phone_file).up
    phone.tell(made, Phone(up=True, version="Asterisk 22"))
    assert phone.told(made.phone_file) == Phone(up=True, version="Asterisk 22")
    made.phone_file.write_text("{", encoding="utf-8")
    assert not phone.told(made.phone_file).up


def test_says_whether_somebody_looks_for_viruses(settings: Any) -> None:
    settings.FILES = {**settings.FILES, "scanner": {}}
    found = doctor.files()
    assert (found.level, "KINDLINE_CLAMAV" in found.cure) == (doctor.WARN, True)
    clamav = {"class": "kindline.connectors.scanning.clamav.ClamAV", "address": "/nowhere"}
    settings.FILES = {**settings.FILES, "scanner": clamav}
    found = doctor.files()
    assert found.level == doctor.FAIL
    assert "stay in quarantine" in found.detail


@pytest.mark.db
def test_a_machine_whose_clock_is_wrong_is_named_with_its_cure() -> None:
    """C2."""
    from kindline.switchboard.models import Switchboard

    assert doctor.clocks().level == doctor.OK
    now = timezone.now()
    far = {"host": "far-away", "pid": 1, "started_at": now, "beat_at": now, "node": "2"}
    Switchboard.objects.create(app="sb-far", skew_s=-86_400.0, **far)
    Switchboard.objects.create(app="sb-near", skew_s=1.9, **far | {"host": "near"})
    found = doctor.clocks()
    assert (found.level, found.detail) == (doctor.FAIL, "far-away is 86400.0 s behind")
    assert "NTP" in found.cure
