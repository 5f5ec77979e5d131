"""Letters handed to an SMTP server, step by step, so that it is known whether one may have gone."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from kindline.correspondence.errors import RefusedError, UnknownOutcomeError, UnreachableError

TIMEOUT_S = 30
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SENT = (250, 251)


class Smtp:
    """A relay by its address: smtps://user:password@host:465, or smtp:// with STARTTLS where it is offered."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.host, self.port, self.secure = parts.hostname or "", parts.port, parts.scheme == "smtps"
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.sender = sender

    def send(self, *, sender: str, recipient: str, content: bytes) -> str:
        """Hand over one letter. Raises: UnreachableError, RefusedError, UnknownOutcomeError."""
        with self._connected() as server:
            _step(*server.mail(sender))
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
        except smtplib.SMTPResponseException as error:
            _step(
                error.smtp_code,
                error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode(),
            )
            raise UnreachableError(f"{self.host}: {error}") from error
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


def _step(code: int, said: bytes) -> None:
    """Raises: UnreachableError for an answer that may change, RefusedError for one that will not."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    if code in SENT:
        return
    if 500 <= code < 600:
        raise RefusedError(str(code), words)
    raise UnreachableError(f"{code} {words}")
