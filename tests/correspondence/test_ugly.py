"""Sixty ugly letters lose nothing (M5, M6, M7); what is broken on purpose becomes a piece of work.

KINDLINE_MAIL_CASES says how many damaged letters of each sort are tried (the usual share takes some seconds).
"""

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindline.correspondence import cage, charsets, headers, parsing, queries, reading, storing
from kindline.correspondence.models import Incoming, MailState
from kindline.files.models import FileState, SealedContent
from kindline.files.stores import store
from kindline.journal.models import Fact
from tests.correspondence.conftest import NOW
from tests.correspondence.letters import HEAD, RU, UK, Ugly, all_letters, file, parts, plain

Take = Callable[[bytes], Incoming]
LETTERS = all_letters()
CASES = int(os.environ.get("KINDLINE_MAIL_CASES", "0"))
pytestmark = [pytest.mark.timeout(300 + CASES // 10), pytest.mark.fault("M5", "M6", "M7")]


def damaging(usual: int) -> settings:
    """How many damaged letters are tried: so many unless the environment asks for more."""
    return settings(
        max_examples=CASES or usual, deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip


def test_there_are_sixty() -> None:
    assert len(LETTERS) >= 60
    assert len({one.raw for one in LETTERS}) == len(LETTERS)


@pytest.mark.parametrize("one", LETTERS, ids=lambda one: one.name)
def test_is_read_right(one: Ugly, tmp_path: Path) -> None:
    found = parsing.take_apart(one.raw, tmp_path).content()
    assert found["fault"] == one.fault
    assert one.text in found["text"]
    assert not one.subject or found["subject"] == one.subject
    assert tuple(each["name"] for each in found["attachments"]) == one.attachments


@pytest.mark.db
def test_nothing_is_lost(taken: Take) -> None:
    for one in LETTERS:
        row = taken(one.raw)
        assert row.state == (MailState.UNREADABLE if one.fault else MailState.READ), one.name
        assert row.kind == ("" if one.fault else one.kind), one.name
        assert (row.handled_at is None) == (one.kind in ("message", "automatic")), one.name
        assert storing.raw().opened(row.sha256).read() == one.raw
        for each in queries.files_of(row):
            with store().opened(each.file.sha256) as content:
                assert len(content.read()) == each.file.size
    assert Incoming.objects.count() == len(LETTERS)
    assert queries.box("unreadable").count() == len([one for one in LETTERS if one.fault])
    assert Fact.objects.filter(kind__in=["mail_read", "mail_unreadable"]).count() == len(LETTERS)


@pytest.mark.db
class TestBombs:
    def test_a_hundred_megabytes_are_kept_and_named(self, taken: Take) -> None:
        row = taken(HEAD.encode() + b"Subject: large\r\n\r\n" + b"x" * 100_000_000)
        assert (row.state, row.fault, row.sender, row.subject) == ("unreadable", "size", "ivan@example.org", "large")
        assert SealedContent.objects.get(sha256=row.sha256).size > 100_000_000

    def test_a_zip_bomb_and_a_program_are_refused(self, taken: Take) -> None:
        bomb = next(one for one in LETTERS if one.name == "zip bomb")
        found = queries.files_of(taken(bomb.raw)).get().file
        assert (found.state, found.reason) == ("refused", "bomb")
        row = taken(parts(file("filename=bill.pdf", b"MZ" + b"x" * 99)))
        assert queries.files_of(row).get().file.state == FileState.REFUSED

    def test_the_reader_that_dies_three_times_leaves_work_for_a_person(
        self, taken: Take, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = taken(plain(b"x", ""))
        Incoming.objects.update(state=MailState.STORED, tries=reading.TRIES_MAX)
        row = reading.read_one(incoming=Incoming.objects.get(), now=NOW)
        assert (row.state, row.fault) == (MailState.UNREADABLE, "cage")


class TestCage:
    def test_memory_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        raw = tmp_path / "raw"
        raw.write_bytes(HEAD.encode() + b"Subject: s\r\n\r\n" + b"x" * 40_000_000)
        found = cage.read(raw, tmp_path)
        assert found["subject"] == "s"
        assert found["fault"] in ("", "memory", "time")

    def test_time_is_bounded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kindline.files.cage.WALL_S", 0.000_001)
        raw = tmp_path / "raw"
        raw.write_bytes(plain(b"x", ""))
        assert cage.read(raw, tmp_path)["fault"] == "time"


@given(st.binary(max_size=3000))
@damaging(150)
def test_any_bytes_are_read_or_named(tmp_path: Path, raw: bytes) -> None:
    parsing.take_apart(raw, tmp_path).content()
    parsing.take_apart(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + raw, tmp_path).content()


@given(
    st.sampled_from([one.raw for one in LETTERS if len(one.raw) < 4000]), st.integers(0, 4000), st.binary(max_size=60)
)
@damaging(200)
def test_damaged_letters_are_read_or_named(tmp_path: Path, raw: bytes, place: int, damage: bytes) -> None:
    at = place % len(raw)
    parsing.take_apart(raw[:at] + damage + raw[at + len(damage) :], tmp_path).content()
    parsing.take_apart(raw[:at], tmp_path).content()


@given(
    st.text(max_size=200), st.sampled_from(["utf-8", "koi8-u", "x-cp1251", "no-such", "", "utf-7", "idna", "base64"])
)
def test_bytes_always_become_text(text: str, label: str) -> None:
    assert isinstance(charsets.decode(text.encode("utf-8", "surrogatepass"), label), str)
    assert isinstance(headers.plain(text), str)
    headers.addresses(text)
    headers.ids(text)
    headers.moment(text)


@given(st.text(max_size=300))
def test_a_name_of_a_file_is_harmless(name: str) -> None:
    shown = headers.file_name(name, 1)
    assert shown
    assert not set("/\\\0\r\n\u202e") & set(shown)
    assert len(shown.encode()) <= 255


@given(
    st.text(alphabet="абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", min_size=1, max_size=60),
    st.sampled_from(["utf-8", "koi8_u", "cp1251"]),
)
def test_encoded_words_come_back(text: str, codec: str) -> None:
    word = base64.b64encode(text.encode(codec)).decode()
    assert headers.plain(f"=?{codec.replace('_', '-')}?B?{word}?=") == text


@pytest.mark.parametrize("codec", ["koi8_u", "cp1251", "mac_cyrillic", "utf-8"])
@pytest.mark.parametrize(
    "text", [UK.replace("’", "'"), RU, "Потрібна довідка, їй уже є два роки", "Почему нет ответа на моё письмо?"]
)
def test_unlabelled_text_is_guessed(codec: str, text: str) -> None:
    assert charsets.decode(text.encode(codec)) == text
