"""Appeals over the API: registered, read, listed, added to; refused with what to do."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from kindline.appeals.models import Appeal, AppealMessage, ManagementNotice
from kindline.journal.queries import facts_of
from kindline.staff import tokens
from kindline.staff.models import Scope
from tests.api.calling import APPEAL, APPEALS, APPLICANT, Program, program, somebody
from tests.appeals.registry import registry

pytestmark = pytest.mark.db


def _problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert (said["status"], said["code"], said["type"]) == (status, code, f"urn:kindline:problem:{code}")
    return said


class TestRegistering:
    @pytest.mark.clause("krc-6.1-02", "krc-6.1-28")
    def test_it_gets_number_limit_and_derivation(self, site: Program) -> None:
        answer = site.post()
        assert answer.status_code == 201, answer.content
        said = answer.json()
        appeal = Appeal.objects.get(pk=said["id"])
        assert said["number"] == appeal.number
        assert said["limit_at"]
        assert said["derivation"] == appeal.derivation
        assert said["limit_clauses"]
        assert (appeal.surname, appeal.channel, appeal.form) == ("Коваль", "web", "electronic")
        assert [fact.kind for fact in facts_of("appeal", appeal.pk)] == ["appeal_created"]
        assert {fact.kind for fact in facts_of("contact", appeal.contact_id)} == {
            "contact_opened", "appeal_registered", "contact_closed",
        }  # fmt: skip

    def test_what_a_client_mistyped_elsewhere_is_registered_as_it_came(self, site: Program) -> None:
        """An employee is told at once; a portal cannot ask its client again."""
        applicant = APPLICANT | {"email": "koval@@example"}
        assert site.post(body=APPEAL | {"applicant": applicant}).status_code == 201
        assert Appeal.objects.get().email == "koval@@example"

    def test_the_stored_answer_has_nothing_of_the_applicant(self, site: Program) -> None:
        site.post()
        kept = site.token.submissions.get().answer
        assert not any(value in kept for value in APPLICANT.values())

    @pytest.mark.parametrize(("language", "title"), [("uk", "Стандарт вимагає"), ("ru", "Стандарт требует")])
    @pytest.mark.clause("court-1-21", "court-1-24")
    def test_what_the_standard_requires_is_named_with_clauses(
        self, site: Program, settings: Any, language: str, title: str
    ) -> None:
        settings.KINDLINE = {**settings.KINDLINE, "profile": "court"}
        site.language = language
        said = _problem(site.post(body=APPEAL | {"applicant": {}, "channel": "phone"}), 422, "missing_fields")
        assert said["title"].startswith(title)
        assert {one["field"]: one["clauses"] for one in said["errors"]}["surname"] == ["court-1-21"]
        assert all(one["clauses"] for one in said["errors"])
        assert all(one["text"] for one in said["clauses"])
        assert not Appeal.objects.exists()

    def test_unknown_choices_are_told_with_those_known(self, site: Program) -> None:
        said = _problem(site.post(body=APPEAL | {"kind": "poem"}), 422, "unknown_kind")
        assert "application" in said["errors"][0]["detail"]
        for field, value in (("subject", "poem"), ("topic", "poem"), ("earlier", "krc-1/1")):
            said = _problem(site.post(body=APPEAL | {field: value}), 422, "invalid")
            assert said["errors"][0]["field"] == field

    @pytest.mark.clause("krc-6.1-37")
    def test_the_day_that_an_authority_names_holds_where_it_is_the_earlier(self, site: Program) -> None:
        named = timezone.now() + dt.timedelta(days=5)
        body = APPEAL | {"kind": "authority_request", "named_at": named.isoformat()}
        said = site.post(body=body).json()
        assert dt.datetime.fromisoformat(said["limit_at"]) == named
        appeal = Appeal.objects.get(pk=said["id"])
        assert (appeal.named_at, appeal.requester) == (named, "authority")
        late = body | {"named_at": (named + dt.timedelta(days=90)).isoformat()}
        assert dt.datetime.fromisoformat(site.post(body=late).json()["limit_at"]) < named + dt.timedelta(days=30)
        said = _problem(site.post(body=body | {"named_at": "9000-01-01T00:00:00Z"}), 422, "invalid")
        assert said["errors"][0]["field"] == "named_at"

    def test_who_is_complained_of_does_not_prepare_the_answer(self, site: Program) -> None:
        rude = somebody("rude", "executor")
        made = site.post(body=APPEAL | {"kind": "complaint", "against": "rude"}).json()
        assert Appeal.objects.get(pk=made["id"]).against == rude
        said = _problem(site.post(body=APPEAL | {"against": "nobody"}), 422, "invalid")
        assert said["errors"][0]["field"] == "against"

    def test_what_is_before_a_court_is_no_complaint(self, site: Program) -> None:
        said = _problem(site.post(body=APPEAL | {"kind": "complaint", "in_court": True}), 422, "barred_kind")
        assert said["clauses"][0]["id"] == "krc-6.1-62"

    def test_a_moment_ahead_of_us_is_refused(self, site: Program) -> None:
        late = (timezone.now() + dt.timedelta(hours=1)).isoformat()
        said = _problem(site.post(body=APPEAL | {"sent_at": late}), 422, "invalid")
        assert said["errors"][0]["field"] == "sent_at"

    @pytest.mark.parametrize("body", [{"kind": "application"}, [], APPEAL | {"colour": "red"}, APPEAL | {"kind": 5}])
    def test_what_does_not_fit_the_schema_is_named(self, site: Program, body: Any) -> None:
        assert _problem(site.post(body=body), 422, "invalid")["errors"]

    def test_broken_json_and_too_much_of_it(self, site: Program) -> None:
        headers = {"Authorization": f"Bearer {site.text}", "Idempotency-Key": "1"}
        broken = site.browser.post(APPEALS, "{", content_type="application/json", headers=headers)
        _problem(broken, 400, "not_json")
        large = site.browser.post(APPEALS, "x" * 3_000_000, content_type="application/json", headers=headers)
        _problem(large, 413, "too_large")


class TestReading:
    def test_the_card_and_the_status(self, site: Program) -> None:
        made = site.post().json()
        answer = site.get(made["href"])
        card = answer.json()
        assert answer["ETag"] == f'"{made["id"]}.1"'
        assert card["applicant"] == {"kind": "person", "firm_name": "", **APPLICANT}
        assert (card["state"], card["state_title"]) == ("registered", "registered")
        status = site.get(f"{made['href']}/status").json()
        assert status["number"] == made["number"]
        assert "applicant" not in status

    def test_the_answer_is_told_once_it_was_sent(self, site: Program) -> None:
        here = registry("krc")
        appeal = here.at("signed")
        assert site.get(f"{APPEALS}/{appeal.pk}").json()["answer"] is None
        here.perform("mark_sent", appeal, here.people["unit_head"])
        assert "пересчитали" in site.get(f"{APPEALS}/{appeal.pk}").json()["answer"]["text"]

    def test_pages_by_cursor_neither_shift_nor_repeat(self, site: Program) -> None:
        made = [site.post().json()["id"] for _ in range(5)]
        first = site.get(limit=2).json()
        site.post()
        second = site.get(limit=2, cursor=first["next"]).json()
        third = site.get(limit=2, cursor=second["next"]).json()
        found = [one["id"] for page in (first, second, third) for one in page["items"]]
        assert found == made[::-1]
        assert third["next"] is None

    def test_filters(self, site: Program) -> None:
        one = site.post().json()
        site.post(body=APPEAL | {"kind": "proposal"})
        assert [row["id"] for row in site.get(kind="application").json()["items"]] == [one["id"]]
        assert [row["id"] for row in site.get(number=one["number"]).json()["items"]] == [one["id"]]
        assert len(site.get(state="open").json()["items"]) == 2
        assert site.get(state="closed").json()["items"] == []
        assert site.get(registered_to=one["registered_at"]).json()["items"] == []

    @pytest.mark.parametrize("cursor", ["x", "AAAA", "OTk5OTktMDEtMDEgMQ==", "MjAyNi0wMS0wMVQwMDowMDowMFogMA=="])
    def test_a_cursor_that_is_not_ours(self, site: Program, cursor: str) -> None:
        _problem(site.get(cursor=cursor), 422, "invalid")

    @pytest.mark.parametrize("path", ["/api/v1/appeals/999999", "/api/v1/appeals/99999999999999999999999"])
    def test_what_is_not_there(self, site: Program, path: str) -> None:
        assert site.get(path).status_code in (404, 422)
        assert site.get(path)["Content-Type"] == "application/problem+json"

    def test_addresses_and_methods_that_are_not_there(self, site: Program) -> None:
        _problem(site.get("/api/v1/poems"), 404, "no_such_address")
        _problem(site.get("/api/"), 404, "no_such_address")
        answer = site.browser.delete(APPEALS)
        _problem(answer, 405, "method")
        assert "POST" in answer["Allow"]


class TestMessages:
    def test_it_is_kept_told_and_seen(self, site: Program) -> None:
        made = site.post().json()
        answer = site.post(f"{made['href']}/messages", {"text": "Прилагаю показания"})
        assert answer.status_code == 201, answer.content
        assert answer.json()["revision"] == 2
        card = site.get(made["href"])
        assert [one["text"] for one in card.json()["messages"]] == ["Прилагаю показания"]
        fact = facts_of("appeal", made["id"]).get(kind="message_added")
        assert fact.data == {"message": card.json()["messages"][0]["id"], "token": site.token.pk}

    def test_the_executor_is_told_and_where_there_is_none_those_who_lead(self, site: Program) -> None:
        executor, head = somebody("executor", "executor"), somebody("head", "unit_head")
        made = site.post().json()
        first = site.post(f"{made['href']}/messages", {"text": "Ещё"}).json()
        assert ManagementNotice.objects.get().employee == head
        Appeal.objects.filter(pk=made["id"]).update(executor=executor)
        second = site.post(f"{made['href']}/messages", {"text": "И ещё"}).json()
        told = list(ManagementNotice.objects.order_by("pk").values_list("employee", "reason"))
        assert told == [(head.pk, f"message:{first['id']}"), (executor.pk, f"message:{second['id']}")]

    def test_with_if_match_only_if_nothing_has_changed(self, site: Program) -> None:
        made = site.post().json()
        path, seen = f"{made['href']}/messages", f'"{made["id"]}.1"'
        assert site.post(path, {"text": "one"}, **{"If-Match": seen}).status_code == 201
        _problem(site.post(path, {"text": "two"}, **{"If-Match": seen}), 412, "stale")
        _problem(site.post(path, {"text": "two"}, **{"If-Match": "W/x"}), 400, "not_a_revision")
        assert site.post(path, {"text": "two"}, **{"If-Match": "*"}).status_code == 201
        assert AppealMessage.objects.count() == 2

    def test_what_has_left_the_registry_takes_nothing(self, site: Program) -> None:
        closed = registry("krc").at("closed")
        said = _problem(site.post(f"{APPEALS}/{closed.pk}/messages", {"text": "ещё"}), 409, "wrong_state")
        assert "register a new one" in said["title"]


class TestWhoMay:
    """A token opens what its scopes and its owner's roles open, and nothing of others."""

    def test_a_token_for_registering_sees_only_its_own(self, site: Program) -> None:
        others = site.post().json()
        own = program(site.token.employee, Scope.CREATE)
        made = own.post().json()
        assert [one["id"] for one in own.get().json()["items"]] == [made["id"]]
        assert own.get(made["href"]).status_code == 200
        assert own.post(f"{made['href']}/messages", {"text": "x"}).status_code == 201
        _problem(own.get(others["href"]), 404, "not_found")
        _problem(own.get(f"{others['href']}/status"), 404, "not_found")
        _problem(own.post(f"{others['href']}/messages", {"text": "x"}), 404, "not_found")

    def test_to_add_to_an_appeal_does_not_make_it_ones_own(self, site: Program) -> None:
        made = site.post().json()
        writer = program(site.token.employee, Scope.WRITE, Scope.CREATE)
        assert writer.post(f"{made['href']}/messages", {"text": "x"}).status_code == 201
        _problem(writer.get(made["href"]), 404, "not_found")

    def test_tokens_that_do_not_hold(self, site: Program) -> None:
        now = timezone.now()
        old = program(site.token.employee, days=1, now=now - dt.timedelta(days=2))
        _problem(old.get(), 401, "token_expired")
        tokens.revoke_token(token=site.token, by=None, now=now)
        tokens.forget()  # the transaction of the test never ends
        answer = site.get()
        _problem(answer, 401, "token_revoked")
        assert answer["WWW-Authenticate"].startswith("Bearer")
        for text in ("", "kl_nothing", "\x00", "Ю"):
            site.text = text
            _problem(site.get(), 401, "unauthorized")
        _problem(site.browser.get(APPEALS), 401, "unauthorized")

    def test_an_owner_who_has_left_or_does_not_work_with_appeals(self, site: Program) -> None:
        _problem(program(somebody("root", "administrator")).get(), 403, "role_missing")
        site.token.employee.is_active = False
        site.token.employee.save()
        _problem(site.get(), 401, "unauthorized")

    def test_too_many_requests(self, site: Program) -> None:
        slow = program(site.token.employee, rate=6)
        assert slow.get().status_code == 200
        answer = slow.get()
        _problem(answer, 429, "too_many")
        assert 1 <= int(answer["Retry-After"]) <= 10
        assert site.get().status_code == 200, "another token has a bucket of its own"

    def test_the_use_is_noted(self, site: Program) -> None:
        site.get()
        site.token.refresh_from_db()
        assert site.token.used_at is not None


def test_a_card_asks_two_statements_of_the_database(site: Program) -> None:
    """One for the appeal with its answer, one for its messages; the token is remembered."""
    made = site.post().json()
    site.post(f"{APPEALS}/{made['id']}/messages", {"text": "Ещё одно"})
    site.get(f"{APPEALS}/{made['id']}")
    asked: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        told = site.get(f"{APPEALS}/{made['id']}").json()
    assert [one["text"] for one in told["messages"]] == ["Ещё одно"]
    assert len(asked) == 2, asked
