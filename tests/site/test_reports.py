"""The quarterly report: written, approved, frozen; a correction is a new version; an overdue one is not met."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from rdflib import DCAT, DCTERMS, Graph, Literal, URIRef

from kindline.correspondence import pdfs
from kindline.correspondence.errors import PrintingUnavailableError
from kindline.journal import actions as journal
from kindline.journal.queries import facts_of
from kindline.quality import judging
from kindline.quality.models import Measurement, Monitoring
from kindline.site import freshness, layout, watching
from kindline.site.report_models import QuarterReport
from kindline.site.reports import finding, standing, writing
from kindline.site.reports.writing import NotTheirsError, ReportError
from kindline.site.searching import wanted
from kindline.staff.models import Employee, Role
from kindline.standard import loader
from kindline.standard.profile import Profile

pytestmark = pytest.mark.db
clause = pytest.mark.clause
NOW = dt.datetime(2026, 10, 12, 9, tzinfo=dt.UTC)
DUE = dt.datetime(2026, 10, 30, 22, tzinfo=dt.UTC)  # the end of 30 October in Kyiv
QUARTER = "2026-Q3"
RESULTS = {
    "sample": 3,
    "population": 40,
    "items": [{"clause": "voe-2-04", "title": {"uk": "Привітність", "en": "Kindness"}, "met": 2, "not_met": 1}],
    "sections": [{"section": "3", "title": "Обслуговування в центрі", "met": 31, "not_met": 4}],
}


@pytest.fixture
def voe(site: Callable[[str], Profile]) -> Profile:
    """The distributor, whose standard wants the results on the site each quarter."""
    return site("voe")


@pytest.fixture
def people(db: None) -> dict[str, Employee]:
    """One employee of each role that matters."""
    roles = (Role.OPERATOR, Role.UNIT_HEAD, Role.DIRECTOR)
    return {
        role: Employee.objects.create(username=role, surname="Відома", roles=[role], language="en") for role in roles
    }


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was laid out for print; the layout itself is tried once, elsewhere."""
    pages: list[str] = []

    def made(html: str) -> bytes:
        pages.append(html)
        return b"%PDF " + html.encode()

    monkeypatch.setattr(pdfs, "made", made)
    return pages


@pytest.fixture
def approved(people: dict[str, Employee]) -> Monitoring:
    """The monitoring of the quarter, due and approved."""
    row = Monitoring.objects.create(
        profile="voe", quarter=QUARTER, seed="x", population=40, drawn_at=NOW, drawn_by=people[Role.UNIT_HEAD],
        results=RESULTS, published_at=NOW, published_by=people[Role.DIRECTOR],
    )  # fmt: skip
    owe(QUARTER, DUE)
    return row


def owe(quarter: str, due_at: dt.datetime) -> None:
    """The monitoring of a quarter was said to be due."""
    data = {"due_at": due_at}
    journal.record(kind="monitoring_due", subject_type="quarter", subject_id=quarter, data=data, at=NOW)


def write(profile: Profile, employee: Employee, text: str = "Шановні споживачі!", **more: Any) -> QuarterReport:
    """The foreword of the quarter."""
    given: dict[str, Any] = {"quarter": QUARTER, "seen": 0, "now": NOW} | more
    return writing.write(profile=profile, foreword=text, employee=employee, **given)


def publish(profile: Profile, employee: Employee, seen: int, now: dt.datetime = NOW) -> QuarterReport:
    """The report of the quarter, approved."""
    return writing.publish(profile=profile, quarter=QUARTER, seen=seen, employee=employee, now=now)


