"""Notices handed to a push service: signed for it, sealed for the browser, and its answers understood."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kindline.connectors.push import vapid
from kindline.connectors.push.webpush import WebPush, seconds
from kindline.files.errors import LostKeyError
from kindline.notifications import outbound
from kindline.notifications.errors import GoneError, RefusedError, UnreachableError
from kindline.notifications.push_wires import Parcel
from tests.connectors.push.service import PushServer, Receiver, serving

NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
TOLD = json.dumps({"title": "Вода", "body": "Завтра не будет воды"}).encode()


@pytest.fixture
def keys(settings: Any, tmp_path: Path) -> Path:
    """The folder of the installation's keys."""
    settings.KEYS = str(tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def server() -> Iterator[PushServer]:
    """A push service of our own."""
    with serving() as found:
        yield found


def parcel(browser: Receiver, endpoint: str, content: bytes = TOLD) -> Parcel:
    """A notice for a browser."""
    return Parcel(1, endpoint, browser.p256dh, browser.auth, content, 3600, "high", "a" * 32)


@pytest.mark.clause("krc-5.7.1-39")
@pytest.mark.usefixtures("keys")
def test_a_notice_is_signed_and_sealed(server: PushServer) -> None:
    browser, push = Receiver(), WebPush("mailto:info@example.org", [server.url])
    push.post(parcel(browser, f"{server.url}/to/1?a=b"), NOW)
    (came,) = server.came
    assert came.path == "/to/1?a=b"
    assert browser.opened(came.body) == TOLD
    assert came.claims == {
        "aud": server.url, "exp": int((NOW + dt.timedelta(hours=12)).timestamp()), "sub": "mailto:info@example.org",
    }  # fmt: skip
    assert came.sender == push.public_key
    wanted = {"TTL": "3600", "Urgency": "high", "Topic": "a" * 32, "Content-Encoding": "aes128gcm"}
    assert {name: came.headers[name] for name in wanted} == wanted


def test_the_key_is_made_once_for_its_owner_alone(keys: Path) -> None:
    first = WebPush().public_key
    assert WebPush().public_key == first
    assert [one.name for one in keys.iterdir()] == ["vapid.pem"]
    assert (keys / "vapid.pem").stat().st_mode & 0o077 == 0
    (keys / "vapid.pem").chmod(0o600)
    (keys / "vapid.pem").write_text("spoilt")
    with pytest.raises(LostKeyError, match="safe copy"):
        vapid.own_key()


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize(
    ("status", "headers", "error", "later"),
    [
        (404, {}, GoneError, None),
        (410, {}, GoneError, None),
        (429, {"Retry-After": "120"}, UnreachableError, 120.0),
        (503, {"Retry-After": "Mon, 02 Nov 2026 09:05:00 GMT"}, UnreachableError, 300.0),
        (500, {}, UnreachableError, None),
        (413, {}, RefusedError, None),
        (302, {"Location": "http://127.0.0.1:1/"}, RefusedError, None),
    ],
)
def test_what_the_service_answers(
    server: PushServer, status: int, headers: dict[str, str], error: type[Exception], later: float | None
) -> None:
    server.answer("/to/1", (status, headers))
    with pytest.raises(error, match=str(status)) as found:
        WebPush("", [server.url]).post(parcel(Receiver(), f"{server.url}/to/1"), NOW)
    assert getattr(found.value, "later_s", None) == later
    assert len(server.came) == 1, "no redirect is followed"


@pytest.mark.usefixtures("keys")
def test_nobody_inside_is_asked_for_a_stranger(server: PushServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    known = {"inside.example": "10.0.0.7", "mixed.example": "93.184.216.34"}

    def addresses(host: str, port: int, **_more: object) -> list[Any]:
        asked.append(host)
        found = ["93.184.216.34", "169.254.169.254"] if host == "mixed.example" else [known.get(host, host)]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    port = server.url.rpartition(":")[2]
    for endpoint in (
        f"{server.url}/to/1", f"https://127.0.0.1:{port}/", "https://127.0.0.1/", "https://inside.example/to/1",
        "https://mixed.example/to/1", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[2002:7f00:1::]/",
        "https://[64:ff9b::a00:1]/", "ftp://push.example/", "https://me@push.example/", "https://push.example:8443/",
    ):  # fmt: skip
        with pytest.raises(RefusedError):
            WebPush().post(parcel(Receiver(), endpoint), NOW)
    assert server.came == []
    assert "inside.example" in asked
    assert "push.example" not in asked, "what is no HTTPS on its usual port is not even looked up"


@pytest.mark.parametrize(("address", "is_public"), [("93.184.216.34", True), ("2606:2800:220:1::1", True)])
def test_public_addresses(address: str, is_public: bool) -> None:
    assert outbound.is_public(address) is is_public


@pytest.mark.usefixtures("keys")
def test_a_service_that_is_not_there_is_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UnreachableError):
            WebPush("", [url]).post(parcel(Receiver(), f"{url}/to/1"), NOW)


@pytest.mark.usefixtures("keys")
def test_spoilt_keys_of_a_browser_are_refused(server: PushServer) -> None:
    broken = Parcel(1, f"{server.url}/to/1", "AAAA", Receiver().auth, TOLD, 60, "normal", "t")
    with pytest.raises(RefusedError):
        WebPush("", [server.url]).post(broken, NOW)
    assert server.came == []


@pytest.mark.usefixtures("keys")
def test_the_certificate_of_the_name_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Receiver()
    with serving(_certified(tmp_path)) as server:
        push = WebPush("", [server.url])
        with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
            push.post(parcel(browser, f"{server.url}/to/1"), NOW)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        push.post(parcel(browser, f"{server.url}/to/1"), NOW)
    assert [browser.opened(one.body) for one in server.came] == [TOLD]


def _certified(folder: Path) -> ssl.SSLContext:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(dt.datetime(2020, 1, 1)).not_valid_after(dt.datetime(2099, 1, 1))  # noqa: DTZ001
    signed = made.add_extension(address, critical=True).sign(key, SHA256())
    (folder / "certificate.pem").write_bytes(signed.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(
    ("said", "found"), [(None, None), ("soon", None), ("0", 0.0), ("-5", None), ("9" * 40, 999999999.0)]
)
def test_after_how_long_it_wants_to_be_asked(said: str | None, found: float | None) -> None:
    assert seconds(said, NOW) == found
