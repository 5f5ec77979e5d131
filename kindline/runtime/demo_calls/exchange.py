"""A second, tiny Asterisk beside the instance: it carries the client's telephone and operators' plain telephones."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kindline.runtime import ports
from kindline.runtime.asterisk import engine, layout
from kindline.runtime.asterisk.layout import Values
from kindline.runtime.asterisk.tree import Tree
from kindline.runtime.launch import Launch

SIGN_OFF_S = 3.0
NOBODY = "192.0.2.1"
"""An address of no machine: the trunk of the common template is not used here."""
APP = "outside"
DIALPLAN = f"""
[outside]
exten => _[a-z0-9+].,1,Stasis({APP},${{EXTEN}})
 same => n,Hangup()
"""
OFFICE = """
[office]
type = endpoint
transport = udp
context = outside
disallow = all
allow = alaw,ulaw
dtmf_mode = rfc4733
direct_media = no
media_address = {own}
bind_rtp_to_media_address = yes
aors = office

[office]
type = aor
contact = sip:{host}:{port}

[office]
type = identify
endpoint = office
match = {host}
"""
REGISTRATION = """
[{user}]
type = auth
auth_type = userpass
username = {user}
password = {password}

[{user}]
type = registration
transport = udp
outbound_auth = {user}
server_uri = sip:{host}:{port}
client_uri = sip:{user}@{host}:{port}
contact_user = {user}
expiration = 60
retry_interval = 1
forbidden_retry_interval = 1
fatal_retry_interval = 1
max_retries = 60

[as-{user}]
type = endpoint
transport = udp
context = outside
disallow = all
allow = alaw,ulaw
dtmf_mode = rfc4733
direct_media = no
media_address = {own}
bind_rtp_to_media_address = yes
outbound_auth = {user}
from_user = {user}
aors = office
"""


@dataclass(frozen=True)
class Extension:
    """A telephone of an operator that registers at the instance."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Exchange:
    """The running second Asterisk."""

    tree: Tree
    folder: Path
    values: Values
    office: str
    """Where the instance takes calls, host:port."""

    @property
    def url(self) -> str:
        """Where its interface answers."""
        return f"http://127.0.0.1:{self.values.ari_port}"

    def registered(self, user: str) -> bool:
        """Whether the telephone of an operator is known at the instance."""
        told = engine.ask(self.tree, self.folder, "pjsip show registrations").splitlines()
        return any(line.strip().startswith(f"{user}/") and " Registered" in line for line in told)

    def sign_off(self) -> None:
        """Take all telephones back, so that nobody calls them any more."""
        engine.ask(self.tree, self.folder, "pjsip send unregister *all")
        until = time.monotonic() + SIGN_OFF_S
        while time.monotonic() < until:
            if " Registered" not in engine.ask(self.tree, self.folder, "pjsip show registrations"):
                return

    def recording(self, name: str) -> Path:
        """The file of a recording made there."""
        return self.folder / "spool" / "recording" / f"{name}.wav"


@contextlib.contextmanager
def running(
    tree: Tree,
    office_port: int,
    extensions: Sequence[Extension] = (),
    *,
    sip_port: int = 0,
    host: str = ports.LOOPBACK,
    office: str = "",
) -> Iterator[Exchange]:
    """The second Asterisk for as long as the block lasts, in a folder of its own that nobody else can read.

    `sip_port`: where it takes calls, for an instance whose trunk leads there; 0 = anywhere. `host`: the address that
    both have; `office`: the instance's, where it is another one.
    """
    with tempfile.TemporaryDirectory(prefix="kl-out-") as name:
        values = _values(Path(name), host, (office or host, office_port), extensions, sip_port)
        exchange = Exchange(tree, Path(name), values, f"{office or host}:{office_port}")
        layout.write(exchange.folder, tree, exchange.values)
        with (exchange.folder / "log" / "asterisk.log").open("ab") as log:
            words = Launch(engine.command(tree, exchange.folder)).words()
            process = subprocess.Popen(words, stdout=log, stderr=log, cwd="/")
        try:
            alive = lambda: process.poll() is None  # noqa: E731
            engine.wait_until_ready(tree, exchange.folder, exchange.values, alive=alive)
            yield exchange
            if extensions:
                exchange.sign_off()
        finally:
            _end(process)
            _forget_run_folder(exchange.folder)


def _values(folder: Path, own: str, office: tuple[str, int], extensions: Sequence[Extension], sip_port: int) -> Values:
    (first, last), at = ports.keep_or_choose_rtp(None), {"own": own, "host": office[0], "port": office[1]}
    told = [OFFICE.format(**at)]
    told += [REGISTRATION.format(user=one.user, password=one.password, **at) for one in extensions]
    return Values(
        name="kindline-outside",
        ari_port=ports.choose(),
        ari_password=folder.name,
        sip_address=own,
        sip_port=sip_port or ports.choose(udp=True),
        rtp_start=first,
        rtp_end=last,
        prompts=folder / "prompts",
        fallback=folder / "fallback",
        trunk_addresses=(NOBODY,),
        extra={"pjsip": "".join(told), "extensions": DIALPLAN},
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def _forget_run_folder(folder: Path) -> None:
    run = layout.run_folder(folder)
    if not run.is_relative_to(folder):
        shutil.rmtree(run, ignore_errors=True)
