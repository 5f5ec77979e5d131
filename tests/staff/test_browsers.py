"""A browser as its owner knows it."""

import pytest

from kindline.staff import browsers

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/120.0 Safari/537.36", "Chrome, Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/120.0 Safari/537.36 Edg/120.0", "Edge, Windows"),
        (f"Mozilla/5.0 (Linux; Android 13) {WEBKIT} Chrome/120.0 YaBrowser/24.1 Mobile", "Yandex, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Version/17.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Mac"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("x" * 200, "x" * 40),
        ("", ""),
    ],
)
def test_program_and_device(sent: str, shown: str) -> None:
    assert browsers.shown(sent) == shown
