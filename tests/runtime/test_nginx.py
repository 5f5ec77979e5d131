"""The configuration of `kindline proxy` in a real nginx: what it keeps, for whom, and what it never tells on."""

from __future__ import annotations

import contextlib
import http.client
import resource
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import RequestFactory, override_settings
from django.utils.translation import get_language_from_request

from kindline.runtime import cli, nginx, ports
from kindline.runtime.commands import proxy
from kindline.runtime.nginx import refusals, trial
from kindline.site import reach, shelf, viewing
from kindline.site.reach import Reach
from kindline.standard import loader
from tests.plugins.nginx import PATIENCE_S, before, described, front

ORIGINS = ["https://desk.example.com", "https://*.example.net"]
FILES, SLOW = "files.example.org", 1000
SESSION, HOST = "kindline_tried=abc", b"Host: 127.0.0.1\r\n"


@dataclass
class Pages:
    """Pages that count who asks, and say what they were told of him."""

    asked: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=lambda: {"Cache-Control": shelf.PUBLIC, "Vary": shelf.VARY})
    status: int = 200
    lines: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Front:
    """Nginx, and the pages behind it."""

    port: int
    pages: Pages
    web: int
    """Where the pages are."""

    def ask(self, path: str = "/", method: str = "GET", body: bytes | None = None, **told: str) -> tuple[int, str]:
        """What is answered: status, and the body as text."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request(method, path, body, {name.replace("_", "-"): value for name, value in told.items()})
        answer = line.getresponse()
        found = answer.status, answer.read().decode()
        line.close()
        return found

    def heads(self, path: str, **told: str) -> list[str]:
        """The names of the headers of an answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request("GET", path, None, {name.replace("_", "-"): value for name, value in told.items()})
        answer = line.getresponse()
        answer.read()
        line.close()
        return [name.lower() for name, _ in answer.getheaders()]


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Nginx with our configuration before pages that are counted."""
    pages = Pages()

    class Page(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answered(self) -> None:
            with pages.lines:
                pages.asked.append(dict(self.headers) | {"path": self.path, "method": self.command})
                told = f"{len(pages.asked)}|{told_language(self.headers)}|{self.headers.get('Cookie', '')}"
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(pages.status)
            for name, value in pages.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told.encode())

        def __getattr__(self, name: str) -> Any:
            if name in ("do_GET", "do_POST"):
                return self.answered
            raise AttributeError(name)

        def log_request(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with (
        override_settings(FILES_HOST=FILES, CSRF_TRUSTED_ORIGINS=ORIGINS),
        before(tmp_path_factory.mktemp("front"), server.server_address[1]) as port,
    ):
        yield Front(port, pages, server.server_address[1])
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site(behind: Front) -> Front:
    """The same, with nothing counted yet."""
    behind.pages.asked.clear()
    behind.pages.status = 200
    behind.pages.headers = {"Cache-Control": shelf.PUBLIC, "Vary": shelf.VARY}
    return behind


def told_language(headers: object) -> str:
    """In which language Django would make a page for this request."""
    given = {name.lower(): value for name, value in dict(headers).items()}  # type: ignore[call-overload]
    known = {name: given[name] for name in ("accept-language", "cookie") if name in given}
    return get_language_from_request(RequestFactory().get("/", headers=known))


def test_a_page_for_everybody_is_asked_for_once(site: Front) -> None:
    assert len({site.ask("/info/once/") for _ in range(20)}) == 1
    assert len(site.pages.asked) == 1


def test_pages_are_told_nothing_of_who_asks_so_that_none_can_be_told_on(site: Front) -> None:
    csrf = "kindline_csrf_tried=secret; kindline_device=own; kindline_view=large; other=1"
    _, said = site.ask("/info/nothing/", Cookie=csrf, Accept_Language="uk-UA,uk;q=0.9")
    assert said == "1|uk|django_language=uk; kindline_view=large"
    assert site.pages.asked[0]["Accept-Language"] == "uk"


@pytest.mark.parametrize("cookie", [SESSION, f"a=b; __Host-{SESSION}", "messages=told"])
def test_whoever_has_a_session_is_told_nothing_of_others_and_they_nothing_of_him(site: Front, cookie: str) -> None:
    path = f"/info/session-{len(cookie)}/"
    site.ask(path)
    status, own = site.ask(path, Cookie=cookie)
    assert (status, own.split("|")[0], own.split("|")[2]) == (200, "2", cookie)
    assert site.ask(path)[1].startswith("1|")


LANGUAGES = [
    "", "uk", "uk-UA,uk;q=0.9,ru;q=0.8", "ru-RU,ru;q=0.9,en;q=0.8", "de-DE,de;q=0.9,ru;q=0.5", "fr", "*", "ukr,ru",
    "en-GB", "x" * 300,
]  # fmt: skip
COOKIES = ["", "uk", "ru", "xx", "uk-UA", "UK", 'ru"', "en"]


def test_the_key_and_the_page_never_differ_whatever_is_sent(site: Front) -> None:
    """Poisoning: whoever gets a page made for another's words gets it in the language of his own key."""
    seen: dict[str, str] = {}
    for number, (asked, cookie) in enumerate((asked, cookie) for asked in LANGUAGES for cookie in COOKIES):
        words: dict[str, Any] = {"Accept_Language": asked} if asked else {}
        words |= {"Cookie": f"django_language={cookie}"} if cookie else {}
        _, said = site.ask("/info/key/", **words)
        fresh = site.ask(f"/info/fresh-{number}/", **words)[1].split("|")[1]
        assert said.split("|")[1] == fresh, (asked, cookie)
        assert seen.setdefault(fresh, said) == said
    assert set(seen) == {"uk", "ru", "en"}


