"""A letter of ours as bytes: the same letter is the same bytes, however often it is sent."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from django.utils.html import escape, linebreaks

from kindline.correspondence import automatic, wires
from kindline.correspondence.models import Outgoing
from kindline.standard.profile import Profile

REFERENCES_MAX = 20


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
    message.set_content(outgoing.text)
    message.add_alternative(_html(outgoing), subtype="html")
    message["Content-Language"] = outgoing.language
    message.set_boundary(f"kl-{outgoing.message_id.partition('@')[0][3:]}")
    return message.as_bytes()


def _thread(message: EmailMessage, outgoing: Outgoing) -> None:
    before = outgoing.thread.outgoing.filter(pk__lt=outgoing.pk).order_by("-pk")[:REFERENCES_MAX]
    ids = [row.message_id for row in reversed(before)]
    answered = _flat(outgoing.answers.message_id) if outgoing.answers else ""
    if answered and " " not in answered and answered.isascii():
        message["In-Reply-To"] = f"<{answered}>"
        ids.append(answered)
    if ids:
        message["References"] = " ".join(f"<{one}>" for one in dict.fromkeys(ids))


def _html(outgoing: Outgoing) -> str:
    body = linebreaks(escape(outgoing.text))
    return (
        f'<!DOCTYPE html><html lang="{outgoing.language}"><head><meta charset="utf-8"></head><body>{body}</body></html>'
    )


def _flat(text: str) -> str:
    """One line: nothing can begin another header."""
    return " ".join(text.split())
