"""Responsibility for the standard and the comparison of quality, as pages."""

from typing import Any

import pytest
from django.utils import timezone

from kindline.conversations.models import Contact
from kindline.journal import actions as journal
from kindline.quality.models import Measurement
from kindline.staff.models import Acknowledgement, ControlOrder
from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, here

__all__ = ["here"]
clause = pytest.mark.clause
pytestmark = pytest.mark.db


@clause("krc-7-01", "krc-7-02")
def test_everybody_says_that_he_has_read_it_and_heads_see_who_has_not(here: Registry) -> None:
    operator = _as(here, "operator")
    assert "not yet" not in operator.get("/desk/responsible/").content.decode(), "others are no operator's business"
    assert operator.post("/desk/responsible/", {"verb": "acknowledge"}).status_code == 302
    assert Acknowledgement.objects.get().employee == here.people["operator"]
    assert "You have read it" in operator.get("/desk/responsible/").content.decode()
    page = _as(here, "unit_head").get("/desk/responsible/").content.decode()
    assert page.count("not yet") == len({one.pk for one in here.people.values()}) - 1


@clause("krc-7-03")
def test_the_administrator_enters_the_order_and_everybody_sees_who_controls(here: Registry) -> None:
    director = here.people["director"]
    typed = {"verb": "name_controllers", "number": "17-к", "signed_on": "2026-01-10", "valid_from": "2026-01-12"}
    assert _as(here, "director").post("/desk/responsible/", {**typed, "persons": director.pk}).status_code == 403
    administrator = _as(here, "administrator")
    refused = administrator.post("/desk/responsible/", typed)
    assert (refused.status_code, "17-к" in refused.content.decode()) == (422, True)
    assert "Name at least one person." in refused.content.decode()
    assert (
        administrator.post("/desk/responsible/", {**typed, "persons": director.pk, "signed_on": "x"}).status_code == 422
    )
    assert administrator.post("/desk/responsible/", {**typed, "persons": director.pk}).status_code == 302
    assert list(ControlOrder.objects.get().persons.all()) == [director]
    for role in ("operator", "specialist"):
        assert "17-к" in _as(here, role).get("/desk/responsible/").content.decode()
        assert f"Controlled by: {director}" in " ".join(_as(here, role).get("/desk/standard/").content.decode().split())


@clause("voe-1-03", "voe-2-03")
def test_quality_is_compared_and_exported(house: Any, here: Registry) -> None:
    voe, now, operator = house("voe"), timezone.now(), here.people["operator"]
    contact = Contact.objects.create(
        profile="voe", version=voe.version, channel="phone", employee=operator, started_at=now
    )
    for name, verdict in (("voe-5-01", "met"), ("voe-5-02", "not_met"), ("voe-5-03", "not_measurable")):
        Measurement.objects.create(
            profile="voe", clause=name, version=voe.version, subject_type="contact", subject_id=str(contact.pk),
            verdict=verdict, at=now, judged_at=now,
        )  # fmt: skip
    for item, verdict, critical in (("a", "met", False), ("b", "not_met", False), ("c", "not_applicable", True)):
        data = {"form": "f", "item": item, "verdict": verdict, "critical": critical, "reviewer": 1}
        journal.record(kind="item_judged", subject_type="contact", subject_id=str(contact.pk), data=data, at=now)
    head = _as(here, "unit_head")
    lines = b"".join(head.get("/desk/comparison/?format=csv")).decode("utf-8-sig").splitlines()
    assert "By channel,phone,1,1,2,50.0,,," in lines
    assert f"By employee,{operator},1,1,2,50.0,1,50.0,50.0" in lines, "the score of reviews stands beside it"
    assert "50.0" in head.get("/desk/comparison/?days=7").content.decode()
    assert head.get("/desk/comparison/?days=²").status_code == 200
    assert _as(here, "operator").get("/desk/comparison/").status_code == 403