@clause("voe-1-09")
def test_written_by_those_of_the_procedure_and_published_by_who_approves(
    voe: Profile, people: dict[str, Employee], approved: Monitoring, printed: list[str], visitor: Browser
) -> None:
    with pytest.raises(NotTheirsError):
        write(voe, people[Role.OPERATOR])
    draft = write(voe, people[Role.UNIT_HEAD])
    assert visitor.get(f"/reports/{QUARTER}/").status_code == 404, "a draft is nobody's yet"
    assert visitor.get(f"/reports/{QUARTER}/1.pdf").status_code == 404
    with pytest.raises(NotTheirsError):
        publish(voe, people[Role.UNIT_HEAD], draft.revision)
    done = publish(voe, people[Role.DIRECTOR], draft.revision)
    assert "Шановні споживачі!" in printed[0]
    assert "III квартал 2026" in printed[0]
    assert "Відома" not in printed[0], "nobody is named"
    page = visitor.get(f"/reports/{QUARTER}/")
    assert page.status_code == 200
    assert "Kindness" in page.content.decode()
    assert "public" in page["Cache-Control"]
    pdf = visitor.get(f"/reports/{QUARTER}/1.pdf")
    assert (pdf["Content-Type"], hashlib.sha256(pdf.content).hexdigest()) == ("application/pdf", done.sha256)
    assert facts_of("quarter", QUARTER).get(kind="report_published").data["sha256"] == done.sha256
    assert "III quarter of 2026" in visitor.get("/reports/").content.decode()


@clause("voe-1-09")
def test_the_same_numbers_stand_beside_it_as_data(
    voe: Profile, people: dict[str, Employee], approved: Monitoring, printed: list[str], visitor: Browser
) -> None:
    publish(voe, people[Role.DIRECTOR], 0)
    text = visitor.get(f"/reports/{QUARTER}/1.csv").content.decode("utf-8-sig")
    rows = {(row["part"], row["title"], row["measure"]): row["value"] for row in csv.DictReader(io.StringIO(text))}
    assert rows["items", "Привітність", "not_met"] == "1"
    assert rows["sections", "Обслуговування в центрі", "met"] == "31"
    assert rows["monitoring", "", "population"] == "40"
    whole = visitor.get(f"/reports/{QUARTER}/1.json").json()
    assert (whole["dataset"], whole["modified"], len(whole["rows"])) == (f"report-{QUARTER}", "2026-10-12", len(rows))
    assert visitor.get(f"/reports/{QUARTER}/1.xml").status_code == 404
    assert visitor.get(f"/reports/{QUARTER}/2.csv").status_code == 404


@clause("voe-1-09")
def test_what_was_published_is_frozen_and_a_correction_is_a_new_version_that_says_so(
    voe: Profile, people: dict[str, Employee], approved: Monitoring, printed: list[str], visitor: Browser
) -> None:
    director = people[Role.DIRECTOR]
    first = publish(voe, director, write(voe, director).revision)
    Monitoring.objects.update(results={**RESULTS, "sample": 99})
    with pytest.raises(ReportError, match="nothing_new"):
        publish(voe, director, 0)
    with pytest.raises(ReportError, match="no_reason"):
        write(voe, director, "Інше")
    draft = write(voe, director, "Інше", correction="Переплутали вибірку.")
    assert "Contacts reviewed: 3 of 40" in visitor.get(f"/reports/{QUARTER}/").content.decode()
    publish(voe, director, draft.revision, NOW + dt.timedelta(days=1))
    again = QuarterReport.objects.get(pk=first.pk)
    assert (again.foreword, again.figures["monitoring"]["sample"], bytes(again.pdf), again.sha256) == (
        "Шановні споживачі!", 3, first.pdf, first.sha256,
    )  # fmt: skip
    said = visitor.get(f"/reports/{QUARTER}/").content.decode()
    assert "Переплутали вибірку." in said
    assert "Contacts reviewed: 99 of 40" in said
    assert f"/reports/{QUARTER}/1.pdf" in said
    assert "Переплутали вибірку." in printed[1]


def test_who_has_not_seen_the_draft_changes_and_approves_nothing(
    voe: Profile, people: dict[str, Employee], approved: Monitoring, printed: list[str]
) -> None:
    head, director = people[Role.UNIT_HEAD], people[Role.DIRECTOR]
    seen = write(voe, head).revision
    write(voe, head, "Нове", seen=seen)
    for stale in (0, seen):
        with pytest.raises(ReportError, match="changed"):
            publish(voe, director, stale)
        with pytest.raises(ReportError, match="changed"):
            write(voe, director, "Своє", seen=stale)
    assert QuarterReport.objects.get().foreword == "Нове"


