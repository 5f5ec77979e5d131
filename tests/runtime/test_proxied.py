"""The client's address behind proxies, and what a browser is told over HTTPS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from kindline.runtime import proxied

CLIENT, PROXY, FORGED = "203.0.113.7", "127.0.0.1", "198.51.100.1"


@pytest.mark.parametrize(
    ("header", "hops", "address"),
    [
        (CLIENT, 0, PROXY),
        (CLIENT, 1, CLIENT),
        (f"{FORGED}, {CLIENT}", 1, CLIENT),
        (f"{FORGED},{CLIENT}, 10.0.0.2", 2, CLIENT),
        ("", 1, PROXY),
        (CLIENT, 2, PROXY),
        ("nonsense", 1, PROXY),
        ("2001:DB8::1", 1, "2001:db8::1"),
        (f"{CLIENT},", 1, PROXY),
    ],
)
def test_only_our_own_proxies_are_believed(header: str, hops: int, address: str, settings: Any) -> None:
    settings.PROXY_HOPS = hops
    request = HttpRequest()
    request.META.update(REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=header)
    proxied.ClientAddress(lambda _: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == address


@pytest.mark.parametrize(("https", "prefix", "a_year"), [("1", "__Host-", True), ("0", "kindline_", False)])
def test_over_https_cookies_are_the_host_s_own_and_browsers_stay_with_it(https: str, prefix: str, a_year: bool) -> None:
    told = (
        "import json; from kindline.runtime import settings as s;"
        "print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, getattr(s, 'SECURE_HSTS_SECONDS', 0)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], env=os.environ | {"KINDLINE_HTTPS": https}, capture_output=True, check=True
    )
    session, csrf, seconds = json.loads(done.stdout)
    assert session.startswith(prefix)
    assert csrf.startswith(prefix)
    assert (seconds >= 365 * 24 * 3600) is a_year
