"""The page of webhooks: added for allowed origins, its secret shown once, switched off and on, news sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Page, expect

from kindline.api import webhooks
from kindline.api.models import Delivery, DeliveryState, Subscription
from kindline.journal.queries import facts_of
from kindline.staff.models import Employee, Scope, Token
from tests.api.calling import program
from tests.desk import test_screen
from tests.desk.conftest import employee, house, krc, switchboard
from tests.desk.looking import check_everywhere

__all__ = ["house", "krc", "switchboard"]
PAGE = "/desk/tokens/webhooks/"
ORIGIN = "https://city.example"
window, open_as = test_screen.window, test_screen.open_as


@pytest.fixture
def admin(krc: Any, db: None, settings: Any) -> Employee:
    """The administrator of an installation that may call one origin."""
    settings.WEBHOOK_ORIGINS = [ORIGIN]
    return employee("admin1", "administrator", surname="Кравец")


@pytest.fixture
def browser_of(admin: Employee) -> Browser:
    """The administrator's browser."""
    found = Browser()
    found.force_login(admin)
    return found


@pytest.fixture
def token(admin: Employee) -> Token:
    """A program's token that is for webhooks."""
    return program(employee("clerk", "specialist", surname="Иванова"), Scope.CREATE, Scope.WEBHOOKS).token


@pytest.fixture
def hook(token: Token) -> Subscription:
    """A subscription with news in each state."""
    now = timezone.now()
    made = webhooks.subscribe(token=token, url=f"{ORIGIN}/a", events=["closed"], now=now)
    for fact, state in enumerate(DeliveryState.values, 1):
        Delivery.objects.create(
            subscription=made, fact=fact, event="closed", body="{}", state=state, tries=18, next_at=now, made_at=now,
            reason="500 no" if state == "failed" else "", delivered_at=now if state == "delivered" else None,
        )  # fmt: skip
    return made


@pytest.mark.db
class TestPage:
    def test_the_secret_is_shown_once(self, browser_of: Browser, token: Token, admin: Employee) -> None:
        answer = browser_of.post(PAGE, {"token": token.pk, "url": f"{ORIGIN}/a", "events": ["closed", "answered"]})
        made = Subscription.objects.get()
        assert (made.events, made.token) == (["answered", "closed"], token)
        assert webhooks.secret_of(made) in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"
        assert webhooks.secret_of(made) not in browser_of.get(PAGE).content.decode()
        assert facts_of("employee", token.employee_id).get(kind="webhook_subscribed").actor == f"employee:{admin.pk}"

    @pytest.mark.parametrize(
        ("wrong", "value"),
        [("url", "https://evil.org/a"), ("url", "x"), ("events", []), ("token", "0"), ("token", "x")],
    )  # fmt: skip
    def test_a_refused_form_says_what_and_keeps_what_was_typed(
        self, browser_of: Browser, token: Token, wrong: str, value: Any
    ) -> None:
        typed = {"token": token.pk, "url": f"{ORIGIN}/typed", "events": ["closed"], wrong: value}
        answer = browser_of.post(PAGE, typed)
        assert (answer.status_code, answer.context["wrong"]) == (422, wrong)
        assert (f"{ORIGIN}/typed" if wrong != "url" else value) in answer.content.decode()
        assert not Subscription.objects.exists()

    def test_a_token_that_is_for_something_else_is_not_offered(self, browser_of: Browser, token: Token) -> None:
        Token.objects.filter(pk=token.pk).update(scopes=["appeals:read"])
        answer = browser_of.post(PAGE, {"token": token.pk, "url": f"{ORIGIN}/a", "events": ["closed"]})
        assert answer.status_code == 422

    def test_off_and_on_under_the_same_secret(self, browser_of: Browser, hook: Subscription, admin: Employee) -> None:
        secret, since = webhooks.secret_of(hook), hook.made_at
        assert browser_of.post(f"{PAGE}{hook.pk}/off").status_code == 302
        assert Subscription.objects.exclude(stopped_at=None).get() == hook
        assert browser_of.post(f"{PAGE}{hook.pk}/on").status_code == 302
        again = Subscription.objects.get(stopped_at=None)
        assert webhooks.secret_of(again) == secret
        assert again.made_at > since, "what happened meanwhile is not told"
        stopped = facts_of("employee", hook.token.employee_id).get(kind="webhook_stopped")
        assert stopped.actor == f"employee:{admin.pk}"

    def test_it_stays_off_where_the_address_is_allowed_no_more_or_told_already(
        self, browser_of: Browser, hook: Subscription, settings: Any
    ) -> None:
        webhooks.unsubscribe(subscription=hook, now=timezone.now())
        again = webhooks.subscribe(token=hook.token, url=hook.url, events=["closed"], now=timezone.now())
        assert browser_of.post(f"{PAGE}{hook.pk}/on").status_code == 302
        hook.refresh_from_db()
        assert (hook.stopped_at is None, again.stopped_at) == (False, None)
        settings.WEBHOOK_ORIGINS = []
        assert browser_of.post(f"{PAGE}{hook.pk}/on").status_code == 422

    def test_what_was_given_up_is_sent_again_and_what_was_delivered_is_not(
        self, browser_of: Browser, hook: Subscription
    ) -> None:
        page = browser_of.get(f"{PAGE}{hook.pk}/").content.decode()
        assert "500 no" in page
        assert page.count("/again") == 2
        for one in hook.deliveries.all():
            assert browser_of.post(f"{PAGE}deliveries/{one.pk}/again").status_code == 302
        states = list(hook.deliveries.order_by("fact").values_list("state", "tries"))
        assert states == [("waiting", 17), ("delivered", 18), ("waiting", 17)], "one more try before it is given up"
        assert facts_of("employee", hook.token.employee_id).filter(kind="webhook_sent_again").count() == 2

    def test_only_the_administrator(self, hook: Subscription) -> None:
        other = Browser()
        assert other.get(PAGE)["Location"].startswith("/login/")
        other.force_login(hook.token.employee)
        (one,) = hook.deliveries.filter(state="failed")
        for address in (f"{PAGE}{hook.pk}/off", f"{PAGE}deliveries/{one.pk}/again"):
            assert other.post(address).status_code == 403
        assert other.get(PAGE).status_code == other.get(f"{PAGE}{hook.pk}/").status_code == 403


@pytest.mark.browser
@pytest.mark.db(transaction=True)
@pytest.mark.parametrize("language", ["uk", "en"])
def test_the_pages_are_accessible(
    language: str, admin: Employee, hook: Subscription, open_as: Callable[[Employee], Page]
) -> None:
    admin.language = language
    admin.save()
    page = open_as(admin)
    page.goto(PAGE)
    check_everywhere(page, f"webhooks-{language}")
    page.get_by_role("link", name=hook.url).click()
    expect(page.locator("h1")).to_have_text(hook.url)
    check_everywhere(page, f"webhook-{language}")