def test_without_results_or_without_a_printer_nothing_is_published(
    voe: Profile, people: dict[str, Employee], monkeypatch: pytest.MonkeyPatch
) -> None:
    director = people[Role.DIRECTOR]
    draft = write(voe, director)
    with pytest.raises(ReportError, match="no_results"):
        publish(voe, director, draft.revision)
    with pytest.raises(ReportError, match="not_over"):
        write(voe, director, quarter="2026-Q4")
    Monitoring.objects.create(
        profile="voe", quarter=QUARTER, seed="x", population=1, drawn_at=NOW, drawn_by=director, results=RESULTS,
        published_at=NOW, published_by=director,
    )  # fmt: skip

    def broken(_html: str) -> bytes:
        raise PrintingUnavailableError("no paper")

    monkeypatch.setattr(pdfs, "made", broken)
    with pytest.raises(PrintingUnavailableError):
        publish(voe, director, draft.revision)
    assert not QuarterReport.objects.filter(published_at__isnull=False).exists()


def slot(profile: Profile, now: dt.datetime) -> freshness.Freshness:
    """The item of the site that leads to the reports."""
    return next(row for row in freshness.today(profile, now) if row.slot.page == standing.PAGE)


@clause("voe-1-09", "voe-8-02")
def test_an_overdue_report_is_a_measurement_that_is_not_met_until_it_is_published(
    voe: Profile, people: dict[str, Employee], approved: Monitoring, printed: list[str]
) -> None:
    layout.lay_out(profile=voe)
    last, late = DUE - dt.timedelta(minutes=1), DUE + dt.timedelta(days=2)
    assert (slot(voe, last).state, slot(voe, last).due_on) == ("fresh", dt.date(2026, 10, 30))
    assert slot(voe, late).state == "overdue"
    with pytest.raises(freshness.EmptySlotError):
        freshness.review_slot(profile=voe, key="quarterly_report", employee=people[Role.UNIT_HEAD], now=late)
    watching.check(profile=voe, rows=[slot(voe, late)], now=late)
    judging.judge_subjects(subjects={("slot_month", "quarterly_report/2026-11")}, now=late + dt.timedelta(days=31))
    assert list(Measurement.objects.filter(clause="voe-8-02").values_list("verdict", flat=True)) == ["not_met"]
    publish(voe, people[Role.DIRECTOR], 0, late)
    assert (slot(voe, late).state, slot(voe, late).due_on) == ("fresh", dt.date(2027, 1, 30))


def test_the_earliest_quarter_that_is_owed_decides(voe: Profile, people: dict[str, Employee]) -> None:
    day = dt.date(2026, 10, 12)
    assert standing.standing(voe, day) == (None, dt.date(2027, 1, 30))
    owe(QUARTER, DUE)
    owe("2026-Q2", DUE - dt.timedelta(days=92))
    assert standing.standing(voe, day) == (None, dt.date(2026, 7, 30))
    assert standing.standing(loader.load("krc"), day) == (None, None)


def test_the_desk_leads_from_the_foreword_to_the_site(
    voe: Profile, people: dict[str, Employee], approved: Monitoring, printed: list[str]
) -> None:
    stranger, head = Browser(), Browser()
    assert stranger.get("/desk/reports/")["Location"].startswith("/login/")
    stranger.force_login(people[Role.OPERATOR])
    assert stranger.get(f"/desk/reports/{QUARTER}/").status_code == 403
    head.force_login(people[Role.UNIT_HEAD])
    address = f"/desk/reports/{QUARTER}/"
    assert head.get("/desk/reports/2026-Q7/").status_code == 404
    kept = head.post(address, {"verb": "write", "seen": "0", "foreword": "Перше слово"})
    assert (kept.status_code, kept["Location"]) == (302, address)
    assert "The draft was kept" in head.get(address).content.decode()
    refused = head.post(address, {"verb": "write", "seen": "0", "foreword": "Друге слово"})
    assert refused.status_code == 422
    assert "Друге слово" in refused.content.decode(), "what was typed is not lost"
    assert head.post(address, {"verb": "publish", "seen": "1"}).status_code == 403
    assert 'value="publish"' not in head.get(address).content.decode()
    head.force_login(people[Role.DIRECTOR])
    assert 'value="publish"' in head.get(address).content.decode()
    assert head.post(address, {"verb": "publish", "seen": "1"}).status_code == 302
    assert "published" in head.get("/desk/reports/").content.decode()
    assert QuarterReport.objects.get().foreword == "Перше слово"


