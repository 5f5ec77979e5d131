"""A raw letter taken apart (pure; runs only in the cage): headers, text, attachments, what it says of itself."""

from __future__ import annotations

import email.errors
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from kindline.correspondence import automatic, charsets, headers
from kindline.files import content

HEADERS_MAX = 64 * 1024
DEPTH_MAX = 50
PARTS_MAX = 500
ADDRESSES_MAX = 2000
TEXT_MAX = 2_000_000
TELLING = frozenset(
    """message-id in-reply-to references auto-submitted precedence return-path x-auto-response-suppress list-id
    list-unsubscribe x-kindline-loop date""".split()
) | set(automatic.TELLING)


class UnreadableError(Exception):
    """The letter breaks a limit; the message is its name: headers|depth|parts|addresses|broken."""


class _Raw(Compat32):
    """Values of headers as they came: nothing is decoded before its length is known."""

    def header_fetch_parse(self, name: str, value: Any) -> Any:  # noqa: ARG002 - the policy's own signature
        return str(value)


POLICY = _Raw()


@dataclass
class Taken:
    """What was found; filled as far as the letter can be read."""

    head: dict[str, Any] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    reports: list[dict[str, str]] = field(default_factory=list)
    own_ids: list[str] = field(default_factory=list)
    is_report: bool = False
    fault: str = ""

    def content(self) -> dict[str, Any]:
        """As plain JSON."""
        text = "\n\n".join(self.texts) or "\n\n".join(map(text_of_html, self.html))
        own = dict.fromkeys([*self.own_ids, *automatic.OWN_ID.findall(text[:TEXT_MAX])])
        return {
            **self.head, "text": headers.clean(text)[:TEXT_MAX], "attachments": self.attachments, "fault": self.fault,
            "reports": self.reports, "own_ids": list(own)[:20], "is_report": self.is_report,
        }  # fmt: skip


def take_apart(raw: bytes, out: Path, *, body: bool = True) -> Taken:
    """Read a letter; attachments are written into `out` as 1, 2, 3 …

    Without `body` only the headers are read. What breaks a limit is named in `fault`; the headers, as far as they can
    be read, are there all the same.
    """
    taken = Taken(own_ids=list(dict.fromkeys(automatic.OWN_ID.findall(raw[:2_000_000].decode("latin-1")))))
    block = re.split(rb"\r?\n\r?\n", raw[: HEADERS_MAX + 4], maxsplit=1)[0]
    try:
        _head(BytesParser(policy=POLICY).parsebytes(block[:HEADERS_MAX], headersonly=True), taken)
        if len(block) > HEADERS_MAX:
            raise UnreadableError("headers")
        if body:
            _body(BytesParser(policy=POLICY).parsebytes(raw), taken, out)
    except UnreadableError as error:
        taken.fault = str(error)
    except RecursionError:
        taken.fault = "depth"
    except (
        email.errors.MessageError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        IndexError,
        KeyError,
    ) as error:
        taken.fault = f"broken: {type(error).__name__}"
    return taken


def _head(message: Message, taken: Taken) -> None:
    said: dict[str, str] = {}
    for name, value in message.items():
        said.setdefault(name.lower(), str(value))
    senders = headers.addresses(said.get("from", "")) or headers.addresses(said.get("sender", ""))
    several = [one for name in ("to", "cc") for one in headers.addresses(said.get(name, ""))]
    sent = headers.moment(said.get("date", ""))
    taken.head = {
        "sender": senders[0][1] if senders else "",
        "sender_name": (senders[0][0] if senders else headers.plain(said.get("from", "")))[: headers.SHOWN_MAX],
        "reply_to": [address for _, address in headers.addresses(said.get("reply-to", ""))][:5],
        "recipients": [address for _, address in several][:ADDRESSES_MAX],
        "subject": headers.plain(said.get("subject", ""))[:2000],
        "message_id": next(iter(headers.ids(said.get("message-id", ""))), ""),
        "answers": _ids(said)[:200],
        "sent_at": sent.isoformat() if sent else None,
        "headers": {name: headers.plain(value)[:1000] for name, value in said.items() if _tells(name)},
    }  # fmt: skip
    if len(several) > ADDRESSES_MAX:
        raise UnreadableError("addresses")


