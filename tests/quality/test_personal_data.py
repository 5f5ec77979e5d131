"""Personal data are marked where they are held: struck out of what is published, erased, looked at by a fact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from kindline.appeals import masking
from kindline.clients import actions
from kindline.clients.models import Client
from kindline.journal.queries import facts_of
from kindline.quality import erasure, personal_data
from kindline.standard import loader

clause = pytest.mark.clause
KRC = loader.load("krc")


@clause("krc-2-33", "krc-2-34")
def test_every_word_of_the_standard_is_held_somewhere_or_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (personal_data.faults(), personal_data.unsaid(KRC)) == ([], [])
    less = {name: held for name, held in personal_data.HELD.items() if name != "patronymic"}
    monkeypatch.setattr(personal_data, "HELD", less)
    assert personal_data.unsaid(KRC) == ["patronymic"]
    assert "clients.Client.patronymic holds personal data" in " ".join(personal_data.faults())
    monkeypatch.setattr(personal_data, "HELD", {**less, "patronymic": ("clients.Client.middle",)})
    assert "clients.Client.middle is marked and is not there" in personal_data.faults()


@clause("krc-2-33")
def test_what_is_marked_on_card_and_appeal_goes_with_the_person() -> None:
    marked = {name for held in personal_data.HELD.values() for name in held}
    erased = {
        *(f"clients.Client.{name}" for name in erasure.CARD),
        *(f"appeals.Appeal.{name}" for name in erasure.APPLICANT),
        "clients.ContactPoint.value",  # the rows themselves are deleted
    }
    assert {name for name in marked if name.startswith(("clients.", "appeals."))} <= erased


@clause("krc-2-33")
def test_what_is_marked_is_struck_out_of_a_text() -> None:
    said = {
        "surname": "Квакушинский",
        "given_name": "Пелагей",
        "patronymic": "Зюревич",
        "residence": "ул. Хрустальная, 8",
    }
    who = masking.person([said["surname"], said["given_name"], said["patronymic"]], [said["residence"]])
    text = "Квакушинскому Пелагею Зюревичу с улицы Хрустальной, 8 ответили."
    masks = dict.fromkeys(erasure.MASKS, "[скрыто]")
    struck = masking.struck(text, masking.find(text, who, KRC), masks)
    assert not [stem for stem in ("Квакуш", "Пелаг", "Зюр", "Хрусталь") if stem in struck]


@clause("krc-2-33")
@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Паспорт 4509 123456 выдан давно.", "123456"),
        ("Дата рождения: 12.03.1980, прошу учесть.", "12.03.1980"),
        ("Он родился 12.03.1980 и живёт здесь.", "12.03.1980"),
        ("Жилец 12.03.1980 г. р. переехал.", "12.03.1980"),
        ("Дата народження 12.03.1980.", "12.03.1980"),
    ],
)
def test_what_the_program_does_not_keep_is_struck_out_where_somebody_wrote_it(text: str, gone: str) -> None:
    struck = masking.struck(text, masking.find(text, masking.person([]), KRC), erasure.MASKS)
    assert gone not in struck


def test_a_day_that_is_nobody_s_birth_stays() -> None:
    text = "Ответ от 12.03.2026 получен, родителям сообщили 13.03.2026."
    assert masking.find(text, masking.person([]), KRC) == []


@clause("krc-2-33")
@pytest.mark.db
def test_looking_at_a_card_is_a_fact(few: Callable[[], Client]) -> None:
    client = few()
    actions.note_view(client=client, employee_id=5, actor="employee:5", now=client.created_at)
    assert facts_of("client", client.pk).get().data["employee"] == 5


@pytest.fixture
def few(db: None) -> Callable[[], Client]:
    """A client."""
    at = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
    return lambda: Client.objects.create(surname="Ёлкин", created_at=at, changed_at=at)
