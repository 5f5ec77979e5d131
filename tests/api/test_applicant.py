"""Who applies, over the API: a person where nothing is said, a firm by its name; and how a letter came."""

from __future__ import annotations

from typing import Any

import pytest

from kindline.appeals.models import Appeal
from tests.api.calling import APPEAL, APPEALS, APPLICANT, Program

pytestmark = [pytest.mark.db, pytest.mark.clause("krc-2-14")]


def _sent(site: Program, **applicant: str) -> Any:
    return site.post(body=APPEAL | {"applicant": applicant})


def test_a_program_that_knows_no_firms_goes_on_as_before(site: Program) -> None:
    made = Appeal.objects.get(pk=site.post().json()["id"])
    assert (made.applicant_kind, made.firm_name) == ("person", "")
    told = site.get(f"{APPEALS}/{made.pk}").json()["applicant"]
    assert told == {"kind": "person", "firm_name": "", **APPLICANT}


@pytest.mark.parametrize(("said", "kind"), [({}, "firm"), ({"kind": "executor"}, "executor")])
def test_a_firm_is_registered_and_told_again(site: Program, said: dict[str, str], kind: str) -> None:
    answer = _sent(site, **APPLICANT, firm_name="ООО «Берёзка»", **said)
    assert answer.status_code == 201, answer.content
    told = site.get(f"{APPEALS}/{answer.json()['id']}").json()
    assert (told["applicant"]["kind"], told["applicant"]["firm_name"]) == (kind, "ООО «Берёзка»")
    assert told["applicant"]["surname"] == "Коваль"


def test_what_cannot_be_is_refused_with_what_to_do(site: Program) -> None:
    nameless = _sent(site, kind="firm").json()
    assert (nameless["code"], nameless["errors"][0]["field"]) == ("missing_fields", "firm_name")
    reachable = _sent(site, kind="no_contact", email="a@example.org")
    assert (reachable.status_code, reachable.json()["code"]) == (422, "reachable")
    assert _sent(site, kind="poet").status_code == 422
    assert not Appeal.objects.exists()


@pytest.mark.parametrize(("channel", "kept"), [("paper", "courier"), ("web", "")])
def test_how_a_letter_came_is_kept_for_paper_alone(site: Program, channel: str, kept: str) -> None:
    made = site.post(body=APPEAL | {"channel": channel, "came_by": "courier"}).json()
    assert site.get(f"{APPEALS}/{made['id']}").json()["came_by"] == kept


def test_the_list_is_filtered_by_who_applies(site: Program) -> None:
    firm, person = _sent(site, **APPLICANT, firm_name="ООО «Берёзка»").json()["id"], site.post().json()["id"]
    assert [row["id"] for row in site.get(applicant_kind="firm").json()["items"]] == [firm]
    assert [row["id"] for row in site.get(applicant_kind="person").json()["items"]] == [person]
    assert site.get(applicant_kind="poet").status_code == 422