def test_one_cookie_twice_is_read_as_the_page_reads_it(site: Front) -> None:
    for cookie in ("django_language=uk; django_language=ru", "django_language=ru; django_language=uk"):
        language = site.ask("/info/twice/", Cookie=cookie)[1].split("|")[1]
        assert site.ask("/info/twice/", Cookie=f"django_language={language}")[1].split("|")[1] == language
        assert f"django_language={language};" in site.ask("/info/twice/", Cookie=cookie)[1]


@pytest.mark.parametrize("said", ["private, no-store", "private, no-cache", ""])
def test_what_is_ones_own_is_asked_for_each_time(site: Front, said: str) -> None:
    site.pages.headers = {"Cache-Control": said} if said else {}
    path = f"/info/own-{len(said)}/"
    assert site.ask(path) != site.ask(path)


def test_a_page_that_sets_a_cookie_is_not_told_on(site: Front) -> None:
    site.pages.headers |= {"Set-Cookie": "a=b"}
    assert site.ask("/info/cookie/") != site.ask("/info/cookie/")


@pytest.mark.parametrize("path", ["/ask/", "/status/", "/account/", "/desk/", "/login/", "/search/", "/api/v1/appeals"])
def test_elsewhere_nothing_is_kept_whatever_is_said(site: Front, path: str) -> None:
    cookie = "kindline_csrf_tried=token"
    first, second = site.ask(path, Cookie=cookie), site.ask(path, Cookie=cookie)
    assert first != second
    assert first[1].split("|")[2] == cookie


NOBODY_THERE = 502
"""The engine behind the telephone's socket is away in these tests."""


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("", "127.0.0.1", NOBODY_THERE),
        ("http://127.0.0.1", "127.0.0.1", NOBODY_THERE),
        ("https://www.example.org", "www.example.org", NOBODY_THERE),
        ("http://127.0.0.1:8443", "127.0.0.1:8443", NOBODY_THERE),
        ("https://desk.example.com", "127.0.0.1", NOBODY_THERE),
        ("https://a.b.example.net", "127.0.0.1", NOBODY_THERE),
        ("http://127.0.0.1:8000", "127.0.0.1:8443", 403),
        ("https://evil.example", "127.0.0.1", 403),
        ("https://127.0.0.1.evil.example", "127.0.0.1", 403),
        ("https://evil.example|https://127.0.0.1", "127.0.0.1", 403),
        ("https://evilexample.net", "127.0.0.1", 403),
        ("https://desk-example.com", "127.0.0.1", 403),
        ("ftp://127.0.0.1", "127.0.0.1", 403),
        ("null", "127.0.0.1", 403),
    ],
)
def test_the_telephone_s_socket_opens_to_our_pages_alone(site: Front, origin: str, host: str, status: int) -> None:
    told = {"Host": host} | ({"Origin": origin} if origin else {})
    assert site.ask("/ws", "GET", None, **told)[0] == status


def test_a_form_is_never_answered_from_the_cache(site: Front) -> None:
    site.ask("/")
    assert [site.ask("/", "POST", b"a=b")[1].split("|")[0] for _ in range(2)] == ["2", "3"]


