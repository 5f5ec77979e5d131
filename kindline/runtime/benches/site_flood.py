"""Ten thousand question forms from one address, as fast as it can; a neighbour sends his forms meanwhile."""

from __future__ import annotations

import http.client
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from kindline.runtime.benches.clients import Outcome
from kindline.runtime.benches.site_form import FIELDS, SUBSTANCE, Stranger, hidden, multipart

HANDS, TAKEN, REFUSED = 8, 302, 429
NEIGHBOUR_EVERY_S, NEIGHBOURS_FROM = 0.3, 5000


@dataclass
class Flooded:
    """What came of a flood: answers by status, refusals that still hold what was typed, what the neighbour saw."""

    lasted_s: float = 0.0
    answers: Counter[int] = field(default_factory=Counter)
    kept: int = 0
    neighbour: Outcome = field(default_factory=Outcome)

    @property
    def lost(self) -> int:
        """Refusals without the text that was sent, and answers that are neither a number nor a refusal."""
        return self.answers.total() - self.answers[TAKEN] - self.kept


def pour(port: int, posts: int) -> Flooded:
    """Send so many from one address and browser, each with a key of its own."""
    found, begun = Flooded(), time.monotonic()
    page, cookie = _form(port)
    numbers, lock = iter(range(posts)), threading.Lock()

    def hand(_: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with lock:
                n = next(numbers, None)
            if n is None:
                return line.close()
            status, said = _post(line, page, cookie, text := SUBSTANCE.format(n=n))
            with lock:
                found.answers[status] += 1
                found.kept += status == REFUSED and text in said

    with _neighbour(port, found.neighbour), ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(hand, range(HANDS)))
        found.lasted_s = time.monotonic() - begun
    return found


def _form(port: int) -> tuple[dict[str, str], str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", "/ask/")
    answer = line.getresponse()
    page, cookie = answer.read().decode(), (answer.headers["Set-Cookie"] or "").partition(";")[0]
    line.close()
    return hidden(page), cookie


def _post(line: http.client.HTTPConnection, page: dict[str, str], cookie: str, text: str) -> tuple[int, str]:
    """The status of the answer (0: none came) and its page."""
    kind, body = multipart(FIELDS | page | {"key": str(uuid.uuid4()), "substance": text})
    try:
        line.request("POST", "/ask/", body, {"Content-Type": kind, "Cookie": cookie})
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException):
        line.close()
        return 0, ""


@contextmanager
def _neighbour(port: int, found: Outcome) -> Iterator[None]:
    """Somebody else asks, again and again, until the block is over."""
    over = threading.Event()

    def ask() -> None:
        while not over.wait(NEIGHBOUR_EVERY_S):
            try:
                found.took_s.append(Stranger(port, NEIGHBOURS_FROM + len(found.took_s)).ask())
            except (OSError, ValueError, http.client.HTTPException) as error:
                found.errors.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
