"""The register of services as open data: every passport of the standard with term, price and result."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from rdflib import DCTERMS, Graph, Literal, URIRef

from kindline.standard import loader
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
PROFILES = [name for name in loader.profile_ids() if loader.load(name).services]


@pytest.mark.clause("krc-2-26", "krc-2-28", "krc-2-30", "krc-2-31", "krc-2-32")
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("reader", ["uk", "ru", "en"])
def test_every_service_is_a_row_in_the_language_of_the_standard_whoever_reads(
    site: Callable[[str], Profile], profile: str, reader: str
) -> None:
    standard = site(profile)
    browser = Browser(headers={"accept-language": reader})
    answer = browser.get("/open-data/services.csv")
    rows = {row["service"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    assert list(rows) == list(standard.services)
    for one in standard.services.values():
        row, language = rows[one.id], standard.language
        assert (row["title"], row["result"], row["price"]) == (one.title[language], one.result, one.cost)
        assert row["term"] == one.result_term
        assert row["additional"] == str(int(one.is_additional))
        assert [part.partition(" (")[0] for part in row["stages"].split("; ")] == [
            stage.title[language].partition(" (")[0] for stage in one.stages
        ]
        assert browser.get(row["address"]).status_code == 200


def test_a_stage_is_told_with_its_term(site: Callable[[str], Profile], visitor: Browser) -> None:
    site("krc")
    rows = visitor.get("/open-data/services.json").json()["rows"]
    (meter,) = [row for row in rows if row["service"] == "meter_entry"]
    assert meter["stages"] == (
        "Заявка и документы (1 рабочий день); Визит специалиста (12 рабочих дней); Акт ввода (2 рабочих дня)"
    )
    assert meter["payment"] == "первичная опломбировка бесплатна"
    assert [row["additional"] for row in rows].count(1) == 1


@pytest.mark.clause("krc-2-26")
def test_the_catalogue_names_the_register_and_its_files(site: Callable[[str], Profile], visitor: Browser) -> None:
    standard = site("krc")
    graph = Graph().parse(data=visitor.get("/open-data/catalogue.ttl").content, format="turtle")
    one = URIRef("http://testserver/open-data/#services")
    titles = {title.language: str(title) for title in graph.objects(one, DCTERMS.title) if isinstance(title, Literal)}
    assert titles == {"uk": "Реєстр послуг", "ru": "Реестр услуг", "en": "Register of services"}
    modified = graph.value(one, DCTERMS.modified)
    assert modified is not None
    assert str(modified) == standard.valid_from.isoformat()


def test_a_standard_without_services_has_no_register(site: Callable[[str], Profile], visitor: Browser) -> None:
    site("yumek")
    assert visitor.get("/open-data/services.csv").status_code == 404