def test_the_client_cannot_say_who_or_when_he_is(site: Front) -> None:
    site.ask("/ask/", X_Forwarded_For="6.6.6.6", X_Request_Start="t=1", X_Forwarded_Proto="https")
    told = site.pages.asked[0]
    assert (told["X-Forwarded-For"], told["X-Forwarded-Proto"]) == ("127.0.0.1", "http")
    assert float(told["X-Request-Start"].removeprefix("t=")) > 1e9


def test_another_name_is_not_ours(site: Front) -> None:
    assert site.ask("/", Host="evil.example")[0] == 421
    assert site.pages.asked == []


def test_too_many_forms_from_one_address_wait_and_reading_does_not(site: Front) -> None:
    statuses = [site.ask("/ask/", "POST", b"a=b")[0] for _ in range(3 * nginx.BURST)]
    assert set(statuses) == {200, 429}
    assert statuses[: nginx.BURST // 2] == [200] * (nginx.BURST // 2)
    assert site.ask("/ask/")[0] == 200


def test_many_browsers_behind_one_address_do_not_stand_in_each_others_way(site: Front) -> None:
    """A provider's NAT: a town that sends its readings on the same evening."""
    browsers = [f"kindline_csrf_tried=of{number}" for number in range(6 * nginx.BURST)]
    assert {site.ask("/readings/", "POST", b"a=b", Cookie=one)[0] for one in browsers} == {200}


def test_a_flood_from_one_address_is_cut_whatever_it_calls_itself(
    behind: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nginx, "ADDRESS_A_SECOND", 1)
    monkeypatch.setattr(nginx, "ADDRESS_BURST", 10)
    with before(tmp_path, behind.web) as port:
        flooded = Front(port, behind.pages, behind.web)
        statuses = [
            flooded.ask("/ask/", "POST", b"a=b", Cookie=f"kindline_csrf_tried=of{number}")[0] for number in range(60)
        ]
    assert statuses[:10] == [200] * 10
    assert 429 in statuses


def test_a_subscriber_of_ipv6_is_one_address_however_many_he_takes(
    behind: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nginx, "ADDRESS_A_SECOND", 1)
    monkeypatch.setattr(nginx, "ADDRESS_BURST", 10)
    told = "set_real_ip_from 127.0.0.1; real_ip_header X-Tried;"
    with before(tmp_path, behind.web, told) as port:
        tried = Front(port, behind.pages, behind.web)

        def posted(address: str, number: int) -> int:
            cookie = f"kindline_csrf_tried=of{number}"
            return tried.ask("/ask/", "POST", b"a=b", Cookie=cookie, X_Tried=address)[0]

        assert 429 in [posted(f"2001:db8:1:2::{number:x}", number) for number in range(40)]
        assert 429 not in [posted(f"2001:db8:{number:x}::1", number) for number in range(40)]
        assert 429 not in [posted(f"::ffff:192.0.2.{number}", number) for number in range(40)]


@pytest.mark.parametrize(("language", "go_back"), [("uk", "Поверніться"), ("ru", "Вернитесь"), ("en", "Go back")])
def test_every_refusal_is_a_page_with_a_way_on(site: Front, tmp_path: Path, language: str, go_back: str) -> None:
    told: dict[str, Any] = {"Accept_Language": language}
    found = {413: site.ask("/login/", "POST", b"a" * 2_000_000, **told)}
    answers = [site.ask("/ask/", "POST", b"a=b", **told) for _ in range(3 * nginx.BURST)]
    found |= {status: (status, said) for status, said in answers if status != 200}
    with before(tmp_path, ports.choose()) as port:
        found[502] = Front(port, site.pages, 0).ask("/ask/", "POST", b"a=b", **told)
    assert {status for status, _ in found.values()} == {413, 429, 502} == set(found)
    for status, said in found.values():
        assert f"lang='{language}'" in said, status
        assert go_back in said
        assert "nginx" not in said


def test_it_is_said_when_to_try_again_and_nothing_of_it_is_kept(site: Front, tmp_path: Path) -> None:
    with before(tmp_path, ports.choose()) as port:
        heads = Front(port, site.pages, 0).heads("/ask/")
    assert {"retry-after", "cache-control", "content-security-policy", "x-content-type-options"} <= set(heads)


def test_the_pages_own_refusals_are_left_to_them(site: Front) -> None:
    site.pages.status = 503
    status, said = site.ask("/ask/")
    assert (status, said.split("|")[0]) == (503, "1")


@pytest.mark.parametrize("profile", ["krc", "court", "yumek", "voe", ""])
def test_the_pages_of_refusals_fit_into_nginx_and_name_number_and_address(profile: str) -> None:
    ways = reach.of(loader.load(profile)) if profile else Reach("", "", "")
    for one in refusals.REFUSALS:
        for language in ("uk", "ru", "en"):
            said = refusals.page(one, language, ways)
            assert len(said.encode()) < refusals.LONGEST
            assert '"' not in said
            assert (f"href='tel:{ways.tel}'" in said, f"href='mailto:{ways.email}'" in said) == (bool(profile),) * 2


@pytest.mark.fault("W3")
def test_what_is_packed_and_what_is_too_large_comes_to_no_page(site: Front) -> None:
    """W3: a gzip bomb, a body of a gigabyte promised, one that nobody promised and that does not end."""
    assert site.ask("/ask/", "POST", b"\x1f\x8b" * 100, Content_Encoding="gzip")[0] == 415
    assert site.ask("/ask/", "POST", b"a=b", Content_Length="1000000000")[0] == 413
    assert site.ask("/login/", "POST", b"a" * 2_000_000)[0] == 413
    assert site.ask("/", "POST", b"a" * 20_000)[0] == 413
    assert site.pages.asked == []
    assert site.ask("/ask/", "POST", b"a" * 2_000_000)[0] in (200, 429)


@pytest.mark.fault("W3")
@pytest.mark.parametrize("promised", [True, False], ids=["its length is told", "in chunks"])
def test_a_body_of_a_gigabyte_is_cut_while_it_comes_and_others_are_answered(site: Front, promised: bool) -> None:
    """It is really sent, as far as nginx takes it: to a page where files come in, past what a giver may send a day."""
    block, sent = b"a" * 2**20, 0
    length = "Content-Length: 1073741824" if promised else "Transfer-Encoding: chunked"
    with socket.create_connection(("127.0.0.1", site.port), timeout=60) as line:
        line.sendall(f"POST /ask/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}\r\n\r\n".encode())
        try:
            while sent < 1024:
                line.sendall(block if promised else b"100000\r\n" + block + b"\r\n")
                sent += 1
                if sent % 64 == 1:
                    assert site.ask("/")[0] == 200
        except (BrokenPipeError, ConnectionResetError):
            pass
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(65_536)[:12] in (b"HTTP/1.1 413", b"")
    assert sent > 1
    assert "/ask/" not in [one["path"] for one in site.pages.asked]


@pytest.mark.fault("W3")
def test_a_body_without_end_is_cut(site: Front) -> None:
    """Its length is told by nobody: it is refused where it grows too long, not where it ends."""
    block = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        line.sendall(20 * block)
        found = line.recv(65_536)
    assert found.startswith(b"HTTP/1.1 413")
    assert site.pages.asked == []


@pytest.mark.fault("W3")
@pytest.mark.parametrize(
    "begun",
    [b"GET / HTTP/1.1\r\n" + HOST + b"X-Slow: ", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 99\r\n\r\na"],
)
def test_a_head_or_body_that_does_not_come_is_cut_and_no_page_waits_for_it(site: Front, begun: bytes) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=10 * PATIENCE_S + 30) as line:
        line.sendall(begun)
        try:
            found = line.recv(65_536)  # until it hangs up, or says that it will not wait
        except ConnectionResetError:
            found = b""
    assert found == b"" or found.startswith(b"HTTP/1.1 408")
    assert site.pages.asked == []


@pytest.fixture
def many_lines() -> Iterator[None]:
    """This process may hold more than the thousand lines that are usual."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * SLOW)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.fault("W3")
@pytest.mark.usefixtures("many_lines")
def test_more_slow_heads_than_debians_nginx_has_lines_keep_nobody_waiting(site: Front) -> None:
    """With what the how-to says of `nginx.conf`: a process of Debian's own has 768 lines, and the next is closed."""
    with contextlib.ExitStack() as held:
        for _ in range(SLOW):
            line = held.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=30))
            line.sendall(b"POST /ask/ HTTP/1.1\r\n" + HOST)
        assert {site.ask("/ask/")[0] for _ in range(20)} == {200}
    assert {one["method"] for one in site.pages.asked} == {"GET"}


