"""Client boxes: where, when and by whom each was emptied is a fact, and a letter says how it came."""

import datetime as dt
import uuid

import pytest

from kindline.appeals import actions, boxes
from kindline.appeals.answering import EmptyTextError
from kindline.appeals.models import ClientBox, Emptying
from kindline.journal.queries import facts_of
from kindline.standard import loader
from tests.appeals.registry import NOW, Registry

pytestmark = pytest.mark.db
clause = pytest.mark.clause


@pytest.fixture
def box(krc: Registry) -> ClientBox:
    """A box in the hall."""
    head = krc.people["unit_head"]
    return boxes.put_up(profile=krc.profile, place=" Холл,  вход ", unit=head.unit, employee=head, now=NOW)


def _empty(here: Registry, box: ClientBox, **more: object) -> Emptying:
    said: dict[str, object] = {"key": uuid.uuid4(), "emptied_at": NOW, "letters": 3, "now": NOW} | more
    return boxes.empty(box=box, employee=here.people["counter"], **said)  # type: ignore[arg-type]


@clause("krc-2-16")
def test_an_emptying_keeps_place_time_and_person(krc: Registry, box: ClientBox) -> None:
    at = NOW - dt.timedelta(hours=1)
    made = _empty(krc, box, emptied_at=at, note=" мокрые ")
    assert (made.box, made.employee, made.emptied_at, made.letters, made.note) == (
        box, krc.people["counter"], at, 3, "мокрые",
    )  # fmt: skip
    put_up, emptied = facts_of("box", box.pk)
    assert (put_up.kind, put_up.data["place"]) == ("box_put_up", "Холл, вход")
    assert (emptied.kind, emptied.data["place"], emptied.data["letters"]) == ("box_emptied", "Холл, вход", 3)
    assert (emptied.data["employee"], emptied.data["emptied_at"]) == (krc.people["counter"].pk, at.isoformat())
    assert list(boxes.emptyings(krc.profile)) == boxes.recent(krc.profile) == [made]


def test_the_same_form_is_the_same_emptying(krc: Registry, box: ClientBox) -> None:
    key = uuid.uuid4()
    assert _empty(krc, box, key=key) == _empty(krc, box, key=key, letters=5)
    assert Emptying.objects.get().letters == 3


def test_what_cannot_be_is_refused(krc: Registry, box: ClientBox) -> None:
    head = krc.people["unit_head"]
    with pytest.raises(boxes.NotYetError):
        _empty(krc, box, emptied_at=NOW + dt.timedelta(minutes=1))
    for letters in (None, -1, boxes.LETTERS_MAX + 1):
        with pytest.raises(boxes.NoCountError):
            _empty(krc, box, letters=letters)
    with pytest.raises(boxes.KnownBoxError):
        boxes.put_up(profile=krc.profile, place="холл, вход", employee=head, now=NOW)
    with pytest.raises(EmptyTextError):
        boxes.put_up(profile=krc.profile, place=" ", employee=head, now=NOW)
    for _ in range(2):
        boxes.take_down(box=box, employee=head, now=NOW)
    with pytest.raises(boxes.NoBoxError):
        _empty(krc, box)
    assert [fact.kind for fact in facts_of("box", box.pk)] == ["box_put_up", "box_taken_down"]
    assert list(boxes.standing(krc.profile)) == []
    boxes.put_up(profile=krc.profile, place="Холл, вход", employee=head, now=NOW)


def test_a_letter_says_how_it_came_and_from_which_emptying(krc: Registry, box: ClientBox) -> None:
    emptying = _empty(krc, box)
    made = krc.register(receipt=actions.Receipt(came_by="client_box", emptying=emptying))
    assert (made.came_by, made.emptying) == ("client_box", emptying)
    [fact] = facts_of("appeal", made.pk)
    assert (fact.data["came_by"], fact.data["emptying"]) == ("client_box", emptying.pk)
    assert list(emptying.appeals.all()) == [made]


def test_only_a_standard_that_knows_boxes_offers_them() -> None:
    assert boxes.are_kept(loader.load("krc"))
    for name in ("court", "yumek", "voe"):
        assert not boxes.are_kept(loader.load(name))
        assert "client_box" not in boxes.ways(loader.load(name))
