"""Publication and disclosure by pages: what is marked, who may, what is lost when refused (nothing)."""

import datetime as dt

import pytest
from django.utils import timezone

from kindline.appeals import publications
from kindline.appeals.models import Answer, Appeal, Disclosure, Publication
from kindline.clients.models import Account, Client
from kindline.quality.models import Erasure
from tests.appeals.registry import Registry
from tests.desk.test_registry import _as, here

__all__ = ["here"]
clause = pytest.mark.clause
pytestmark = pytest.mark.db
TEXTS = {"title": "Перерасчёт", "question": "Почему выросла плата?", "answer": "Плата пересчитана."}


@pytest.fixture
def sent(here: Registry) -> Appeal:
    """A question from the site, answered."""
    appeal = here.at("sent", channel="web", substance="Я, Коваль Ольга: <b>где</b> перерасчёт?")
    Answer.objects.filter(appeal=appeal).update(sent_at=here.now)
    return appeal


def _post(here: Registry, appeal: Appeal, role: str, verb: str, **typed: str) -> int:
    return _as(here, role).post(f"/desk/appeals/{appeal.pk}/publication/", {"verb": verb, **typed}).status_code


@clause("krc-5.7.2-17", "krc-5.7.2-18")
def test_from_the_marked_proposal_to_the_site_and_back(here: Registry, sent: Appeal) -> None:
    administrator = _as(here, "site_administrator")
    address = f"/desk/appeals/{sent.pk}/publication/"
    page = administrator.get(address).content.decode()
    assert '<mark title="a name">Коваль Ольга</mark>: &lt;b&gt;где&lt;/b&gt;' in page, "marked, and still only text"
    assert "Я, [имя]: " in page, "the proposal"
    assert _post(here, sent, "site_administrator", "propose", **TEXTS) == 302
    assert "Waits for a second look" in administrator.get(address).content.decode()
    assert _post(here, sent, "site_administrator", "approve", **TEXTS) == 422
    leaky = {**TEXTS, "answer": "Плата Коваль пересчитана."}
    refused = _as(here, "unit_head").post(address, {"verb": "approve", **leaky})
    text = refused.content.decode()
    assert refused.status_code == 422
    assert "Text of the answer: «Коваль» (a name)" in text
    assert "Плата Коваль пересчитана." in text, "nothing typed is lost"
    assert "krc-5.7.2-18" in text
    assert _post(here, sent, "unit_head", "approve", **TEXTS) == 302
    assert publications.published("krc").count() == 1
    assert "published on the site" in _as(here, "unit_head").get("/desk/publications/?state=published").content.decode()
    assert _post(here, sent, "unit_head", "withdraw", reason=" ") == 422
    assert _post(here, sent, "unit_head", "withdraw", reason="устарело") == 302
    assert not publications.published("krc")


@clause("krc-5.7.2-17")
def test_an_appeal_from_the_site_waits_for_the_decision_on_its_page(here: Registry, sent: Appeal) -> None:
    head = _as(here, "unit_head")
    refused = head.post(f"/desk/appeals/{sent.pk}/", {"verb": "close"})
    assert refused.status_code == 422
    assert "Decide first whether the answer is published on the site." in refused.content.decode()
    assert f"/desk/appeals/{sent.pk}/publication/" in refused.content.decode()
    assert _post(here, sent, "site_administrator", "decline", reason="частное") == 302
    assert head.post(f"/desk/appeals/{sent.pk}/", {"verb": "close"}).status_code == 302


def test_it_is_not_everybody_s(here: Registry, sent: Appeal) -> None:
    for role in ("operator", "specialist", "counter"):
        assert _as(here, role).get(f"/desk/appeals/{sent.pk}/publication/").status_code == 403
        assert _as(here, role).get("/desk/publications/").status_code == 403
    assert _post(here, sent, "unit_head", "propose", **TEXTS) == 422
    assert _post(here, sent, "unit_head", "nonsense") == 422
    assert not Publication.objects.exists()


