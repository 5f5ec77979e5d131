"""Which of an operator's open pages has his browser's phone: the one that took it last, on whichever machine."""

from typing import Any

import pytest
from django.test import Client as Browser

from kindline.desk import news
from kindline.journal.models import Fact
from kindline.staff.models import Employee, Role
from tests.desk.conftest import employee

pytestmark = pytest.mark.db
TAKE = "/desk/operator/page"


def take(browser: Browser, page: Any) -> Any:
    return browser.post(TAKE, {"page": page}, content_type="application/json")


def test_the_page_that_took_it_last_has_it_and_the_other_one_is_told(
    as_operator: Browser, operator: Employee, krc: Any
) -> None:
    watch = news.Watch()
    assert take(as_operator, "first").json() == {"page": "first"}
    watch.look()
    assert take(as_operator, "second").status_code == 200
    assert "operator" in watch.look().of(operator.pk)
    assert as_operator.get("/desk/state.json").json()["operator"]["page"] == "second"
    assert take(as_operator, "second").status_code == 200
    taken = Fact.objects.filter(kind="browser_phone_taken", subject_id=str(operator.pk)).order_by("id")
    assert [fact.data["page"] for fact in taken] == ["first", "second"]


@pytest.mark.parametrize("page", ["", "a" * 17, "<b>", None, 7])
def test_a_name_that_is_none_is_refused(as_operator: Browser, krc: Any, page: Any) -> None:
    assert take(as_operator, page).status_code == 422
    assert not Fact.objects.filter(kind="browser_phone_taken").exists()


def test_only_who_is_at_the_phone_has_one(client: Browser, krc: Any) -> None:
    client.force_login(employee("director", Role.DIRECTOR))
    assert take(client, "first").status_code == 403
