"""E-mail leaves exactly when its time is over, unless a case or open work holds it; row and receipt stay (X4)."""

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kindline.appeals import filing, joining, letter_retention
from kindline.appeals.models import Appeal
from kindline.correspondence import receiving, removing, storing
from kindline.correspondence.models import Incoming, LetterRemoval, MailKind
from kindline.correspondence.removing import Rule
from kindline.correspondence.wires import Mark
from kindline.files.errors import MissingObjectError
from kindline.files.models import SealedContent
from kindline.files.stores import Disk, put_bytes
from kindline.journal.models import Fact
from kindline.standard import loader
from kindline.standard.profile import Profile
from tests.appeals.registry import DAY, NOW, Registry
from tests.appeals.test_joining import raw
from tests.correspondence.letters import TEXT, file, parts

Take = Callable[..., Incoming]
pytestmark = pytest.mark.db
LATER = NOW + dt.timedelta(days=365 * 10)
SEED = 20260302


def lying(place: Path) -> dict[str, bytes]:
    """Everything in the store of raw messages."""
    return {path.name: path.read_bytes() for path in (place / "raw").rglob("*") if path.is_file()}


def read(sha256: str) -> bytes:
    """A raw message."""
    with storing.raw().opened(sha256) as content:
        return content.read()


def sweep(profile: Profile, now: dt.datetime, commit: Any) -> int:
    """One sweep, and what is done once it is committed."""
    with commit(execute=True):
        return letter_retention.sweep(profile=profile, now=now)


def ruled(krc: Registry, **rules: str) -> Profile:
    """The standard with other terms."""
    return replace(krc.profile, variables={**krc.profile.variables, "mail_retention": rules})


@pytest.mark.clause("krc-5.3-10")
def test_gone_is_raw_form_files_and_words_and_the_receipt_stays(
    krc: Registry, taken: Take, place: Path, django_capture_on_commit_callbacks: Any
) -> None:
    row = taken(parts(TEXT, file("filename=паспорт.txt", b"x")))
    assert b"ivan@example.org" not in b"".join(lying(place).values()), "it lies sealed"
    Incoming.objects.update(handled_at=NOW)
    assert sweep(ruled(krc, other="1 months"), NOW + 40 * DAY, django_capture_on_commit_callbacks) == 1
    row.refresh_from_db()
    assert (row.sender, row.subject, row.text, row.headers, row.recipients) == ("", "", "", {}, [])
    with pytest.raises(MissingObjectError):
        storing.raw().opened(row.sha256)
    assert lying(place) == {}
    assert not SealedContent.objects.exists(), "the file's key is destroyed too"
    receipt = LetterRemoval.objects.get()
    assert (receipt.kind, receipt.key, receipt.sha256, receipt.files) == ("mail", row.pk, row.sha256, 1)
    assert (receipt.rule, receipt.since, receipt.removed_by) == ("other: 1 months", NOW, None)
    fact = Fact.objects.get(kind="mail_removed")
    assert (fact.subject_id, fact.data["rule"]) == (str(row.pk), "other: 1 months")
    assert sweep(ruled(krc, other="1 months"), LATER, django_capture_on_commit_callbacks) == 0


@pytest.mark.parametrize("term", ["30 days", "1 months", "2 years", "10 working_days"])
def test_each_goes_the_day_after_its_last_on_the_organisation_s_clock(
    krc: Registry, taken: Take, term: str, django_capture_on_commit_callbacks: Any
) -> None:
    """Seeded moments, also beside midnight: gone by the first sweep of the next day, kept by the last of its last."""
    from kindline.standard import terms

    chance, profile = Random(SEED), ruled(krc, other=term)
    parsed = terms.parse(term)
    assert parsed is not None
    for number in range(6):
        at = NOW + DAY * chance.randrange(300) + dt.timedelta(minutes=chance.choice([*range(0, 1440, 97), 1019, 1259]))
        row = taken(raw(f"Письмо {term} {number}"), at)
        Incoming.objects.filter(pk=row.pk).update(handled_at=at)
        last = parsed.last_day(at.astimezone(profile.zone).date(), profile.calendar)
        over = dt.datetime.combine(last + DAY, dt.time(), profile.zone)
        before = over - dt.timedelta(seconds=1)
        assert not [one for one, _ in letter_retention.due(profile, before) if one.pk == row.pk], at
        assert [one.pk for one, _ in letter_retention.due(profile, over) if one.pk == row.pk] == [row.pk], at
        Incoming.objects.filter(pk=row.pk).update(handled_at=LATER)


