"""The administration shows and takes hours on the organisation's clock."""

from __future__ import annotations

import datetime as dt
import re
from itertools import product
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.clients.models import Client, ContactPoint

pytestmark = pytest.mark.db
OF = ("points", "accounts")


@pytest.mark.parametrize(
    ("profile", "day", "hour"), [("krc", "2026-03-03", "00:30:00"), ("voe", "2026-03-02", "23:30:00")]
)
def test_the_hours_of_a_form_are_those_of_the_organisation(
    admin_client: Browser, settings: Any, profile: str, day: str, hour: str
) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "profile": profile}
    at = dt.datetime(2026, 3, 2, 21, 30, tzinfo=dt.UTC)
    made = Client.objects.create(surname="Ёлкин", created_at=at, changed_at=at)
    page = f"/admin/clients/client/{made.pk}/change/"
    form = admin_client.get(page).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields if name not in ("created_at", "changed_at")}
    typed = {name: value for name, value in typed.items() if value not in (None, False, [])}
    counts = {f"{name}-{of}_FORMS": 0 for name in OF for of in ("TOTAL", "INITIAL")}
    moments = {f"{name}_{n}": said for name in ("created_at", "changed_at") for n, said in enumerate((day, "12:00"))}
    shown = admin_client.get(page).content.decode()
    assert all(f'value="{one}"' in shown for one in (day, hour))
    assert admin_client.post(page, typed | counts | moments).status_code == 302
    made.refresh_from_db()
    assert made.created_at.astimezone(dt.UTC).hour == {"krc": 9, "voe": 10}[profile], "twelve o'clock there"
    assert timezone.get_current_timezone_name() == "UTC", "what is done after a request is not on its clock"


@pytest.mark.parametrize("hour", [0, 1], ids=["first", "second"])
def test_a_card_of_the_hour_that_comes_twice_is_saved_and_its_moments_stay(
    admin_client: Browser, settings: Any, hour: int
) -> None:
    settings.KINDLINE = {**settings.KINDLINE, "profile": "voe"}
    at = dt.datetime(2026, 10, 25, hour, 30, 17, 5000, tzinfo=dt.UTC)  # half past three there, twice
    made = Client.objects.create(surname="Ёлкин", created_at=at, changed_at=at)
    point = ContactPoint.objects.create(client=made, kind="phone", value="+380501112233", confirmed_at=at)
    page = f"/admin/clients/client/{made.pk}/change/"
    tags = re.findall("<input[^>]+>", admin_client.get(page).content.decode())
    fields = [dict(re.findall('([a-z]+)="([^"]*)"', tag)) for tag in tags]
    moments = {one["name"]: one["value"] for one in fields if "_at_" in one.get("name", "") and "value" in one}
    assert len(moments) == 6
    assert set(moments.values()) == {"2026-10-25", "03:30:17"}
    counts = {f"{of}-{which}_FORMS": 1 if of == "points" else 0 for of, which in product(OF, ("TOTAL", "INITIAL"))}
    card = {"surname": "Елкин", "kind": made.kind, "gender": made.gender}
    inline = {"id": point.pk, "client": made.pk, "kind": "phone", "value": "+380501112234"}
    typed = counts | card | moments | {f"points-0-{name}": said for name, said in inline.items()}
    answer = admin_client.post(page, typed)
    assert answer.status_code == 302
    made.refresh_from_db()
    point.refresh_from_db()
    assert (made.surname, point.value) == ("Елкин", "+380501112234")
    assert {made.created_at, made.changed_at, point.confirmed_at} == {at}
