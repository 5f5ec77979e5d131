"""A letter of ours as bytes: the same letter is the same bytes, however often it is sent."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from django.utils.html import escape, linebreaks

from kindline.correspondence import automatic, wires
from kindline.correspondence.models import Outgoing
from kindline.files import queries
from kindline.files.stores import store
from kindline.standard.profile import Profile

REFERENCES_MAX = 20
OFFICE = "application/vnd.openxmlformats-officedocument."
SENT_AS = {
    "application/docx": f"{OFFICE}wordprocessingml.document",
    "application/xlsx": f"{OFFICE}spreadsheetml.sheet",
    "application/pptx": f"{OFFICE}presentationml.presentation",
    "application/odf": "application/octet-stream",
    "application/x-ole": "application/octet-stream",
    "text/plain": "application/octet-stream",
}
"""Types of ours by the names that mail programs know; a text goes byte by byte, whatever its code page."""


def composed(outgoing: Outgoing, profile: Profile, sender: str) -> bytes:
    """Plain text and HTML side by side, our loop header, and on automatic ones that a program wrote them."""
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((_flat(str(profile.variable("company") or profile.body)), sender))
    message["To"] = formataddr((_flat(outgoing.recipient_name), outgoing.recipient))
    message["Subject"] = _flat(outgoing.subject)
    message["Date"] = format_datetime(outgoing.queued_at.astimezone(profile.zone))
    message["Message-ID"] = f"<{outgoing.message_id}>"
    message[automatic.LOOP_HEADER] = wires.loop_key()
    _thread(message, outgoing)
    if outgoing.is_automatic:
        message["Auto-Submitted"] = "auto-replied" if outgoing.answers else "auto-generated"
        message["Precedence"] = "bulk"
        message["X-Auto-Response-Suppress"] = "All"
    _leave(message, outgoing)
    message.set_content(outgoing.text)
    message.add_alternative(_html(outgoing), subtype="html")
    message["Content-Language"] = outgoing.language
    boundary = f"kl-{outgoing.message_id.partition('@')[0][3:]}"
    message.set_boundary(boundary)
    if _attach(message, outgoing):
        message.set_boundary(f"{boundary}-files")
    return message.as_bytes()


def _attach(message: EmailMessage, outgoing: Outgoing) -> int:
    """The files that go along; how many. Raises: StoreError when the store cannot give one now."""
    several = list(queries.of(outgoing.owner))
    for one in several:
        with store().opened(one.file.sha256) as content:
            main, _slash, sub = SENT_AS.get(one.file.media_type, one.file.media_type).partition("/")
            message.add_attachment(content.read(), maintype=main, subtype=sub, filename=one.file.shown_name)
    return len(several)


def _thread(message: EmailMessage, outgoing: Outgoing) -> None:
    before = outgoing.thread.outgoing.filter(pk__lt=outgoing.pk).order_by("-pk")[:REFERENCES_MAX]
    ids = [row.message_id for row in reversed(before)]
    answered = _flat(outgoing.answers.message_id) if outgoing.answers else ""
    if answered and " " not in answered and answered.isascii():
        message["In-Reply-To"] = f"<{answered}>"
        ids.append(answered)
    if ids:
        message["References"] = " ".join(f"<{one}>" for one in dict.fromkeys(ids))


def _leave(message: EmailMessage, outgoing: Outgoing) -> None:
    """By which address notices are left: RFC 2369; with one click of the mail program, over HTTPS alone: RFC 8058."""
    if outgoing.leave_at:
        message["List-Unsubscribe"] = f"<{_flat(outgoing.leave_at)}>"
    if outgoing.leave_at.startswith("https://"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _html(outgoing: Outgoing) -> str:
    body = linebreaks(escape(outgoing.text))
    return (
        f'<!DOCTYPE html><html lang="{outgoing.language}"><head><meta charset="utf-8"></head><body>{body}</body></html>'
    )


def _flat(text: str) -> str:
    """One line: nothing can begin another header."""
    return " ".join(text.split())