def test_an_open_case_holds_and_its_end_begins_the_term(
    krc: Registry, taken: Take, django_capture_on_commit_callbacks: Any
) -> None:
    content = parts(TEXT, file("filename=a.txt", b"x"))
    letter = joining.join_mail(incoming=taken(content), profile=krc.profile, now=NOW)
    assert letter is not None
    profile = ruled(krc, appeal="1 years", other="1 days", automatic="1 days")
    assert sweep(profile, LATER, django_capture_on_commit_callbacks) == 0
    Appeal.objects.filter(pk=letter.appeal_id).update(closed_at=LATER, end="answered")
    assert sweep(profile, LATER + 366 * DAY, django_capture_on_commit_callbacks) == 0
    assert sweep(profile, LATER + 367 * DAY, django_capture_on_commit_callbacks) == 1
    assert [one.file.name for one in filing.files_of(letter.appeal)] == ["a.txt"], "it is the appeal's too"


def test_what_nobody_is_done_with_stays_and_so_does_a_class_without_a_norm(
    krc: Registry, taken: Take, django_capture_on_commit_callbacks: Any
) -> None:
    waiting, done, bounce = (taken(raw(f"Письмо {n}")) for n in range(3))
    Incoming.objects.filter(pk=done.pk).update(handled_at=NOW)
    Incoming.objects.filter(pk=bounce.pk).update(kind=MailKind.BOUNCE, handled_at=NOW)
    assert sweep(ruled(krc), LATER, django_capture_on_commit_callbacks) == 0
    assert sweep(ruled(krc, automatic="90 days"), LATER, django_capture_on_commit_callbacks) == 1
    assert LetterRemoval.objects.get().key == bounce.pk
    assert sweep(ruled(krc, other="1 years"), LATER, django_capture_on_commit_callbacks) == 1
    assert read(waiting.sha256) == raw("Письмо 0")


def test_the_same_bytes_in_another_mailbox_stay_readable(
    krc: Registry, taken: Take, django_capture_on_commit_callbacks: Any
) -> None:
    row = taken(raw())
    kept = put_bytes(storing.raw(), raw())
    receiving.store_message(mailbox="other", mark=Mark("INBOX", 1, 9), kept=kept, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        assert removing.remove_letter(letter=row, rule=Rule("other: 1 days", NOW), now=LATER)
    assert read(row.sha256) == raw()
    second = Incoming.objects.get(mailbox="other")
    with django_capture_on_commit_callbacks(execute=True):
        assert removing.remove_letter(letter=second, rule=Rule("other: 1 days", NOW), now=LATER)
        assert not removing.remove_letter(letter=second, rule=Rule("other: 1 days", NOW), now=LATER), "once"
    with pytest.raises(MissingObjectError):
        storing.raw().opened(row.sha256)


def test_messages_of_the_time_before_are_read_sealed_and_what_is_nobody_s_is_swept(taken: Take, place: Path) -> None:
    row = taken(raw())
    storing.raw().remove(row.sha256)
    disk = Disk(place / "raw")
    put_bytes(disk, raw())
    orphan, young = (put_bytes(disk, content).sha256 for content in (b"old", b"young"))
    os.utime(disk.path(orphan), (0, 0))
    assert read(row.sha256) == raw()
    assert (storing.seal_open(), storing.seal_open()) == (1, 0)
    os.utime(disk.path(SealedContent.objects.get(place="mail").sealed_sha256), (0, 0))
    assert storing.sweep_orphans(now=dt.datetime.now(dt.UTC)) == 1
    assert set(lying(place)) == {young, SealedContent.objects.get(place="mail").sealed_sha256}
    assert read(row.sha256) == raw()


@pytest.mark.parametrize("name", ["krc", "court", "yumek", "voe"])
def test_every_profile_names_its_classes_and_says_that_they_are_assumed(name: str) -> None:
    profile = loader.load(name)
    rules = letter_retention.rules(profile)
    assert set(rules) == {"appeal", "other", "automatic"}
    assert [letter_retention.of_class(one) is not None for one in rules]
    assert "mail_retention" in profile.assumed
