"""The demonstration's forms: documents that everybody can save, made once of the words of their pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.runtime.demonstration import blanks
from kindline.site import layout
from kindline.site.document_models import PublishedDocument
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile
from tests.files.conftest import place
from tests.site.conftest import site

__all__ = ["place", "site"]


def test_a_text_is_written_as_rtf_reads_it() -> None:
    made = blanks.rtf("Бланк {1}", "Дом\\кв. 😀\nПодпись").decode("ascii")
    assert made.startswith("{\\rtf1\\ansi")
    assert made.count("{") == made.count("}")
    assert "\\{1\\}" in made
    units = [int(one) & 0xFFFF for one in re.findall(r"\\u(-?\d+)\?", made)]
    said = b"".join(one.to_bytes(2, "little") for one in units).decode("utf-16-le")
    assert said == "БланкДомкв😀Подпись"


@pytest.mark.db
def test_the_form_of_an_application_is_on_its_page_once(site: Callable[[str], Profile], anybody: Browser) -> None:
    profile, now = site("krc"), timezone.now()
    layout.lay_out(profile=profile)
    assert blanks.publish(profile, now) == 0, "nobody is there who could have published it"
    Employee.objects.create(username="site", roles=[Role.SITE_ADMINISTRATOR])
    assert [blanks.publish(profile, now) for _ in range(2)] == [1, 0]
    row = PublishedDocument.objects.get()
    assert (row.kind, row.page.slot) == ("RTF", "service_forms")
    answer = anybody.get(f"/documents/{row.pk}/")
    assert b"".join(answer.streaming_content).startswith(b"{\\rtf1")  # type: ignore[attr-defined]


@pytest.fixture
def anybody() -> Browser:
    """A browser of nobody."""
    return Browser()