def test_the_how_to_gives_nginx_as_many_lines_as_it_is_tried_with() -> None:
    told = (Path(__file__).parents[2] / "docs" / "how-to" / "behind-nginx.md").read_text(encoding="utf-8")
    assert f"events {{ worker_connections {trial.LINES}; }}" in told


def test_every_place_of_pages_for_everybody_is_kept(site: Front) -> None:
    for place in shelf.PLACES:
        assert site.ask(f"/{place}") == site.ask(f"/{place}"), place


def test_what_is_typed_in_a_form_is_asked_for_each_time_and_stands_in_no_log(site: Front, tmp_path: Path) -> None:
    site.pages.headers = {"Cache-Control": "private, max-age=600"}
    assert site.ask("/search/suggest/?q=one") != site.ask("/search/suggest/?q=one")
    text = nginx.configuration(described(tmp_path, 8000), front(tmp_path, 8080), settings=settings)
    part = text.partition("location = /search/suggest/ {")[2].partition("}")[0]
    assert "access_log off;" in part


@pytest.mark.parametrize("path", ["/outages/?address=", "/search/?q=", "/ask/?substance="])
def test_what_was_typed_stands_in_no_log_nor_does_the_page_that_led_there(
    behind: Front, tmp_path: Path, path: str
) -> None:
    """ASVS 14.2.1: addresses and words of questions are personal data."""
    with before(tmp_path, behind.web) as port:
        tried = Front(port, behind.pages, behind.web)
        tried.ask(f"{path}Lesnaya+12", Referer=f"http://127.0.0.1{path}Lesnaya+12", User_Agent="tried/1")
    log = (tmp_path / "access.log").read_text(encoding="utf-8")
    assert f'"GET {path.partition("?")[0]} HTTP/1.1" 200' in log
    assert "tried/1" in log
    assert "Lesnaya" not in log


