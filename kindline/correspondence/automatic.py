"""Letters that no person wrote: automatic answers, reports of failed delivery, our own letters come back (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

LOOP_HEADER = "X-Kindline-Loop"
OWN_ID = re.compile(r"kl\.[0-9a-f]{32}@[\w.-]{1,200}")
"""How our own Message-IDs look: found also in reports that say nothing else of the letter."""
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
REPLY_CODE = re.compile(r"(?<!\d)([45])\d\d[ -](?=\D)")
BULK = frozenset("bulk junk list".split())
REPLIES = frozenset("auto_reply auto-reply".split())
TELLING = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply", "x-tmda-fingerprint")
ROBOTS = re.compile(
    r"^(mailer-daemon|postmaster|mail-daemon|no-?reply|noreply|do-?not-?reply|bounces?|listserv)([+\-.=@]|$)"
)
REPORTERS = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|mdaemon|microsoftexchange[0-9a-f]*)@")
ANSWERS_BY_ITSELF = re.compile(
    r"^\s*(?:(?:автоответ|автоматический ответ|автовідповідь|автоматична відповідь|out of office|automatic reply)\b"
    r"|auto:)",
    re.I,
)
"""Begins the subject of many a machine, and of people who complain of one: a doubt, no proof."""
FAILED = re.compile(
    r"undeliver|delivery (status|fail|has failed)|returned mail|mail delivery|failure notice|не доставлен|недоставк"
    r"|ошибка доставки|невозможно доставить|не удалось доставить|не вдалося доставити|помилка доставки|недоставлен"
    r"|сообщение о недоставке|не було доставлено|неможливо доставити",
    re.IGNORECASE,
)
PERSON, AUTOMATIC, AUTO_REPLY, BOUNCE, DELAY, LOOP = "message", "automatic", "auto_reply", "bounce", "delay", "loop"


@dataclass(frozen=True, slots=True)
class Report:
    """What a machine-readable report of delivery says of one recipient."""

    action: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is looked at to know who wrote a letter."""

    headers: Mapping[str, str]  # by names in small letters
    sender: str = ""
    subject: str = ""
    text: str = ""
    own_ids: Sequence[str] = ()
    reports: Sequence[Report] = ()
    is_report: bool = False
    own: Iterable[str] = field(default_factory=frozenset)  # addresses of ours
    loop_key: str = ""


def kind_of(letter: Letter) -> str:
    """What it is: message, automatic, auto_reply, bounce, delay (of delivery) or loop (our own come back).

    An automatic letter (a notice of another system, a newsletter) may be somebody's work; an automatic reply is not,
    so its headers alone can say that it is one. Neither is ever answered by a program.
    """
    if is_loop(letter):
        return LOOP
    if is_bounce(letter):
        return DELAY if status_of(letter).startswith(("4", "2")) or _all(letter, ("delayed", "relayed")) else BOUNCE
    if is_automatic_reply(letter):
        return AUTO_REPLY
    return AUTOMATIC if is_automatic(letter) else PERSON


def is_loop(letter: Letter) -> bool:
    """Whether we wrote it ourselves."""
    marked = letter.headers.get(LOOP_HEADER.lower(), "")
    named = letter.headers.get("message-id", "")
    return bool(letter.loop_key and letter.loop_key in marked) or bool(
        OWN_ID.search(named) and letter.sender in set(letter.own)
    )


def is_bounce(letter: Letter) -> bool:
    """A report of delivery, whether or not the program that wrote it keeps to the form."""
    if letter.is_report:
        return True
    from_machine = bool(REPORTERS.match(letter.sender)) or null_path(letter)
    failed = FAILED.search(letter.subject) or FAILED.search(letter.text[:4000])
    return from_machine and bool(failed or (letter.own_ids and STATUS.search(letter.text)))


def null_path(letter: Letter) -> bool:
    """Whether the letter came with an empty return path: such are never answered."""
    return re.sub(r"\s", "", letter.headers.get("return-path", "-")) == "<>"


def is_automatic_reply(letter: Letter) -> bool:
    """Whether a program answered: a vacation, an acknowledgement, a challenge (RFC 3834)."""
    headers = letter.headers
    named = any(name in headers for name in TELLING) or headers.get("precedence", "").strip().lower() in REPLIES
    answers = null_path(letter) and ("in-reply-to" in headers or "references" in headers)
    return _submitted(letter) == "auto-replied" or named or answers


def is_automatic(letter: Letter) -> bool:
    """Whether a program wrote, to one or to many, or may have, by the subject; never answered by a program."""
    headers = letter.headers
    bulk = headers.get("precedence", "").strip().lower() in BULK or any(name.startswith("list-") for name in headers)
    suppressed = headers.get("x-auto-response-suppress", "").strip().lower() not in ("", "none")
    robot = bool(ROBOTS.match(letter.sender)) or null_path(letter)
    by_words = bool(ANSWERS_BY_ITSELF.match(letter.subject))
    return _submitted(letter) not in ("no", "") or bulk or suppressed or robot or by_words


def _submitted(letter: Letter) -> str:
    return letter.headers.get("auto-submitted", "no").split(";")[0].split("(")[0].strip().lower()


def status_of(letter: Letter) -> str:
    """The status of delivery: 5.1.1; from the report, else from its words; empty where it says none."""
    for report in letter.reports:
        if STATUS.fullmatch(report.status):
            return report.status
    found = STATUS.search(letter.text[:20000])
    if found:
        return found[1]
    code = REPLY_CODE.search(letter.text[:20000])
    return f"{code[1]}.0.0" if code else ""


def _all(letter: Letter, actions: tuple[str, ...]) -> bool:
    return bool(letter.reports) and all(report.action in actions for report in letter.reports)
