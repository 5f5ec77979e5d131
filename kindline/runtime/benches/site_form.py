"""The question form of the site at a fixed rate: opened, sent, answered with a number, each by another stranger."""

from __future__ import annotations

import http.client
import re
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from kindline.runtime.benches.clients import Outcome

HANDS = 64
FIELDS = {
    "kind": "application", "surname": "Коваль", "given_name": "Ольга", "patronymic": "Петровна",
    "residence": "ул. Лесная, 1", "phone": "+79210000001", "email": "koval@example.org", "answer_by": "email",
    "consent": "on", "applicant_kind": "person",
}  # fmt: skip
SUBSTANCE = "Прошу пересчитать плату за отопление: счётчик показывал {n}, а в квитанции стоит другое число."
NUMBER = re.compile(r"<dl class=\"facts\">\s*<div><dt>[^<]*</dt><dd>([^<]+)</dd>")


def send(port: int, forms: int, a_second: float) -> Outcome:
    """Send so many at that rate, whoever is answered late; times from the button to the number, seconds."""
    found, lock, begun = Outcome(), threading.Lock(), time.monotonic()

    def one(n: int) -> None:
        time.sleep(max(0.0, begun + n / a_second - time.monotonic()))
        try:
            took, wrong = Stranger(port, n).ask(), ""
        except (OSError, ValueError, http.client.HTTPException) as error:
            took, wrong = 0.0, str(error)
        with lock:
            if wrong:
                found.errors.append(wrong)
            else:
                found.took_s.append(took)

    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(one, range(forms)))
    found.lasted_s = time.monotonic() - begun
    return found


@dataclass
class Stranger:
    """Somebody with an address and a network of his own."""

    port: int
    n: int

    def ask(self) -> float:
        """Open the form, send it, see the number; from the sending on, seconds. Raises: ValueError."""
        source = (f"127.{1 + self.n // 250}.{self.n % 250}.7", 0)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=source)
        try:
            page, cookie = self._page(line, "/ask/", "")
            began = time.monotonic()
            kind, body = multipart(FIELDS | hidden(page) | {"substance": SUBSTANCE.format(n=self.n)})
            line.request("POST", "/ask/", body, {"Content-Type": kind, "Cookie": cookie})
            answer = line.getresponse()
            said = answer.read().decode()
            if answer.status != 302:
                raise ValueError(f"{answer.status} {re.sub('<[^>]+>', ' ', said)[:300]}")
            page, _ = self._page(line, answer.headers["Location"], cookie)
            if not NUMBER.search(page):
                raise ValueError("no number on the page")
            return time.monotonic() - began
        finally:
            line.close()

    @staticmethod
    def _page(line: http.client.HTTPConnection, path: str, cookie: str) -> tuple[str, str]:
        line.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = line.getresponse()
        page = answer.read().decode()
        if answer.status != 200:
            raise ValueError(f"{path}: {answer.status}")
        return page, (answer.headers["Set-Cookie"] or "").partition(";")[0]


def hidden(page: str) -> dict[str, str]:
    """The token and the key of a form."""
    return dict(re.findall(r'<input type="hidden" name="(csrfmiddlewaretoken|key)" value="([^"]*)"', page))


def multipart(fields: dict[str, str]) -> tuple[str, bytes]:
    """The fields as a browser sends a form with files: content type and body."""
    edge = uuid.uuid4().hex
    lines = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()
    ]
    return f"multipart/form-data; boundary={edge}", ("".join(lines) + f"--{edge}--\r\n").encode()
