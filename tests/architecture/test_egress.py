"""Server-side request forgery (X6): which modules open connections, and whence each takes the address."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.fault("X6")

KINDLINE = Path(__file__).resolve().parents[2] / "kindline"
CLIENTS = {
    "http.client", "urllib.request", "aiohttp", "imaplib", "imap_tools", "smtplib", "requests", "httpx", "boto3",
    "botocore", "pywebpush", "ftplib", "telnetlib", "xmlrpc.client",
}  # fmt: skip
KNOWN = {
    "api/egress.py": "webhooks: only origins of a setting, no redirect is followed (tests/api/test_webhooks.py)",
    "connectors/mail/imap.py": "the mailbox of a setting",
    "connectors/mail/smtp.py": "the mail server of a setting",
    "connectors/push/webpush.py": "what a browser names, seen by notifications/outbound.py (tests/connectors/push)",
    "connectors/speech/remote.py": "the recogniser of a setting",
    "connectors/sms/kannel.py": "the gateway of a setting",
    "connectors/storage/s3.py": "the store of a setting",
    "site/availability.py": "our own pages",
    "switchboard/ari.py": "the engine of the instance",
    "switchboard/asking.py": "switchboards of the instance",
}
SERVERS = {"switchboard/announcements.py", "switchboard/api.py", "switchboard/wanted.py"}
"""These answer, they do not ask: `aiohttp.web`."""


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def asks(path: Path) -> bool:
    """Whether a file imports something that opens connections."""
    return any(name in CLIENTS for name in imported(path))


def test_x6_nothing_calls_out_but_what_takes_its_address_from_the_settings() -> None:
    own = [one for one in sorted(KINDLINE.rglob("*.py")) if one.relative_to(KINDLINE).parts[0] != "runtime"]
    found = {str(one.relative_to(KINDLINE)) for one in own if asks(one)}
    assert found == set(KNOWN) | SERVERS, "a module that calls out says here whence it has the address, and why it may"


def test_x6_who_only_answers_asks_nobody() -> None:
    for name in SERVERS:
        names = set(imported(KINDLINE / name))
        assert {one for one in names if one.startswith("aiohttp")} <= {"aiohttp", "aiohttp.web"}, name