def test_a_standard_without_the_procedure_has_no_reports(site: Callable[[str], Profile], visitor: Browser) -> None:
    site("krc")
    assert visitor.get("/reports/").status_code == 404


def test_it_is_laid_out_as_pdf(voe: Profile, people: dict[str, Employee], approved: Monitoring) -> None:
    pytest.importorskip("weasyprint")
    assert bytes(publish(voe, people[Role.DIRECTOR], 0).pdf).startswith(b"%PDF")


@clause("voe-1-09")
@pytest.mark.parametrize(
    "asked", ["квартальний звіт", "звітом за квартал", "отчёт квартал", "quarterly report 2026", "аварійність мереж"]
)
def test_a_report_is_found_by_its_name_and_foreword(
    voe: Profile, people: dict[str, Employee], approved: Monitoring, printed: list[str], visitor: Browser, asked: str
) -> None:
    draft = write(voe, people[Role.UNIT_HEAD], "Аварійність мереж зменшилася.")
    link = f'href="/reports/{QUARTER}/"'
    assert link not in visitor.get("/search/", {"q": asked}).content.decode(), "a draft is nobody's yet"
    publish(voe, people[Role.DIRECTOR], draft.revision)
    page = visitor.get("/search/", {"q": asked}).content.decode()
    assert link in page
    assert "Quarterly report: III quarter of 2026" in page
    assert link not in visitor.get("/search/", {"q": "лічильник показник"}).content.decode()


def test_searching_reads_no_numbers_of_reports(
    voe: Profile, people: dict[str, Employee], approved: Monitoring, printed: list[str]
) -> None:
    publish(voe, people[Role.DIRECTOR], write(voe, people[Role.UNIT_HEAD]).revision)
    with CaptureQueriesContext(connection) as asked:
        assert finding.found(voe, wanted.words_of("квартальний звіт", "uk"), 1)
    assert not [one["sql"] for one in asked if '"figures"' in one["sql"] or '"pdf"' in one["sql"]]


@clause("voe-1-09", "krc-2-26")
def test_the_catalogue_names_each_report_with_its_files(
    voe: Profile, people: dict[str, Employee], approved: Monitoring, printed: list[str], visitor: Browser
) -> None:
    draft = write(voe, people[Role.UNIT_HEAD])
    done = publish(voe, people[Role.DIRECTOR], draft.revision)
    again = write(voe, people[Role.UNIT_HEAD], "Шановні!", seen=0, correction="Виправлено число.")
    publish(voe, people[Role.DIRECTOR], again.revision)
    graph = Graph().parse(data=visitor.get("/open-data/catalogue.ttl").content, format="turtle")
    root = "http://testserver"
    report = URIRef(f"{root}/reports/{QUARTER}/")
    assert (URIRef(f"{root}/open-data/"), DCAT.dataset, report) in graph
    files = {str(one).removeprefix(str(report)) for one in graph.objects(report, DCAT.distribution)}
    assert files == {"2.pdf", "2.csv", "2.json"}, "the last version"
    assert all(visitor.get(f"/reports/{QUARTER}/{name}").status_code == 200 for name in files)
    titles = {one.language: str(one) for one in graph.objects(report, DCTERMS.title) if isinstance(one, Literal)}
    assert titles["en"] == "Quarterly report: III quarter of 2026"
    assert set(titles) == {"uk", "ru", "en"}
    assert f'href="/reports/{QUARTER}/2.csv"' in visitor.get("/open-data/").content.decode()
    assert done.version == 1


def test_the_list_of_what_is_published_leads_to_reports_only_who_may_write_them(
    voe: Profile, people: dict[str, Employee]
) -> None:
    layout.lay_out(profile=voe)
    editor = Employee.objects.create(username="editor", roles=[Role.SITE_ADMINISTRATOR], language="en")
    for employee, leads in ((people[Role.UNIT_HEAD], True), (editor, False)):
        browser = Browser()
        browser.force_login(employee)
        page = browser.get("/desk/published/").content.decode()
        assert ('href="/desk/reports/"' in page, browser.get("/desk/reports/").status_code == 200) == (leads, leads)