class TestDisclosures:
    TYPED = {
        "requester": "Прокуратура",
        "ground": "запрос № 17",
        "ground_on": "2026-02-27",
        "given": "адрес",
        "client": "5500123456",
    }

    @clause("krc-6.1-07")
    def test_those_who_are_named_record_what_was_given(self, here: Registry, account: Account) -> None:
        appeal = here.register()
        director = _as(here, "director")
        assert director.post("/desk/disclosures/", {**self.TYPED, "appeal": appeal.number}).status_code == 302
        made = Disclosure.objects.get()
        assert (made.client, made.appeal, made.by) == (account.client, appeal, here.people["director"])
        assert "Прокуратура" in director.get("/desk/disclosures/").content.decode()

    @clause("krc-6.1-07")
    @pytest.mark.parametrize("role", ["operator", "specialist", "supervisor", "unit_head", "administrator"])
    def test_it_is_closed_to_others(self, here: Registry, account: Account, role: str) -> None:
        browser = _as(here, role)
        assert browser.get("/desk/disclosures/").status_code == 403
        assert browser.post("/desk/disclosures/", self.TYPED).status_code == 403
        assert not Disclosure.objects.exists()

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("client", "Никтоев"),
            ("client", ""),
            ("appeal", "9/9"),
            ("ground_on", "вчера"),
            ("given", ""),
            ("requester", " "),
        ],
    )
    def test_what_is_refused_is_not_lost(self, here: Registry, account: Account, field: str, wrong: str) -> None:
        refused = _as(here, "security").post(
            "/desk/disclosures/", {**self.TYPED, "ground": "запрос № 99", field: wrong}
        )
        assert refused.status_code == 422
        assert "запрос № 99" in refused.content.decode()
        assert not Disclosure.objects.exists()

    def test_a_day_ahead_is_refused(self, here: Registry, account: Account) -> None:
        ahead = (timezone.now() + dt.timedelta(days=3)).date().isoformat()
        refused = _as(here, "security").post("/desk/disclosures/", {**self.TYPED, "ground_on": ahead})
        assert "cannot be dated ahead" in refused.content.decode()


class TestErasures:
    def test_a_person_is_erased_on_a_ground_and_the_receipt_is_shown(self, here: Registry, account: Account) -> None:
        director, typed = _as(here, "director"), {"client": account.number, "ground": "заявление № 4"}
        refused = director.post("/desk/erasures/", typed)
        assert (refused.status_code, "заявление № 4" in refused.content.decode()) == (422, True)
        unseen = director.post("/desk/erasures/", {**typed, "sure": "on"})
        assert (unseen.status_code, unseen.context["seen"]) == (422, account.client), "who it is is seen first"
        assert "Ёлкин" in unseen.content.decode()
        typed["seen"] = str(account.client.pk)
        assert director.post("/desk/erasures/", typed).status_code == 422
        other = Client.objects.create(surname="Орлов", created_at=timezone.now(), changed_at=timezone.now())
        assert director.post("/desk/erasures/", {**typed, "client": "Орлов", "sure": "on"}).status_code == 422
        other.refresh_from_db()
        assert other.surname == "Орлов", "another one than was seen"
        assert director.post("/desk/erasures/", {**typed, "sure": "on"}).status_code == 302
        account.client.refresh_from_db()
        assert account.client.surname == ""
        page = director.get("/desk/erasures/").content.decode()
        assert "accounts: 1" in page
        assert "Ёлкин" not in page

    def test_a_receipt_tells_the_day_until_which_something_is_kept_as_people_write_it(self, here: Registry) -> None:
        director = here.people["director"]
        kept = [{"what": "appeals", "rows": 2, "law": "59-FZ", "until": "2031-12-24"},
                {"what": "accounts", "rows": 1, "law": "", "until": ""}]  # fmt: skip
        Erasure.objects.create(
            client_id=7, profile="krc", ground="заявление", kept=kept, by=director, made_at=timezone.now()
        )
        page = _as(here, "director").get("/desk/erasures/").content.decode()
        assert "until 12/24/2031" in page
        assert "accounts: 1</li>" in page, "what has no end is given none"

    @pytest.mark.parametrize("role", ["operator", "supervisor", "administrator", "security"])
    def test_it_is_closed_to_others(self, here: Registry, account: Account, role: str) -> None:
        assert _as(here, role).post("/desk/erasures/", {"client": account.number, "sure": "on"}).status_code == 403
