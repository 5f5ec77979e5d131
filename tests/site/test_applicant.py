"""A firm asks on the site; a person, who stays the default, meets nothing of it."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from kindline.appeals.models import Appeal
from tests.site.test_reception import Site, sent

pytestmark = pytest.mark.db


def test_a_person_meets_a_closed_line_and_is_no_firm(site: Site, visitor: Browser) -> None:
    site("krc")
    assert '<details class="aside">' in visitor.get("/ask/").content.decode()
    assert sent(visitor, applicant_kind="supplier").status_code == 302, "chosen, but no organisation is named"
    assert Appeal.objects.get().applicant_kind == "person"


@pytest.mark.clause("krc-2-14")
@pytest.mark.parametrize(("chosen", "kind"), [("executor", "executor"), ("", "firm"), ("poet", "firm")])
def test_a_firm_asks_under_its_name(site: Site, visitor: Browser, chosen: str, kind: str) -> None:
    site("krc")
    assert sent(visitor, firm_name="ООО «Берёзка»", applicant_kind=chosen).status_code == 302
    made = Appeal.objects.get()
    assert (made.applicant_kind, made.firm_name, made.surname) == (kind, "ООО «Берёзка»", "Ёлкин")


def test_what_a_firm_typed_is_shown_again(site: Site, visitor: Browser) -> None:
    site("krc")
    page = sent(visitor, firm_name="ООО «Берёзка»", substance=" ").content.decode()
    assert '<details class="aside" open>' in page
    assert 'value="ООО «Берёзка»"' in page
