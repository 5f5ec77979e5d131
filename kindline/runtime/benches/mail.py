"""bench mail: messages a minute that are read, threaded and registered, against a bare loop that fetches and parses.

A real IMAP server holds questions, answers within threads, and files; the whole product takes them in. The bare loop
reads the same messages from the same server in the same run and keeps nothing.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import imaplib
import os
import time
from collections.abc import Iterator, Sequence
from email.message import EmailMessage

from kindline.runtime import cli
from kindline.runtime.benches import dovecot
from kindline.runtime.benches.dovecot import ImapServer
from kindline.runtime.benches.product import Product, running, say

PROFILE, BARE = "krc", "bare@example.org"
WORDS = "батареи холодные третий день прошу пересчитать плату за отопление счётчик стоит объясните начисление".split()
REPLIES, FILES = 4, 10
"""Every fourth message answers an earlier one, every tenth brings a file."""
WITHIN_S = 900


def main(argv: Sequence[str]) -> None:
    """Print a line of the bare loop and a line of ours."""
    options = argparse.ArgumentParser(prog="bench mail", description=__doc__)
    options.add_argument("--messages", type=int, default=2000)
    chosen = options.parse_args(argv)
    letters = list(messages(chosen.messages))
    try:
        with dovecot.running() as imap:
            say(bench="mail", path="fetch_and_parse", **bare(imap, letters))
            _configure(imap)
            with running(PROFILE) as product:
                cli.setup_django(product.folder)
                say(bench="mail", path="kindline", **ours(imap, product, letters))
    except dovecot.ImapError as error:
        say(bench="mail", skipped=str(error))


def messages(count: int) -> Iterator[bytes]:
    """Letters of clients: each from somebody else, some answering an earlier one, some with a file."""
    for number in range(count):
        made = EmailMessage(policy=email.policy.SMTP)
        is_reply = number % REPLIES == REPLIES - 1
        made["From"], made["To"] = f"Иван Ёлкин <client{(number - is_reply) % 500}@example.org>", dovecot.USER
        made["Subject"] = " ".join(WORDS[number % 7 : number % 7 + 4])
        made["Message-ID"] = f"<bench{number}@example.org>"
        if is_reply:
            made["In-Reply-To"] = f"<bench{number - 1}@example.org>"
        made.set_content(" ".join(WORDS) * 5 + f" {number}")
        if number % FILES == 0:
            made.add_attachment(
                b"%PDF-1.4\n" + bytes(20_000), maintype="application", subtype="pdf", filename="счёт.pdf"
            )
        yield made.as_bytes()


def bare(imap: ImapServer, letters: list[bytes]) -> dict[str, float]:
    """Fetch and parse, and keep nothing."""
    imap.put(*letters, user=BARE)
    begun, seen = time.monotonic(), 0
    with imap.client(BARE) as client:
        client.select("INBOX", readonly=True)
        for number in client.search(None, "ALL")[1][0].split():
            seen += _parsed(client, number.decode())
    return _rate(seen, time.monotonic() - begun)


def _parsed(client: imaplib.IMAP4, number: str) -> int:
    answer = client.fetch(number, "(RFC822)")[1][0]
    raw = answer[1] if isinstance(answer, tuple) else b""
    found = email.message_from_bytes(raw, policy=email.policy.default)
    return int(found["From"] is not None and any(True for _ in found.walk()))


def ours(imap: ImapServer, product: Product, letters: list[bytes]) -> dict[str, float]:
    """Let the product take in as many letters, and wait until each is read, in its thread, and registered."""
    from kindline.appeals.models import Appeal
    from kindline.correspondence.models import Incoming

    product.wait_for("mail")
    before = product.cpu_s("mail")
    imap.put(*letters)
    first, end = 0.0, time.monotonic() + WITHIN_S
    while (read := Incoming.objects.filter(state="read").count()) < len(letters):
        if not first and Incoming.objects.exists():
            first = time.monotonic()
        if time.monotonic() > end:
            break
        time.sleep(0.2)
    lasted = time.monotonic() - (first or end)
    return {
        **_rate(read, lasted),
        "threads": Incoming.objects.values("thread").distinct().count(),
        "registered": Appeal.objects.filter(channel="email").count(),
        "cpu_ms_per_message": round(1000 * (product.cpu_s("mail") - before) / max(1, read), 2),
    }


def _rate(count: int, lasted_s: float) -> dict[str, float]:
    return {"messages": count, "lasted_s": round(lasted_s, 1), "per_minute": round(60 * count / max(lasted_s, 0.001))}


def _configure(imap: ImapServer) -> None:
    os.environ |= {"KINDLINE_IMAP_URL": imap.url(), "KINDLINE_MAIL_OWN_ADDRESSES": dovecot.USER}


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
