"""What a browser calls itself, as its owner knows it: Firefox, Windows."""

from __future__ import annotations

PROGRAMS = {
    "YaBrowser/": "Yandex", "Edg/": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung", "Firefox/": "Firefox",
    "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
"""Signs in the order in which they tell: most call themselves Chrome and Safari too."""
DEVICES = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Macintosh": "Mac",
    "Linux": "Linux",
}  # fmt: skip
SHOWN_MAX = 40


def shown(browser: str) -> str:
    """The program and the device; one that is not known as it calls itself."""
    found = [next((name for sign, name in known.items() if sign in browser), "") for known in (PROGRAMS, DEVICES)]
    return ", ".join(filter(None, found)) or browser[:SHOWN_MAX]
