"""The page of client boxes and the clerk's choice of how a letter came."""

import pytest

from kindline.appeals.models import Appeal, ClientBox, Emptying
from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, here

__all__ = ["here"]
pytestmark = pytest.mark.db
BOXES = "/desk/boxes/"


@pytest.mark.clause("krc-2-16")
def test_a_box_is_put_up_emptied_and_chosen_for_a_letter(here: Registry) -> None:
    head, clerk = _as(here, "unit_head"), _as(here, "counter")
    assert clerk.post(BOXES, {"verb": "put_up", "place": "Hall"}).status_code == 403
    assert head.post(BOXES, {"verb": "put_up", "place": "Hall"}).status_code == 302
    box = ClientBox.objects.get()
    refused = clerk.post(BOXES, {"verb": "empty", "box": box.pk, "letters": "many", "note": "wet"})
    assert refused.status_code == 422
    assert "how many letters" in refused.content.decode()
    assert 'value="wet"' in refused.content.decode()
    assert clerk.post(BOXES, {"verb": "empty", "box": box.pk, "letters": "2"}).status_code == 302
    emptying = Emptying.objects.get()
    assert emptying.employee == here.people["counter"]
    said = {"channel": "paper", "kind": "proposal", "substance": "Bench", "came_by": "client_box"}
    clerk.post("/desk/appeals/new/", said | {"emptying": emptying.pk})
    made = Appeal.objects.get()
    assert (made.came_by, made.emptying) == ("client_box", emptying)
    page = clerk.get(f"/desk/appeals/{made.pk}/").content.decode()
    assert "from a client box: Hall" in page
    assert head.post(BOXES, {"verb": "take_down", "box": box.pk}).status_code == 302
    gone = clerk.post(BOXES, {"verb": "empty", "box": box.pk, "letters": "2"})
    assert "no such box" in gone.content.decode()


@pytest.mark.parametrize(
    ("more", "way"),
    [({"came_by": "courier"}, "courier"), ({"came_by": "pigeon"}, ""), ({"came_by": "post", "channel": "email"}, "")],
)
def test_how_a_letter_came_is_kept_for_paper_alone(here: Registry, more: dict[str, str], way: str) -> None:
    said = {"channel": "paper", "kind": "proposal", "substance": "Bench", "emptying": "99"} | more
    _as(here, "counter").post("/desk/appeals/new/", said)
    made = Appeal.objects.get()
    assert (made.came_by, made.emptying) == (way, None)


def test_other_standards_have_no_such_page(here: Registry, house: object) -> None:
    house("voe")  # type: ignore[operator]
    assert _as(here, "counter").get(BOXES).status_code == 404
    assert BOXES not in _as(here, "counter").get("/desk/letters/").content.decode()