def _ids(said: dict[str, str]) -> list[str]:
    """What the letter says it answers, the nearest first."""
    return [*headers.ids(said.get("in-reply-to", "")), *reversed(headers.ids(said.get("references", "")))]


def _tells(name: str) -> bool:
    return name in TELLING or name.startswith("list-")


def _body(message: Message, taken: Taken, out: Path) -> None:
    taken.is_report = (
        message.get_content_type() == "multipart/report"
        and "delivery-status" in str(message.get("content-type", "")).lower()
    )
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            taken.reports += _reports(part)
            taken.is_report = True
        elif _is_text(part):
            (taken.html if kind == "text/html" else taken.texts).append(_text(part))
        else:
            _keep(part, taken, out)


def _leaves(message: Message) -> Iterator[Message]:
    """Every part that is not a container; a letter within the letter is one part. Bounded in depth and number."""
    waiting, count = [(message, 1)], 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if depth > DEPTH_MAX:
            raise UnreadableError("depth")
        if count > PARTS_MAX:
            raise UnreadableError("parts")
        inner = part.get_payload() if part.is_multipart() else []
        several = [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []
        if part.get_content_maintype() == "multipart" and several:
            waiting += [(one, depth + 1) for one in reversed(several)]
            continue
        if several:
            _measure(several, depth + 1)
        yield part


def _measure(parts: list[Message], depth: int) -> None:
    """The depth of letters within letters, without reading them."""
    level = parts
    while level:
        if depth > DEPTH_MAX:
            raise UnreadableError("depth")
        level = [one for part in level if part.is_multipart() for one in part.get_payload() if isinstance(one, Message)]
        depth += 1
        if len(level) > PARTS_MAX:
            raise UnreadableError("parts")


def _is_text(part: Message) -> bool:
    told, kind = str(part.get("content-disposition", "")).strip().lower(), part.get_content_type()
    shown = kind in ("text/plain", "text/html") or part.get_content_maintype() == "multipart"  # one that has no parts
    return shown and not told.startswith("attachment") and not _name(part)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    label = part.get_param("charset")
    said = label[2] if isinstance(label, tuple) else label
    return charsets.decode(payload if isinstance(payload, bytes) else b"", str(said) if said else None)


def _reports(part: Message) -> list[dict[str, str]]:
    blocks = part.get_payload() if part.is_multipart() else []
    found = [one for one in blocks if isinstance(one, Message) and one.get("action")]
    return [
        {
            "action": str(one.get("action", "")).strip().lower(),
            "status": str(one.get("status", "")).strip().split(" ")[0],
        }
        for one in found
    ][:50]


def _name(part: Message) -> str:
    """The name of an attachment, in whatever way it was written."""
    for header, param in (("content-disposition", "filename"), ("content-type", "name")):
        found = part.get_param(param, None, header)
        if isinstance(found, tuple):
            return charsets.decode(found[2].encode("latin-1", "replace"), found[0])
        if found:
            return str(found)
    return ""


def _keep(part: Message, taken: Taken, out: Path) -> None:
    number = len(taken.attachments) + 1
    payload = _payload(part)
    path = out / str(number)
    path.write_bytes(payload)
    kind = part.get_content_type()
    name = headers.file_name(_name(part) or ("letter.eml" if kind == "message/rfc822" else ""), number)
    found = content.inspect(path, name)
    taken.attachments.append({
        "file": str(number), "name": name, "declared": kind[:200], "size": len(payload), "media_type": found.media_type,
        "reason": found.reason,
    })  # fmt: skip


def _payload(part: Message) -> bytes:
    if part.is_multipart():
        return b"\r\n".join(one.as_bytes() for one in part.get_payload() if isinstance(one, Message))
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


class _Words(HTMLParser):
    SILENT = frozenset({"script", "style", "head", "title"})
    BREAKS = frozenset("p div br tr li table h1 h2 h3 h4 h5 h6 blockquote".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.silent += tag in self.SILENT
        self.found += ["\n"] if tag in self.BREAKS else []

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT and self.silent > 0

    def handle_data(self, data: str) -> None:
        self.found += [] if self.silent else [data]


def text_of_html(html: str) -> str:
    """The words of an HTML letter; nothing of it is ever shown as HTML."""
    parser = _Words()
    parser.feed(html[:TEXT_MAX])
    parser.close()
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(parser.found).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
