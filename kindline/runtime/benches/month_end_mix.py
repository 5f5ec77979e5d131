"""What comes at the end of a month, kind by kind: how often on a usual day, and how each is asked (faults O1)."""

from __future__ import annotations

import http.client
import json
import re
import time
import uuid
from dataclasses import dataclass

from kindline.journal import strain
from kindline.runtime.benches.site_form import FIELDS, SUBSTANCE, hidden, multipart

A_SECOND = {
    "api_reading": 0.25, "site_reading": 0.25, "question": 0.05, "page": 1.0, "list": 0.1,
    "report": 0.05, "export": 0.025, "search": 0.1, "booking": 0.05,
}  # fmt: skip
"""On a usual day; assumed: an organisation of 100,000 accounts whose readings come within five days."""
SORTS = {"report": strain.REPORTS, "export": strain.EXPORTS, "search": strain.TALKS, "booking": strain.TALKS}
"""Which kinds may be put off; the others are never."""
TAKING = ("api_reading", "site_reading", "question")
"""Which kinds take something in: whatever was acknowledged must be found afterwards."""
PLACES = {
    "page": ("/", "/faq/", "/outages/", "/info/", "/services/"),
    "list": ("/desk/appeals/",),
    "report": ("/desk/comparison/", "/desk/goals/", "/desk/satisfaction/", "/desk/reasons/"),
    "export": ("/desk/standard.csv", "/desk/comparison/?format=csv"),
    "search": ("/search/?q=показания", "/search/?q=квитанция", "/search/?q=вода", "/search/?q=тариф"),
    "booking": ("/consultation/", "/meeting/"),
}
"""Of what is only read: where, in turns."""
DESK = ("list", "report", "export")
"""What an employee reads."""
VALUE, PUT_OFF, PATIENCE_S = "1234", 503, 60


@dataclass(frozen=True)
class Seen:
    """What one client saw: the status of each answer that he waited for and the seconds until it; what was taken in."""

    steps: tuple[tuple[int, float], ...]
    taken: str = ""


@dataclass(frozen=True)
class Asker:
    """Somebody with an address of his own who asks once: the nth, at the port of the proxy."""

    port: int
    n: int
    day: str
    token: str
    session: str

    def ask(self, kind: str) -> Seen:
        """Ask what this kind asks. Raises: OSError, ValueError, HTTPException."""
        source = (f"127.{1 + self.n // 250 % 250}.{self.n % 250}.{7 + self.n // 62500}", 0)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S, source_address=source)
        try:
            return self._of(kind, line)
        finally:
            line.close()

    def _of(self, kind: str, line: http.client.HTTPConnection) -> Seen:
        acts = {"api_reading": self._by_program, "site_reading": self._reading, "question": self._question}
        if kind in acts:
            return acts[kind](line)
        places = PLACES[kind]
        return self._page(line, places[self.n % len(places)], self.session if kind in DESK else "")

    def _page(self, line: http.client.HTTPConnection, path: str, cookie: str) -> Seen:
        status, _, took, _ = self._sent(line, "GET", path, {"Cookie": cookie})
        return Seen(((status, took),))

    def _by_program(self, line: http.client.HTTPConnection) -> Seen:
        content = {"account": f"77{self.n:08}", "meter": f"{self.n:08}", "value": VALUE, "taken_on": self.day}
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        headers |= {"Authorization": f"Bearer {self.token}"}
        status, said, took, _ = self._sent(line, "POST", "/api/v1/readings", headers, json.dumps(content).encode())
        return Seen(((status, took),), str(json.loads(said)["id"]) if status == 201 else "")

    def _reading(self, line: http.client.HTTPConnection) -> Seen:
        _, page, opened, cookie = self._sent(line, "GET", "/readings/", {})
        fields = hidden(page) | {"account": f"77{self.n:08}", "meter": f"{self.n:08}", "value": VALUE}
        kind, body = multipart(fields | {"taken_on": self.day})
        headers = {"Content-Type": kind, "Cookie": cookie}
        status, _, took, _ = self._sent(line, "POST", "/readings/", headers, body)
        return Seen(((200, opened), (status, took)), f"web {uuid.UUID(fields['key'])}" if status == 200 else "")

    def _question(self, line: http.client.HTTPConnection) -> Seen:
        _, page, opened, cookie = self._sent(line, "GET", "/ask/", {})
        kind, body = multipart(FIELDS | hidden(page) | {"substance": SUBSTANCE.format(n=self.n)})
        headers = {"Content-Type": kind, "Cookie": cookie}
        status, place, took, _ = self._sent(line, "POST", "/ask/", headers, body)
        if status != 302:
            return Seen(((200, opened), (status, took)))
        answered, _, shown, _ = self._sent(line, "GET", place, {"Cookie": cookie})
        return Seen(((200, opened), (302, took), (answered, shown)), place.strip("/").rpartition("/")[2])

    def _sent(
        self, line: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, str, float, str]:
        """Status, page (or where it leads), seconds, cookie. Raises: ValueError for any other status than ours."""
        began = time.monotonic()
        line.request(method, _quoted(path), body or None, {name: text for name, text in headers.items() if text})
        answer = line.getresponse()
        said, took = answer.read().decode(errors="replace"), time.monotonic() - began
        if answer.status not in (200, 201, 302, PUT_OFF):
            raise ValueError(f"{method} {path}: {answer.status} {re.sub('<[^>]+>', ' ', said)[:200]}")
        cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
        return answer.status, answer.headers["Location"] if answer.status == 302 else said, took, cookie


def _quoted(path: str) -> str:
    return "".join(one if one.isascii() else "".join(f"%{byte:02X}" for byte in one.encode()) for one in path)
