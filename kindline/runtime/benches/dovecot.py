"""A real IMAP server, for tests and benches: Dovecot, unprivileged, in a folder and on a port of its own."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindline.runtime import ports

USER, PASSWORD = "info@example.org", "for-this-run-only"
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
"""


class ImapError(RuntimeError):
    """The server cannot be had, or does not do what it was asked."""


@dataclass
class ImapServer:
    """A running server; every user has a mailbox of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def url(self, user: str = USER) -> str:
        """How a mailbox is named in the settings."""
        return f"imap://{user.replace('@', '%40')}:{PASSWORD}@127.0.0.1:{self.port}"

    @contextmanager
    def client(self, user: str = USER) -> Iterator[imaplib.IMAP4]:
        """A person's own look into the mailbox."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as client:
            client.login(user, PASSWORD)
            yield client

    def put(self, *messages: bytes, user: str = USER, folder: str = "INBOX") -> None:
        """Deliver messages."""
        with self.client(user) as client:
            for message in messages:
                told, said = client.append(folder, "", imaplib.Time2Internaldate(time.time()), message)
                if told != "OK":
                    raise ImapError(str(said))

    def count(self, *criteria: str, user: str = USER, folder: str = "INBOX") -> int:
        """How many messages of the folder are so."""
        with self.client(user) as client:
            client.select(folder, readonly=True)
            return len(client.search(None, *criteria)[1][0].split())

    def raw(self, *, user: str = USER, folder: str = "INBOX") -> list[bytes]:
        """The messages of a folder as they lie there."""
        with self.client(user) as client:
            client.select(folder, readonly=True)
            keys = client.search(None, "ALL")[1][0].split()
            found = [client.fetch(key.decode(), "(BODY.PEEK[])")[1][0] for key in keys]
            return [bytes(one[1]) for one in found if isinstance(one, tuple)]


def account() -> tuple[str, str]:
    """Who runs it: never root."""
    name = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    return name, grp.getgrgid(pwd.getpwnam(name).pw_gid).gr_name


@contextmanager
def running() -> Iterator[ImapServer]:
    """A server for as long as the block lasts. Raises: ImapError when there is no Dovecot, or it does not start."""
    program = shutil.which("dovecot") or ("/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else "")
    if not program:
        raise ImapError("incoming mail needs a real IMAP server: install Dovecot (Debian: dovecot-imapd)")
    folder, port = Path(tempfile.mkdtemp(prefix="kl-imap-")), ports.choose()
    server = ImapServer(folder, port, _started(program, folder, port))
    try:
        _wait(server)
        yield server
    finally:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _started(program: str, folder: Path, port: int) -> subprocess.Popen[bytes]:
    user, group = account()
    config = folder / "dovecot.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, user=user, group=group, password=PASSWORD))
    (folder / "mail").mkdir()
    for path in (folder, folder / "mail"):
        if os.geteuid() == 0:
            shutil.chown(path, user, group)
        path.chmod(0o755)
    who: dict[str, Any] = {"user": user, "group": group, "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.Popen([program, "-F", "-c", str(config)], cwd="/", **who)


def _wait(server: ImapServer) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and server.process.poll() is None:
        try:
            with server.client():
                return
        except (OSError, imaplib.IMAP4.error):
            time.sleep(0.05)
    log = server.folder / "log"
    raise ImapError(f"Dovecot does not answer:\n{log.read_text()[-3000:] if log.exists() else ''}")