def test_what_opens_something_by_itself_stands_in_no_log(behind: Front, tmp_path: Path) -> None:
    """ASVS 14.2.1: whoever reads the log neither sees nor cancels what somebody asked for."""
    key = "0b9e7f4e-3c1d-4a55-9d5f-123456789012"
    paths = ("/ask/{}/", "/meeting/{}/?a=b", "/consultation/{}/room/", "/notices/leave/{}/", "/account/not-me/{}/")
    with before(tmp_path, behind.web) as port:
        for path in paths:
            Front(port, behind.pages, behind.web).ask(path.format(key))
    log = (tmp_path / "access.log").read_text(encoding="utf-8")
    assert key not in log
    for path in paths:
        assert f'"GET {path.format("*").partition("?")[0]} HTTP/1.1"' in log


def test_the_host_of_files_gives_signed_addresses_without_cookies_and_nothing_else(site: Front) -> None:
    site.pages.headers = {"Set-Cookie": "kindline_tried=own"}
    status, said = site.ask("/file/abc:def", Host=FILES, Cookie=SESSION)
    assert (status, said.split("|")[2]) == (200, "")
    assert "Cookie" not in site.pages.asked[0]
    assert site.pages.asked[0]["Host"] == FILES
    assert "set-cookie" not in site.heads("/file/abc:def", Host=FILES)
    site.pages.asked.clear()
    for path in ("/", "/desk/", "/info/once/", "/static/x.css", "/events", "/ws", "/files/1", "/filename"):
        assert site.ask(path, Host=FILES, Cookie=SESSION)[0] == 404, path
    assert site.pages.asked == []


def test_without_a_host_of_files_none_is_served(tmp_path: Path) -> None:
    with override_settings(FILES_HOST=""):
        text = nginx.configuration(described(tmp_path, 8000), front(tmp_path, 8080), settings=settings)
    assert text.count("server {") == 2
    assert FILES not in text


def test_the_command_writes_what_nginx_takes_and_refuses_half_a_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = nginx.configuration(described(tmp_path, 8000), front(tmp_path, 8080), settings=settings)
    assert viewing.COOKIE in text
    words = cli.parser("proxy").parse_args(["proxy", "www.example.org", "--certificate", "c.pem"])
    with pytest.raises(cli.UsageError, match="key"):
        proxy.run(words)


def test_with_a_certificate_it_speaks_https(tmp_path: Path) -> None:
    secured = nginx.Front(("www.example.org",), "443", certificate="/c.pem", key="/k.pem")
    with override_settings(FILES_HOST=FILES):
        text = nginx.configuration(described(tmp_path, 8000), secured, settings=settings)
    assert text.count("listen 443 ssl") == text.count("ssl_certificate /c.pem;") == 3
    assert "https://www.example.org/events" in text


