"""The table of the registry: what stands in its cells, escaped; a row made once for all."""

import datetime as dt
from typing import Any

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone, translation

from kindline.appeals.models import Appeal
from kindline.conversations.models import Topic
from kindline.desk import appeal_table
from tests.appeals.registry import Registry, registry
from tests.desk.test_registry import _as, _page


@pytest.fixture
def here(db: None) -> Registry:
    """The settlement centre today, in English."""
    made = registry("krc")
    made.people["unit_head"].language = "en"
    made.people["unit_head"].save()
    return made


def _cells(appeal: Appeal, now: dt.datetime) -> dict[str, Any]:
    with translation.override("en"):
        [row] = appeal_table.rows([appeal.pk], now)
    return row


@pytest.mark.db
class TestCells:
    def test_say_what_the_appeal_is_in_words(self, here: Registry) -> None:
        topic = Topic.objects.create(profile="krc", code="heat", title="Отопление")
        appeal = here.at("assigned", kind="complaint", topic=topic)
        Appeal.objects.filter(pk=appeal.pk).update(limit_at=here.now + dt.timedelta(days=3))
        row = _cells(appeal, here.now)
        assert (row["number"], row["kind"], row["topic"]) == (appeal.number, "complaint", "Отопление")
        assert row["executor"] == str(appeal.executor)
        assert row["applicant"] == f"{appeal.surname} {appeal.given_name}"
        assert row["revision"] == Appeal.objects.get(pk=appeal.pk).revision
        assert "overdue" not in row["limit"]

    def test_a_limit_that_has_passed_is_marked_while_it_waits(self, here: Registry) -> None:
        appeal = here.register()
        Appeal.objects.filter(pk=appeal.pk).update(limit_at=here.now - dt.timedelta(days=1))
        assert "overdue" in _cells(appeal, here.now)["limit"]
        Appeal.objects.filter(pk=appeal.pk).update(answered_at=here.now)
        assert "overdue" not in _cells(appeal, here.now)["limit"]

    @pytest.mark.parametrize(
        ("known", "shown"),
        [
            ({"firm_name": "ООО Ромашка", "surname": "Коваль"}, "ООО Ромашка"),
            ({"surname": "Коваль", "given_name": ""}, "Коваль"),
            ({"surname": "", "given_name": "Ольга"}, "Ольга"),
            ({"surname": "", "given_name": ""}, ""),
        ],
    )
    def test_who_applies_as_far_as_it_is_known(self, here: Registry, known: dict[str, str], shown: str) -> None:
        appeal = here.register()
        Appeal.objects.filter(pk=appeal.pk).update(**known)
        assert _cells(appeal, here.now)["applicant"] == shown

    def test_the_day_is_that_of_the_organisations_clock(self, here: Registry) -> None:
        appeal = here.register()
        night = dt.datetime(2026, 3, 3, 22, 30, tzinfo=dt.UTC)  # the fourth in Moscow
        Appeal.objects.filter(pk=appeal.pk).update(registered_at=night, limit_at=None)
        row = _cells(appeal, here.now)
        assert "4" in row["registered"]
        assert row["limit"] == appeal_table.NOTHING

    def test_rows_come_in_the_order_of_the_keys_and_what_is_gone_is_left_out(self, here: Registry) -> None:
        first, second = here.register(), here.register()
        rows = appeal_table.rows([second.pk, 0, first.pk], timezone.now())
        assert [row["pk"] for row in rows] == [second.pk, first.pk]


@pytest.mark.db
def test_a_row_leads_to_its_card_and_nothing_that_was_typed_is_markup(here: Registry) -> None:
    appeal = here.register(fields={"surname": "<b>{pk}</b>", "given_name": "{number}"})
    page = _page(_as(here, "unit_head"), "")
    assert f'href="{reverse("appeal", args=[appeal.pk])}">{appeal.number}</a>' in page
    assert "&lt;b&gt;{pk}&lt;/b&gt; {number}" in page


class TestTags:
    def test_a_block_is_made_once_and_filled_for_each_row(self) -> None:
        text = "{% load desk %}{% for_each_row rows %}<i>{{ word }} {name}</i>{% endfor_each_row %}"
        said = Template(text).render(Context({"rows": [{"name": "<a>"}, {"name": 7}], "word": "&"}))
        assert said == "<i>&amp; &lt;a&gt;</i><i>&amp; 7</i>"

    def test_the_chosen_option_is_marked_and_all_are_escaped(self) -> None:
        text = "{% load desk %}{% options pairs chosen %}"
        said = Template(text).render(Context({"pairs": [(1, "<a>"), ("x", "b")], "chosen": "1"}))
        assert said == '<option value="1" selected>&lt;a&gt;</option><option value="x">b</option>'
