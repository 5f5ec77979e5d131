"""A person is erased: his letters go by the rule, raw form, files and PDF; what stays is named with law (X4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kindline.appeals import joining
from kindline.appeals.models import Appeal
from kindline.clients import actions as clients
from kindline.clients.models import Client
from kindline.correspondence import storing
from kindline.correspondence.models import Incoming, LetterRemoval, Outgoing, Paper, Thread
from kindline.files import queries as files
from kindline.files import taking
from kindline.files.errors import MissingObjectError
from kindline.files.models import FileState, StoredFile
from kindline.files.stores import put_bytes, store
from kindline.quality import erasure
from kindline.quality.models import Erasure
from kindline.standard.profile import Profile
from tests.appeals.registry import NOW, Registry, registry
from tests.appeals.test_joining import raw
from tests.correspondence.conftest import place, taken
from tests.quality.test_erasure import found_in

__all__ = ["place", "taken"]
pytestmark = pytest.mark.db(transaction=True)
Take = Callable[..., Incoming]
EMAIL, SURNAME = "zyuzyukin@example.org", "Зюзюкинский"
OLD = NOW - dt.timedelta(days=6 * 366)
PDF = b"%PDF-1.7 " + SURNAME.encode()


@pytest.fixture
def here() -> Registry:
    """The settlement centre."""
    return registry("krc")


@pytest.fixture
def person() -> Client:
    """Somebody with an address of his own."""
    made: Client = clients.create_client(
        fields={"surname": SURNAME}, points=[("email", EMAIL)], country="RU", via="office", actor="system", now=NOW
    )
    return made


def letters(person: Client, taken: Take, at: dt.datetime) -> tuple[Incoming, Outgoing, Paper]:
    """One that came, one that went, one on paper with its PDF; the first is known by its address alone."""
    came = taken(raw(f"{SURNAME} пишет {at}", sender=EMAIL), at)
    Incoming.objects.filter(pk=came.pk).update(client=None, handled_at=at)
    thread = Thread.objects.create(number=f"t-{at:%Y}", started_at=at)
    went = Outgoing.objects.create(
        key=f"k-{at:%Y}", message_id=f"m-{at:%Y}", thread=thread, recipient=EMAIL, subject="Ответ", text=SURNAME,
        language="ru", state="sent", queued_at=at, sent_at=at,
    )  # fmt: skip
    paper = Paper.objects.create(
        direction="out", number=f"И-{at:%Y}", key=f"p-{at:%Y}", state="printed", registered_at=at, surname=SURNAME,
        subject="Ответ", text=SURNAME, language="ru", client=person,
    )  # fmt: skip
    kept = put_bytes(store(), PDF + f"{at:%Y}".encode())
    Paper.objects.filter(pk=paper.pk).update(pdf_sha256=kept.sha256)
    taking.keep_ours(stored=kept, name=f"{SURNAME}.pdf", owner=paper.owner, employee=None, now=at)
    return came, went, paper


def erase(here: Registry, person: Client, profile: Profile | None = None) -> Erasure:
    return erasure.erase_client(
        profile=profile or here.profile,
        client=person,
        ground="заявление № 4",
        employee=here.people["director"],
        now=NOW,
    )


def ruled(here: Registry, **rules: dict[str, str]) -> Profile:
    """The standard with another rule of what is kept."""
    return replace(here.profile, variables={**here.profile.variables, "kept_on_erasure": rules})


def test_the_old_go_to_the_last_byte_and_the_young_stay_with_law_and_day(
    here: Registry, person: Client, taken: Take, place: Path
) -> None:
    old, young = letters(person, taken, OLD), letters(person, taken, NOW)
    made = erase(here, person)
    assert made.erased["letters"] == 3
    (row,) = [one for one in made.kept if one["what"] == "letters"]
    assert (row["rows"], row["until"]) == (3, "2031-03-02")
    assert row["law"]
    assert {(one.kind, one.key) for one in LetterRemoval.objects.all()} == {
        (one.owner.kind, one.pk) for one in old
    }  # fmt: skip
    with pytest.raises(MissingObjectError):
        storing.raw().opened(old[0].sha256)
    assert storing.raw().opened(young[0].sha256).read()
    assert not files.of(old[2].owner).exists()
    assert StoredFile.objects.filter(state=FileState.ERASED).count() == 1
    assert files.of(young[2].owner).count() == 1
    receipt = LetterRemoval.objects.get(kind="mail")
    assert (receipt.rule, receipt.removed_by) == ("заявление № 4", here.people["director"])


def test_without_a_rule_nothing_of_him_is_found_in_any_table_or_store(
    here: Registry, person: Client, taken: Take, place: Path
) -> None:
    letters(person, taken, NOW)
    assert {"correspondence_incoming", "correspondence_outgoing", "correspondence_paper"} <= set(
        found_in([SURNAME[:-4]])
    )
    made = erase(here, person, ruled(here))
    assert (made.erased["letters"], made.kept) == (3, [])
    assert found_in([SURNAME[:-4], EMAIL]) == {}
    lying = [path.read_bytes() for path in place.parent.rglob("*") if path.is_file()]
    assert not [one for one in lying if SURNAME.encode() in one or EMAIL.encode() in one]
    assert Incoming.objects.count() == Outgoing.objects.count() == Paper.objects.count() == 1, (
        "rows stay, to be counted"
    )


def test_letters_of_an_appeal_that_is_kept_stay_with_it(here: Registry, person: Client, taken: Take) -> None:
    letter = joining.join_mail(incoming=taken(raw(sender=EMAIL)), profile=here.profile, now=NOW)
    assert letter is not None
    Appeal.objects.filter(pk=letter.appeal_id).update(client=person, closed_at=NOW, end="answered")
    made = erase(here, person, ruled(here, appeals={"term": "5 years", "law": "перечень"}))
    (row,) = [one for one in made.kept if one["what"] == "letters"]
    assert (row["rows"], row["law"], row["until"]) == (1, "перечень", "")
    assert made.erased["letters"] == 0


def test_a_letter_on_its_way_is_not_taken_back(here: Registry, person: Client, taken: Take) -> None:
    _, went, _ = letters(person, taken, OLD)
    Outgoing.objects.filter(pk=went.pk).update(state="queued", sent_at=None)
    made: Any = erase(here, person, ruled(here))
    assert made.erased["letters"] == 2
    assert Outgoing.objects.get().text == SURNAME