def test_with_a_certificate_who_comes_by_http_is_sent_on(behind: Front, tmp_path: Path) -> None:
    """With what he sends, and to our name, whatever name he says."""
    plain, pair = ports.choose(), paired(tmp_path)
    with before(tmp_path, behind.web, plain=f"127.0.0.1:{plain}", names=("www.example.org",), **pair):
        line = http.client.HTTPConnection("127.0.0.1", plain, timeout=30)
        line.request("POST", "/ask/?a=b", b"c=d", {"Host": "evil.example"})
        answer = line.getresponse()
        line.close()
    assert (answer.status, answer.headers["Location"]) == (308, "https://www.example.org/ask/?a=b")


def test_who_asks_for_a_file_by_http_is_sent_on_to_its_host(behind: Front, tmp_path: Path) -> None:
    plain, pair = ports.choose(), paired(tmp_path)
    with before(tmp_path, behind.web, plain=f"127.0.0.1:{plain}", names=("www.example.org",), **pair):
        line = http.client.HTTPConnection("127.0.0.1", plain, timeout=30)
        line.request("GET", "/file/abc:def?a=b", None, {"Host": FILES})
        answer = line.getresponse()
        line.close()
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{FILES}/file/abc:def?a=b")


@pytest.mark.parametrize("host", ["www.example.org", FILES])
def test_a_certificate_is_renewed_by_http_and_nothing_else_is_given_there(
    behind: Front, tmp_path: Path, host: str
) -> None:  # fmt: skip
    plain, pair, given = ports.choose(), paired(tmp_path), tmp_path / "acme" / ".well-known" / "acme-challenge"
    given.mkdir(parents=True)
    (given / "tok-en_1").write_text("tok-en_1.print", encoding="ascii")
    (tmp_path / "acme" / "secret").write_text("secret", encoding="ascii")
    more: dict[str, Any] = {"names": ("www.example.org",), "acme": str(tmp_path / "acme"), **pair}
    with before(tmp_path, behind.web, plain=f"127.0.0.1:{plain}", **more):
        seen = Front(plain, behind.pages, behind.web)
        proof = seen.ask("/.well-known/acme-challenge/tok-en_1", Host=host)
        others = [
            seen.ask(f"/.well-known/acme-challenge/{path}", Host=host)[0] for path in ("none", "", "../../secret")
        ]
    assert proof == (200, "tok-en_1.print")
    assert others == [404, 403, 308]


def test_a_port_alone_is_served_by_both_families_of_addresses(behind: Front, tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    port, plain = ports.choose(), ports.choose()
    pair: dict[str, Any] = {**paired(tmp_path)}
    seen = replace(front(tmp_path, port), listen=str(port), plain=str(plain), **pair)
    with trial.running(tmp_path, nginx.configuration(described(tmp_path, behind.web), seen, settings=settings), plain):
        found = [http.client.HTTPConnection(host, plain, timeout=30) for host in ("127.0.0.1", "::1")]
        for line in found:
            line.request("GET", "/", None, {"Host": "www.example.org"})
        assert [line.getresponse().status for line in found] == [308, 308]
        for line in found:
            line.close()
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, port), timeout=30).close()


@pytest.mark.parametrize(
    ("said", "lines"),
    [("443", 2), ("192.0.2.1:443", 1), ("[2001:db8::1]:443", 1)],
)  # fmt: skip
def test_an_address_that_was_said_is_the_only_one(tmp_path: Path, said: str, lines: int) -> None:
    told = nginx.Front(("www.example.org",), said, certificate="/c.pem", key="/k.pem")
    with override_settings(FILES_HOST=""):
        text = nginx.configuration(described(tmp_path, 8000), told, settings=settings)
    assert text.count("listen ") == 2 * lines
    assert text.count("default_server;") == lines


def paired(folder: Path) -> dict[str, str]:
    """A certificate that nobody trusts, and its key."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=tried"]
    where = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", *words, *where], check=True, capture_output=True)
    return {"certificate": str(certificate), "key": str(key)}


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ([], "80"), (["--plain", "off"], ""), (["--listen", "8443"], ""),
        (["--listen", "8443", "--plain", "8080"], "8080"),
    ],
)  # fmt: skip
def test_the_command_sends_http_on_where_https_is_where_it_is_expected(words: list[str], plain: str) -> None:
    given = ["proxy", "www.example.org", "--certificate", "c.pem", "--key", "k.pem", *words]
    assert proxy._plain(cli.parser("proxy").parse_args(given)) == plain
