"""Open data: every set as CSV and JSON with nothing of a person in it, and a catalogue that programs read."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from rdflib import DCAT, DCTERMS, OWL, RDF, Graph, Literal, URIRef

from kindline.appeals import punctuality
from kindline.appeals.models import Appeal, Incident
from kindline.conversations.models import Topic
from kindline.feedback import actions as feedback
from kindline.quality.models import Monitoring
from kindline.site import layout
from kindline.site.models import ItemPage
from kindline.site.open_data import tables, words
from kindline.staff.models import Employee
from kindline.standard import loader
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
NOW = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
PROFILES = [name for name in loader.profile_ids() if (one := loader.load(name).publication) and one.open_data]


@pytest.fixture
def krc(site: Callable[[str], Profile]) -> Profile:
    """The site of krc; its sections are not laid out, which takes time."""
    return site("krc")


@pytest.fixture
def laid(krc: Profile) -> Profile:
    """The same with its sections."""
    layout.lay_out(profile=krc)
    return krc


def table(profile: Profile, dataset: str, now: dt.datetime = NOW) -> tables.Table:
    """A set of data as it stands."""
    assert profile.publication is not None
    assert profile.publication.open_data is not None
    return tables.table(profile, profile.publication.open_data, dataset, now)


def appeals(topic: Topic | None, at: dt.datetime, *, in_time: int = 0, late: int = 0, waiting: int = 0) -> None:
    """So many appeals of a topic that were registered then."""
    for number in range(in_time + late + waiting):
        answered = at + HOUR if number < in_time else at + 3 * HOUR if number < in_time + late else None
        Appeal.objects.create(
            profile="krc", version="1", number=f"{topic}-{at:%m}-{number}", kind="application", topic=topic,
            channel="web",
            surname="Ёлкин", phone="+79271112233", substance="Не считают", received_at=at, registered_at=at,
            limit_at=at + 2 * HOUR, answered_at=answered,
        )  # fmt: skip


def topic(code: str) -> Topic:
    """What appeals are about."""
    return Topic.objects.create(profile="krc", code=code, title=code)


def test_tariffs_are_the_tables_of_the_site_as_people_keep_them(laid: Profile) -> None:
    page = ItemPage.objects.get(slot="tariffs")
    page.body = [("rows", [{"name": "Отопление, Гкал", "value": "2 684,50 руб."}, {"name": "Газ", "value": "нет"}])]
    page.save_revision().publish()
    rows = table(laid, "tariffs").rows
    assert [(row["name"], row["number"]) for row in rows[:2]] == [("Отопление, Гкал", 2684.5), ("Газ", None)]
    assert rows[0]["item"] == "Тарифы на жилищно-коммунальные услуги"
    assert {"Замена счётчика воды", "Выписка за прошлые годы"} <= {row["name"] for row in rows}
    hours = {row["name"]: (row["value"], row["number"]) for row in table(laid, "offices").rows}
    assert hours["Понедельник – пятница"] == ("08:00–20:00", None)


def test_appeals_are_counted_by_whole_months_and_small_topics_are_put_together(krc: Profile) -> None:
    october = dt.datetime(2026, 10, 31, 22, tzinfo=dt.UTC)  # already November in Moscow
    heat, rare = topic("heat"), topic("rare")
    appeals(heat, october, in_time=6, late=2, waiting=1)
    appeals(rare, october, in_time=2)
    appeals(None, october, waiting=3)
    appeals(heat, NOW, in_time=9)
    rows = table(krc, "appeals").rows
    assert [(row["month"], row["topic"], row["appeals"]) for row in rows] == [
        ("2026-11", "heat", 9),
        ("2026-11", None, 5),
    ]
    told = ("due", "on_time", "late", "overdue_open", "on_time_percent")
    assert [rows[0][name] for name in told] == [9, 6, 2, 1, 67], "the open one is late as well"
    assert [rows[1][name] for name in told] == [5, 2, 0, 3, 40]
    assert len(table(krc, "appeals", NOW + dt.timedelta(days=31)).rows) == 3


def test_an_appeal_stands_in_the_month_of_its_limit_and_too_few_of_them_are_not_told(krc: Profile) -> None:
    appeals(topic("heat"), dt.datetime(2026, 11, 30, 20, tzinfo=dt.UTC), in_time=5)  # the limit: December in Moscow
    appeals(topic("bill"), dt.datetime(2026, 11, 3, tzinfo=dt.UTC), waiting=4)
    (row,) = table(krc, "appeals", dt.datetime(2026, 12, 20, tzinfo=dt.UTC)).rows
    assert (row["month"], row["topic"], row["appeals"]) == ("2026-11", None, 9)
    assert {row[name] for name in (*punctuality.NAMES, "on_time_percent")} == {None}
    later = table(krc, "appeals", dt.datetime(2027, 1, 2, tzinfo=dt.UTC)).rows[1]
    assert (later["month"], later["topic"], later["appeals"], later["due"], later["on_time_percent"]) == (
        "2026-12", "heat", None, 5, 100,
    )  # fmt: skip


def test_a_month_of_few_and_a_quarter_of_few_ratings_are_not_told(krc: Profile) -> None:
    appeals(topic("heat"), dt.datetime(2026, 11, 3, tzinfo=dt.UTC), in_time=4)
    for number in range(9):
        at = dt.datetime(2026, 5 if number < 5 else 8, 2, tzinfo=dt.UTC)
        feedback.rate(subject_type="appeal", subject_id=number, answer=5, service=4 - number % 2, words="", now=at)
    assert table(krc, "appeals").rows == []
    rows = table(krc, "satisfaction").rows
    assert [(row["quarter"], row["ratings"], row["content_percent"]) for row in rows] == [("2026-Q2", 5, 60)]


def test_an_outage_is_told_without_flats_names_and_small_numbers(krc: Profile) -> None:
    by = Employee.objects.create(username="one")
    heat = topic("heat")
    made = Incident.objects.create(
        profile="krc", title="У Ёлкина нет тепла", topic=heat, area="Лесная, 12, кв. 5; Садовая, тел. 79271112233",
        begun_at=NOW, opened_by=by, opened_at=NOW,
    )  # fmt: skip
    appeals(heat, NOW, waiting=4)
    Appeal.objects.update(incident=made)
    (row,) = table(krc, "outages").rows
    assert (row["area"], row["topic"], row["appeals"], row["ended"]) == (
        "Лесная, 12; Садовая, тел.",
        "heat",
        None,
        None,
    )
    appeals(None, NOW, waiting=1)
    Appeal.objects.update(incident=made)
    assert table(krc, "outages").rows[0]["appeals"] == 5
    assert "Ёлкин" not in str(table(krc, "outages"))


def test_what_was_approved_of_the_monitoring_is_a_set(site: Callable[[str], Profile]) -> None:
    voe = site("voe")
    results = {
        "sample": 2, "population": 9,
        "items": [{"clause": "voe-2-04", "title": {"uk": "Привітний"}, "met": 2, "not_met": 0}],
        "sections": [{"section": "3", "title": "Центр", "met": 7, "not_met": 1}],
    }  # fmt: skip
    by = Employee.objects.create(username="one")
    Monitoring.objects.create(
        profile="voe", quarter="2026-Q3", seed="x", population=9, drawn_at=NOW, drawn_by=by, results=results,
        published_at=NOW, published_by=by,
    )  # fmt: skip
    Monitoring.objects.create(profile="voe", quarter="2026-Q4", seed="x", population=9, drawn_at=NOW, drawn_by=by)
    rows = [tuple(row.values()) for row in table(voe, "monitoring").rows]
    assert rows == [
        ("2026-Q3", "items", "voe-2-04", "Привітний", 2, 0),
        ("2026-Q3", "sections", "3", "Центр", 7, 1),
    ]


@pytest.mark.clause("krc-2-26")
@pytest.mark.parametrize("profile", PROFILES)
def test_every_set_is_given_as_csv_and_as_json_with_the_same_rows(
    site: Callable[[str], Profile], visitor: Browser, profile: str
) -> None:
    standard = site(profile)
    layout.lay_out(profile=standard)
    assert standard.publication is not None
    assert standard.publication.open_data is not None
    page = visitor.get("/open-data/").content.decode()
    assert standard.publication.open_data.licence_address in page
    for dataset in standard.publication.open_data.datasets:
        found = table(standard, dataset)
        assert words.title(dataset) in page
        for form in ("csv", "json"):
            assert f'href="/open-data/{dataset}.{form}"' in page
        text = visitor.get(f"/open-data/{dataset}.csv")
        assert text["Access-Control-Allow-Origin"] == "*"
        lines = list(csv.DictReader(io.StringIO(text.content.decode("utf-8-sig"))))
        whole = json.loads(visitor.get(f"/open-data/{dataset}.json").content)
        assert whole["columns"] == list(found.columns)
        assert len(lines) == len(whole["rows"]) == len(found.rows)
        assert [line[found.columns[0]] for line in lines] == [str(row[found.columns[0]]) for row in whole["rows"]]
        assert whole["licence"] == standard.publication.open_data.licence_address


def test_no_formula_reaches_an_office_program(laid: Profile, visitor: Browser) -> None:
    page = ItemPage.objects.get(slot="tariffs")
    page.body = [("rows", [{"name": "=cmd()", "value": "+7 (000)"}])]
    page.save_revision().publish()
    line = visitor.get("/open-data/tariffs.csv").content.decode().split("\r\n")[1]
    assert line.split(",")[1:3] == ["'=cmd()", "+7 (000)"]


@pytest.mark.clause("krc-2-26")
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph")  # the library's own reader of JSON-LD uses what it gives up
@pytest.mark.parametrize(("form", "kind"), [("jsonld", "json-ld"), ("ttl", "turtle")])
def test_the_catalogue_is_dcat_in_three_languages(krc: Profile, visitor: Browser, form: str, kind: str) -> None:
    answer = visitor.get(f"/open-data/catalogue.{form}")
    graph = Graph().parse(data=answer.content, format=kind)
    (whole,) = graph.subjects(RDF.type, DCAT.Catalog)
    sets = set(graph.objects(whole, DCAT.dataset))
    assert krc.publication is not None
    assert krc.publication.open_data is not None
    assert len(sets) == len(krc.publication.open_data.datasets)
    tariffs = URIRef("http://testserver/open-data/#tariffs")
    assert {title.language for title in graph.objects(tariffs, DCTERMS.title) if isinstance(title, Literal)} == {
        "uk", "ru", "en",
    }  # fmt: skip
    files = set(graph.objects(tariffs, DCAT.distribution))
    assert files == {URIRef(f"http://testserver/open-data/tariffs.{one}") for one in ("csv", "json")}
    for file in files:
        assert graph.value(file, DCTERMS.license) == URIRef("https://creativecommons.org/licenses/by/4.0/")
        assert visitor.get(str(graph.value(file, DCAT.downloadURL))).status_code == 200
    day = table(krc, "tariffs").modified
    assert day is not None
    assert str(graph.value(tariffs, OWL.versionInfo)) == day.isoformat()


@pytest.mark.parametrize("address", ["tariffs.xml", "people.csv", "monitoring.csv", "catalogue.xml"])
def test_what_there_is_not_is_not_found(krc: Profile, visitor: Browser, address: str) -> None:
    assert krc.publication is not None
    assert visitor.get(f"/open-data/{address}").status_code == 404


def test_where_the_standard_has_none_there_is_no_page_and_no_link(
    site: Callable[[str], Profile], visitor: Browser
) -> None:
    site("court")
    assert visitor.get("/open-data/").status_code == 404
    assert visitor.get("/monitoring/").status_code == 404
    assert "/open-data/" not in visitor.get("/").content.decode()


def test_a_page_of_the_site_stays_small(laid: Profile, visitor: Browser) -> None:
    assert laid.publication is not None
    for address in ("/", "/info/", "/info/population/", "/info/population/tariffs/", "/open-data/", "/ask/"):
        assert len(visitor.get(address).content) < 60_000, address
