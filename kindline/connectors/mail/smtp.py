"""Letters handed to an SMTP server, step by step, so that it is known whether one may have gone."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from kindline.correspondence.errors import RefusedError, UnknownOutcomeError, UnreachableError

TIMEOUT_S = 30
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SENT = (250, 251)
OWN_TROUBLE = re.compile(
    r"\brelay(ing)?\b[^.]*\b(denied|not permitted|prohibited|refused)"
    r"|\b(unable|not permitted|not allowed|may not|cannot) (to )?relay|\bno relay|\b5\.7\.1\b.*\brelay|\b5\.4\.5\b",
    re.IGNORECASE,
)
"""Said of a recipient, it is of us all the same: many servers hold back until then that we may not relay."""
UNKNOWN_USER = re.compile(r"\b5\.1\.\d\b")
"""Of the recipient, whatever table the server names with it."""
NOT_LET_IN = 530


class Smtp:
    """A relay by its address: smtps://user:password@host:465, or smtp:// with STARTTLS where it is offered."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.host, self.port, self.secure = parts.hostname or "", parts.port, parts.scheme == "smtps"
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.sender = sender

    def send(self, *, sender: str, recipient: str, content: bytes) -> str:
        """Hand over one letter.

        What is refused before its recipient is named is the relay's trouble, not the letter's: all would be refused.
        Raises: UnreachableError, RefusedError, UnknownOutcomeError.
        """
        with self._connected() as server:
            _let_in(*server.mail(sender))
            _step(*server.rcpt(recipient))
            return self._content(server, content)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            server = self._open()
            try:
                self._enter(server)
                yield server
            finally:
                with contextlib.suppress(OSError, smtplib.SMTPException):  # what was said before decides
                    server.quit()
        except (OSError, smtplib.SMTPException) as error:
            raise UnreachableError(f"{self.host}: {error}") from error

    def _open(self) -> smtplib.SMTP:
        if self.secure:
            return smtplib.SMTP_SSL(
                self.host, self.port or 465, timeout=TIMEOUT_S, context=ssl.create_default_context()
            )
        return smtplib.SMTP(self.host, self.port or 25, timeout=TIMEOUT_S)

    def _enter(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if not self.secure and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        elif not self.secure and self.user and self.host not in LOOPBACK:
            raise UnreachableError(f"{self.host} offers no encryption: the password is not sent")
        if self.user:
            try:
                server.login(self.user, self.password)
            except smtplib.SMTPAuthenticationError as error:
                raise UnreachableError(f"{self.host} refuses the log-in: correct KINDLINE_SMTP_URL") from error

    def _content(self, server: smtplib.SMTP, content: bytes) -> str:
        """The letter itself; when the line is cut after its last line, nobody knows whether it has gone."""
        try:
            code, said = server.data(content)
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, error.smtp_error  # type: ignore[assignment]
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise UnknownOutcomeError(f"{self.host}: {error}") from error
        _step(code, said)
        return said.decode("utf-8", "replace")


def _let_in(code: int, said: bytes) -> None:
    """Raises: UnreachableError for whatever is no yes."""
    if code not in SENT:
        raise UnreachableError(f"{code} {_words(said)}")


def _step(code: int, said: bytes) -> None:
    """Raises: UnreachableError for an answer that may change or is about us, RefusedError for one about the letter."""
    words = _words(said)
    if 500 <= code < 600 and code != NOT_LET_IN and (UNKNOWN_USER.search(words) or not OWN_TROUBLE.search(words)):
        raise RefusedError(str(code), words)
    _let_in(code, said)


def _words(said: bytes) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
