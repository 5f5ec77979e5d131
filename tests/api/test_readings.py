"""Meter readings over the API: one, many, and the answer to what was asked back."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from kindline.files import quota
from kindline.files.models import Given
from kindline.files.stores import store
from kindline.journal.queries import facts_of
from kindline.readings import photos
from kindline.readings.models import Reading, ReadingState
from kindline.staff.models import Employee
from tests.api.calling import Program, program
from tests.files import makers, test_metadata
from tests.files.conftest import place
from tests.readings.conftest import Household, household

__all__ = ["household", "place"]
pytestmark = pytest.mark.db
clause = pytest.mark.clause
READINGS = "/api/v1/readings"
DAY = timezone.now().date().isoformat()


def reading(value: str = "1200", **more: str) -> dict[str, str]:
    """A reading of the household's electricity by day."""
    return {"account": "1234567", "meter": "E-1", "zone": "day", "value": value, "taken_on": DAY} | more


@clause("krc-5.7.3-06")
def test_a_reading_is_answered_at_once_and_once(site: Program, household: Household) -> None:
    first, again = (site.post(READINGS, reading(), key="k") for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert (first.json()["state"], Reading.objects.filter(value=1200).count()) == ("accepted", 1)
    assert site.post(READINGS, reading("1300"), key="k").json()["code"] == "key_reused"
    assert site.post(READINGS, reading(), key="other").json()["state"] == "duplicate"


def test_a_refusal_names_the_field(site: Program, household: Household) -> None:
    answer = site.post(READINGS, reading("12oo"))
    assert (answer.status_code, answer.json()["reason"]) == (422, "not_a_number")
    assert answer.json()["errors"][0]["field"] == "value"
    assert site.post(READINGS, reading(meter="?")).json()["errors"][0]["field"] == "meter"
    assert site.post(READINGS, reading(), key=None).json()["code"] == "key_missing"


def test_what_is_asked_back_is_confirmed_by_its_sender_alone(
    site: Program, clerk: Employee, household: Household
) -> None:
    answer = site.post(READINGS, reading("900")).json()
    assert (answer["state"], answer["code"]) == ("asked_back", "lower_than_last")
    address = f"{READINGS}/{answer['id']}/confirm"
    assert program(clerk).post(address).status_code == 404
    assert site.post(address).json()["state"] == "accepted"
    assert Reading.objects.get(value=900).state == ReadingState.ACCEPTED
    assert site.post(address).status_code == 409


@clause("krc-5.7.3-06")
def test_a_photo_of_the_meter_is_kept_once_and_without_what_the_camera_wrote(
    site: Program, clerk: Employee, household: Household, place: Any
) -> None:
    key = site.post(READINGS, reading()).json()["id"]
    shot = test_metadata.jpeg()
    first, again = site.photo(key, shot), site.photo(key, shot)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.json()["media_type"] == "image/jpeg"
    row = photos.of(key).get()
    kept = b"".join(store().opened(row.file.sha256))
    assert all(secret in shot and secret not in kept for secret in test_metadata.SECRETS[:3])
    assert facts_of("readings", Reading.objects.get(pk=key).sending_id).filter(kind="reading_photo_added").count() == 1
    assert program(clerk).photo(key, shot).status_code == 404, "another token's reading"
    assert site.photo(999_999_999, shot).status_code == 404


def test_what_is_no_picture_or_one_too_many_is_refused(site: Program, household: Household, place: Any) -> None:
    key = site.post(READINGS, reading()).json()["id"]
    refused = site.photo(key, b"%PDF-1.7 \n1 0 obj\n", "meter.jpg")
    assert (refused.status_code, refused.json()["code"]) == (422, "file_refused")
    shots = [makers.picture("JPEG", size=(40 + number, 30)) for number in range(photos.MOST + 1)]
    assert [site.photo(key, one).status_code for one in shots[:-1]] == [201] * photos.MOST
    assert site.photo(key, shots[-1]).json()["code"] == "photo_many"
    assert site.photo(key, shots[0]).status_code == 201, "known already"
    assert photos.of(key).count() == photos.MOST


def test_a_photo_that_is_sent_again_counts_once_in_the_quota(
    site: Program, household: Household, place: Any, settings: Any
) -> None:  # fmt: skip
    few = {**settings.FILES["quotas"]["program"], "day_many": 1}
    settings.FILES = {**settings.FILES, "quotas": {**settings.FILES["quotas"], "program": few}}
    key, shots = site.post(READINGS, reading()).json()["id"], [makers.picture("JPEG", size=(n, 30)) for n in (40, 41)]
    assert [site.photo(key, shots[0]).status_code for _ in range(3)] == [201] * 3
    assert Given.objects.get(giver=f"day/token/{site.token.pk}").files == 1
    assert site.photo(key, shots[1]).json()["code"] == "file_quota"
    assert site.photo(key, shots[1]).json()["code"] == "file_quota", "what was refused was not counted"
    quota.sweep(now=timezone.now() + quota.DAY)
    assert not Given.objects.filter(giver__startswith="day/").exists()


@pytest.mark.parametrize("many", [3, 60])
def test_many_are_told_line_by_line(site: Program, household: Household, many: int) -> None:
    lines = [reading("1200"), reading("x"), reading("600", zone="night")]
    lines += [reading(meter="none")] * (many - 3)
    told: list[Any] = [site.post(f"{READINGS}/bulk", {"readings": lines}, key="k").json() for _ in range(2)]
    assert told[0] == told[1]
    results = told[0]["results"]
    assert [one["state"] for one in results] == ["accepted", "refused", "accepted"] + ["refused"] * (many - 3)
    assert results[1]["code"] == "not_a_number"
    assert Reading.objects.filter(taken_on=DAY).count() == 2


def test_an_organisation_without_meters_takes_none(site: Program, household: Household, settings: Any) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "profile": "court"}
    assert site.post(READINGS, reading()).status_code == 404
