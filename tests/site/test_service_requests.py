"""A request for a service over the Internet: taken with number and term, answered where it was put."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.utils import timezone

from kindline.appeals.models import Answer, Appeal
from kindline.site import queries
from kindline.site.models import Submission
from kindline.staff.models import Employee
from kindline.standard.profile import Profile
from tests.site.test_reception import sent

pytestmark = pytest.mark.db


@pytest.mark.clause("krc-5.7-20")
def test_a_request_for_a_service_is_taken_led_and_answered(site: Callable[..., Profile], visitor: Browser) -> None:
    site("krc")
    assert sent(visitor, kind="service_request", substance="Опломбировать счётчик воды").status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.kind, appeal.channel, appeal.limit_at is not None) == ("service_request", "web", True)
    code = {"number": appeal.number, "code": queries.code_of(Submission.objects.get().pk)}
    assert appeal.number in visitor.post("/status/", code).content.decode()
    author = Employee.objects.create(username="author")
    Answer.objects.create(appeal=appeal, text="Мастер придёт в среду.", author=author, sent_at=timezone.now())
    assert "Мастер придёт в среду." in visitor.post("/status/", code).content.decode()
