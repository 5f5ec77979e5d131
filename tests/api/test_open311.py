"""Open311 GeoReport v2: services, requests in JSON and XML, refusals with 400, 403, 404."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from kindline.appeals import applying
from kindline.appeals.models import Appeal
from kindline.conversations.models import Topic
from kindline.staff.models import Scope
from tests.api.calling import Program, program
from tests.appeals.registry import registry

pytestmark = pytest.mark.db
BASE = "/open311/v2"
PLACE = {"address_string": "ул. Лесная, 1", "description": "Не горит <фонарь> & лифт", "last_name": "Коваль"}


@pytest.fixture
def topic(db: None) -> Topic:
    """What may be asked for."""
    return Topic.objects.create(profile="krc", code="lights", title="Освещение")


def _post(site: Program, form: str = "json", **fields: str) -> Any:
    return site.browser.post(f"{BASE}/requests.{form}", {"api_key": site.text, "service_code": "lights"} | fields)


def _get(site: Program, path: str, **asked: str) -> Any:
    return site.browser.get(f"{BASE}/{path}", {"api_key": site.text} | asked)


def test_services_in_both_formats(site: Program, topic: Topic) -> None:
    (told,) = site.browser.get(f"{BASE}/services.json").json()
    assert (told["service_code"], told["metadata"], told["type"]) == ("lights", True, "realtime")
    answer = site.browser.get(f"{BASE}/services.xml")
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert ET.fromstring(answer.content).findtext("service/service_name") == "Освещение"  # noqa: S314 - our own
    assert ET.fromstring(answer.content).findtext("service/metadata") == "true"  # noqa: S314 - our own
    assert site.browser.get(f"{BASE}/services/nothing.xml").status_code == 404


def test_a_request_becomes_an_appeal_and_is_followed(site: Program, topic: Topic) -> None:
    answer = _post(site, **PLACE)
    assert answer.status_code == 201, answer.content
    key = answer.json()[0]["service_request_id"]
    appeal = Appeal.objects.get(pk=key)
    assert (appeal.topic, appeal.surname, appeal.residence, appeal.channel) == (topic, "Коваль", "ул. Лесная, 1", "web")
    (told,) = _get(site, f"requests/{key}.json").json()
    assert (told["status"], told["service_notice"]) == ("open", appeal.number)
    assert told["expected_datetime"]
    root = ET.fromstring(_get(site, "requests.xml", service_request_id=key).content)  # noqa: S314 - our own
    assert root.tag == "service_requests"
    assert root.findtext("request/description") == PLACE["description"]


def test_lists_by_status_service_and_time(site: Program, topic: Topic) -> None:
    key = _post(site, **PLACE).json()[0]["service_request_id"]
    assert [one["service_request_id"] for one in _get(site, "requests.json", status="open").json()] == [key]
    assert _get(site, "requests.json", status="closed").json() == []
    assert len(_get(site, "requests.json", service_code="lights,other").json()) == 1
    assert _get(site, "requests.json", end_date="2020-01-01T00:00:00Z").json() == []


@pytest.mark.parametrize("form", ["json", "xml"])
def test_refusals(site: Program, topic: Topic, form: str) -> None:
    wanted = {
        400: [_post(site, form, description="x"), _post(site, form, address_string="x"),
              _get(site, f"requests.{form}", start_date="yesterday")],
        403: [_post(site, form, api_key="kl_no", **PLACE), site.browser.get(f"{BASE}/requests.{form}")],
        404: [_post(site, form, **PLACE, service_code="none"), _get(site, f"services.{form}", jurisdiction_id="other"),
              _get(site, f"requests/9999999.{form}")],
    }  # fmt: skip
    for status, answers in wanted.items():
        for answer in answers:
            assert answer.status_code == status, answer.content
            said = (
                answer.json()[0]["code"] if form == "json" else ET.fromstring(answer.content).findtext("error/code")  # noqa: S314 - our own
            )
            assert said == str(status)


def test_nothing_of_others_is_shown(site: Program, topic: Topic) -> None:
    others = registry("krc").register()
    own = program(site.token.employee, Scope.CREATE)
    assert _get(own, f"requests/{others.pk}.json").status_code == 404
    assert _get(own, "requests.json").json() == []
    assert [one["service_request_id"] for one in _get(site, "requests.json", service_request_id=str(others.pk)).json()]


def test_the_same_key_is_one_request(site: Program, topic: Topic) -> None:
    fields = {"api_key": site.text, "service_code": "lights"} | PLACE
    answers = [
        site.browser.post(f"{BASE}/requests.json", fields, headers={"Idempotency-Key": "one"}).content
        for _ in range(2)
    ]  # fmt: skip
    assert answers[0] == answers[1]
    assert Appeal.objects.count() == 1


def test_discovery_in_both_formats(site: Program) -> None:
    told = site.browser.get(f"{BASE}/discovery.json").json()
    (endpoint,) = told["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert (endpoint["url"], endpoint["type"]) == ("http://testserver/open311/v2", "production")
    assert {"changeset", "contact", "key_service"} <= set(told)
    root = ET.fromstring(site.browser.get(f"{BASE}/discovery.xml").content)  # noqa: S314 - our own
    assert root.tag == "discovery"
    formats = [one.text for one in root.findall("endpoints/endpoint/formats/format")]
    assert formats == ["text/xml", "application/json"]


class TestAttributes:
    """What a service asks by the standard, and what becomes of what was sent."""

    @pytest.fixture
    def court(self, topic: Topic, settings: Any) -> Topic:
        settings.KINDLINE = {**settings.KINDLINE, "profile": "court"}
        return Topic.objects.create(profile="court", code="lights", title="Справи")

    def test_the_kind_is_offered(self, site: Program, topic: Topic) -> None:
        told = site.browser.get(f"{BASE}/services/lights.json").json()
        kind, *_ = told["attributes"]
        assert (kind["code"], kind["datatype"], kind["required"], kind["order"]) == (
            "kind", "singlevaluelist", False, 1,
        )  # fmt: skip
        assert "complaint" in [one["key"] for one in kind["values"]]
        root = ET.fromstring(site.browser.get(f"{BASE}/services/lights.xml").content)  # noqa: S314 - our own
        assert root.findtext("attributes/attribute/variable") == "true"
        keys = [one.text for one in root.findall("attributes/attribute")[0].findall("values/value/key")]
        assert keys == [one["key"] for one in kind["values"]]

    @pytest.mark.clause("court-1-22")
    def test_what_the_standard_requires_is_asked_for(self, site: Program, court: Topic) -> None:
        rows = {one["code"]: one for one in site.browser.get(f"{BASE}/services/lights.json").json()["attributes"]}
        assert (rows["patronymic"]["required"], rows["patronymic"]["datatype"]) == (True, "string")
        assert rows["required"]["variable"] is False
        assert "last_name" in rows["required"]["description"]
        assert sorted(one["order"] for one in rows.values()) == [*range(1, len(rows) + 1)]
        answer = _post(site, **PLACE)
        assert answer.status_code == 400
        assert "attribute[patronymic]" in answer.json()[0]["description"]
        assert "first_name" in answer.json()[0]["description"]

    def test_they_are_kept_in_fields_and_in_words(self, site: Program, court: Topic) -> None:
        more = {
            "first_name": "Ольга", "phone": "-", "email": "o@example.org", "attribute[patronymic]": "-",
            "attribute[kind]": "complaint", "attribute[pole]": "17",
        }  # fmt: skip
        answer = _post(site, **PLACE, **more)
        assert answer.status_code == 201, answer.content
        made = Appeal.objects.get()
        assert (made.kind, made.patronymic, made.phone) == ("complaint", "", "")
        assert {*made.none_fields} == {"patronymic", "phone"}
        assert made.substance.endswith("\npole: 17")

    def test_a_line_that_is_far_too_long_is_refused_by_its_name(self, site: Program, court: Topic) -> None:
        answer = _post(site, **PLACE, first_name="я" * 1001, phone="1" * 90_000)
        assert answer.status_code == 400
        said = answer.json()[0]["description"]
        assert "first_name" in said
        assert "1000" in said
        assert not Appeal.objects.exists()

    @pytest.mark.clause("krc-2-14")
    def test_who_applies_has_a_place_in_and_out(self, site: Program, topic: Topic) -> None:
        rows = {one["code"]: one for one in site.browser.get(f"{BASE}/services/lights.json").json()["attributes"]}
        assert [one["key"] for one in rows["applicant_kind"]["values"]] == list(applying.KINDS)
        assert (rows["firm_name"]["datatype"], rows["firm_name"]["required"]) == ("string", False)
        firm = {"attribute[firm_name]": "ООО «Берёзка»"}
        key = _post(site, **PLACE | firm).json()[0]["service_request_id"]
        assert _post(site, **PLACE | firm | {"attribute[applicant_kind]": "executor"}).status_code == 201
        assert [(one.applicant_kind, one.firm_name) for one in Appeal.objects.order_by("pk")] == [
            ("firm", "ООО «Берёзка»"), ("executor", "ООО «Берёзка»"),
        ]  # fmt: skip
        assert "Берёзка" not in Appeal.objects.get(pk=key).substance
        plain, told = (_get(site, f"requests/{key}.json", **more).json()[0] for more in ({}, {"extensions": "true"}))
        assert "extended_attributes" not in plain
        assert told["extended_attributes"] == {"applicant_kind": "firm", "firm_name": "ООО «Берёзка»"}
        root = ET.fromstring(_get(site, "requests.xml", extensions="true", service_request_id=key).content)  # noqa: S314 - our own
        assert root.findtext("request/extended_attributes/firm_name") == "ООО «Берёзка»"

    def test_an_organisation_without_its_name_is_told_the_attribute(self, site: Program, topic: Topic) -> None:
        refused = [_post(site, **PLACE | {"attribute[applicant_kind]": kind}) for kind in ("firm", "poet")]
        assert [one.status_code for one in refused] == [400, 400]
        assert "attribute[firm_name]" in refused[0].json()[0]["description"]
        assert "attribute[applicant_kind]" in refused[1].json()[0]["description"]
        assert not Appeal.objects.exists()

    def test_several_values_of_one(self, site: Program, topic: Topic) -> None:
        several = {"api_key": site.text, "service_code": "lights", **PLACE, "attribute[when][]": ["утром", "вечером"]}
        assert site.browser.post(f"{BASE}/requests.json", several).status_code == 201
        assert Appeal.objects.get().substance.endswith("when: утром, вечером")

    @pytest.mark.parametrize(
        ("more", "named"),
        [({"attribute[kind]": "gift"}, "attribute[kind]"), ({"media_url": "https://x.example/a.jpg"}, "attachments"),
         ({"lat": "91", "long": "0"}, "lat"), ({"lat": "61.7"}, "long"), ({"lat": "x", "long": "0"}, "lat")],
    )  # fmt: skip
    def test_what_cannot_be_kept_is_refused_in_words(
        self, site: Program, topic: Topic, more: dict[str, str], named: str
    ) -> None:
        answer = _post(site, **PLACE | more)
        assert answer.status_code == 400
        assert named in answer.json()[0]["description"]
        assert not Appeal.objects.exists()

    def test_a_place_on_the_map(self, site: Program, topic: Topic) -> None:
        where = {"lat": "61.7849", "long": "-34.3469"}
        assert _post(site, **PLACE | where).status_code == 201
        assert _post(site, **PLACE | where | {"address_string": ""}).status_code == 201
        with_address, without = Appeal.objects.order_by("pk")
        assert with_address.substance.endswith("lat, long: 61.7849, -34.3469")
        assert (with_address.residence, without.residence) == ("ул. Лесная, 1", "61.7849, -34.3469")
