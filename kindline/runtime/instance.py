"""An instance folder: everything one running Kindline owns (secrets, ports, data, logs), and nothing outside it."""

import contextlib
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kindline.runtime import ports
from kindline.standard import loader

FILE = "instance.json"
ENVIRONMENT = "KINDLINE_INSTANCE"
NODE_ENVIRONMENT = "KINDLINE_NODE"
DEFAULT_PROFILE = "krc"
DATABASE_NAME = "kindline"
BEGAN_EMPTY = "began with --empty, so nothing invented is put into it: for a demonstration name another --instance"
ARI_USER = "kindline"


class InstanceBusyError(RuntimeError):
    """Another supervisor already runs this folder."""


class InstanceMissingError(RuntimeError):
    """The folder holds no instance yet."""


class NodeMissingError(RuntimeError):
    """The instance has no such node yet."""


@dataclass(frozen=True)
class Secrets:
    """Made at the first start and kept; never shared between instances."""

    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    database_password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    ari_password: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    internal_token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    demo_password: str = field(default_factory=lambda: "-".join(secrets.token_hex(2) for _ in range(3)))


@dataclass(frozen=True)
class Ports:
    """Where the parts listen; 0 = not chosen yet."""

    web: int = 0
    live: int = 0
    switchboard: int = 0
    postgres: int = 0
    asterisk_http: int = 0
    sip: int = 0
    rtp: tuple[int, int] = (0, 0)

    def settled(self, *, web: int | None = None) -> "Ports":
        """The same ports where they are still free, others where not; an asked-for web port is taken as it is."""
        return Ports(
            web=web or ports.keep_or_choose(self.web),
            live=ports.keep_or_choose(self.live),
            switchboard=ports.keep_or_choose(self.switchboard),
            postgres=ports.keep_or_choose(self.postgres),
            asterisk_http=ports.keep_or_choose(self.asterisk_http),
            sip=ports.keep_or_choose(self.sip, udp=True),
            rtp=ports.keep_or_choose_rtp(self.rtp[0]),
        )


@dataclass(frozen=True)
class NodePorts:
    """Where one more telephone engine and its switchboard listen; 0 = not chosen yet."""

    switchboard: int = 0
    asterisk_http: int = 0
    sip: int = 0
    rtp: tuple[int, int] = (0, 0)

    def settled(self, taken: Collection[int] = ()) -> "NodePorts":
        """The same ports where they are still free, others where not; no media block of another engine of ours."""
        return NodePorts(
            switchboard=ports.keep_or_choose(self.switchboard),
            asterisk_http=ports.keep_or_choose(self.asterisk_http),
            sip=ports.keep_or_choose(self.sip, udp=True),
            rtp=ports.keep_or_choose_rtp(self.rtp[0], taken),
        )


@dataclass(frozen=True)
class Instance:
    """One installation: where it lies, which standard it runs, its ports and secrets.

    It has one telephone engine with its switchboard, node 1, and may have more (`nodes`, from 2 on); `node` is the one
    that is looked at.
    """

    folder: Path
    id: str
    profile: str
    ports: Ports
    secrets: Secrets
    nodes: tuple[NodePorts, ...] = ()
    node: int = 1
    is_demonstration: bool | None = None
    """Whether it began with an invented organisation, whose log-ins are told at each start; None: nobody noted it."""

    def at(self, node: int) -> "Instance":
        """The same as one of its nodes sees it: with that node's ports and folders.

        Raises: NodeMissingError.
        """
        if node == self.node:
            return self
        if self.node != 1 or not 2 <= node <= len(self.nodes) + 1:
            raise NodeMissingError(f"{self.folder} has no node {node}: start it once with `kindline node {node}`")
        own = asdict(self.nodes[node - 2]) | {"rtp": self.nodes[node - 2].rtp}
        return replace(self, node=node, ports=replace(self.ports, **own))

    @property
    def is_real(self) -> bool:
        """Whether it began with `--empty`: its people are an organisation's own."""
        return self.is_demonstration is False

    def with_node(self, node: int) -> "Instance":
        """The same with ports chosen for one further node."""
        found = [*self.nodes, *(NodePorts() for _ in range(len(self.nodes), node - 1))]
        taken = {self.ports.rtp[0], *(one.rtp[0] for place, one in enumerate(found) if place != node - 2)}
        found[node - 2] = found[node - 2].settled(taken)
        return replace(self, nodes=tuple(found))

    def language(self, known: Collection[str]) -> str:
        """Of who asks for none that is known, a search engine too: the standard's, English before the first start."""
        own = loader.language(self.profile) if self.id else ""
        return own if own in known else "en"

    @property
    def _suffix(self) -> str:
        return "" if self.node == 1 else f"-{self.node}"

    @property
    def postgres_folder(self) -> Path:
        """PostgreSQL's data."""
        return self.folder / "postgres"

    @property
    def asterisk_folder(self) -> Path:
        """Asterisk's configuration, run files, sounds and spool."""
        return self.folder / f"asterisk{self._suffix}"

    @property
    def log_folder(self) -> Path:
        """One file a process."""
        return self.folder / "log"

    @property
    def phone_file(self) -> Path:
        """Whether the phone is up, and if not, why: `{"up", "reason", "version"}`."""
        return self.folder / "phone.json"

    @property
    def paths(self) -> dict[str, Path]:
        """The folders, and one file, that the other parts use, by the names of `instance.json`."""
        spool = self.asterisk_folder / "spool"
        return {
            "recordings": self.folder / "recordings",
            "prompts": self.folder / "prompts",
            "spool": self.folder / f"spool{self._suffix}",
            "correspondence": self.folder / "correspondence",
            "files": self.folder / "files",
            "vault": self.folder / "vault",
            "keys": self.folder / "keys",
            "erasures": self.folder / "erasures.jsonl",
            "asterisk_spool": spool,
            "asterisk_sounds": self.asterisk_folder / "lib" / "sounds",
        }

    @property
    def _other_spools(self) -> dict[int, Path]:
        """Where the other engines of the instance write, as its first node knows; each may be on another machine."""
        others = range(2, len(self.nodes) + 2) if self.node == 1 else ()
        return {node: self.at(node).paths["asterisk_spool"] for node in others}

    @property
    def database_url(self) -> str:
        """The DSN: KINDLINE_DATABASE_URL where that is set, else the embedded PostgreSQL's."""
        return os.environ.get("KINDLINE_DATABASE_URL") or self.embedded_url

    @property
    def embedded_url(self) -> str:
        """The DSN of the PostgreSQL that we run ourselves."""
        password = quote(self.secrets.database_password)
        return f"postgresql://kindline:{password}@{ports.LOOPBACK}:{self.ports.postgres}/{DATABASE_NAME}"

    def content(self) -> dict[str, Any]:
        """What `instance.json` says, and `settings.KINDLINE` after it."""
        return {
            "id": self.id,
            "profile": self.profile,
            "node": str(self.node),
            "is_demonstration": self.is_demonstration,
            "ports": asdict(self.ports),
            "nodes": [asdict(one) for one in self.nodes],
            "sip_address": os.environ.get("KINDLINE_SIP_ADDRESS", ports.LOOPBACK),
            "phones_at": os.environ.get("KINDLINE_PHONES_AT", ""),
            "live_url": os.environ.get("KINDLINE_LIVE_URL", ""),
            "socket_url": os.environ.get("KINDLINE_SOCKET_URL", ""),
            "database_url": self.database_url,
            "ari_user": ARI_USER,
            **asdict(self.secrets),
            "paths": {name: str(path) for name, path in self.paths.items()},
            "other_spools": {str(node): str(path) for node, path in self._other_spools.items()},
        }

    def save(self) -> None:
        """Write `instance.json`, readable by the owner only; an interrupted write leaves the old file."""
        write_private(self.folder / FILE, json.dumps(self.content(), indent=2) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a file for the owner's eyes in one step (write beside, then rename)."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def default_folder() -> Path:
    """KINDLINE_INSTANCE, else `instance` in the working folder (which tests of the code never touch)."""
    usual = "instance" if "PYTEST_VERSION" not in os.environ else Path(tempfile.gettempdir()) / "kindline-no-instance"
    return Path(os.environ.get(ENVIRONMENT) or usual).resolve()


def exists(folder: Path) -> bool:
    """Whether the folder holds an instance."""
    return (folder / FILE).is_file()


def read(folder: Path) -> Instance:
    """The instance as it was last started.

    Raises: InstanceMissingError when there is none in the folder.
    """
    if not exists(folder):
        raise InstanceMissingError(f"{folder} holds no instance yet: start one with `kindline run --instance {folder}`")
    content: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return Instance(
        folder=folder,
        id=content["id"],
        profile=content["profile"],
        ports=Ports(**content["ports"] | {"rtp": tuple(content["ports"]["rtp"])}),
        secrets=Secrets(**{key: content[key] for key in Secrets.__dataclass_fields__}),
        nodes=tuple(NodePorts(**one | {"rtp": tuple(one["rtp"])}) for one in content.get("nodes", [])),
        is_demonstration=content.get("is_demonstration"),
    )


def own_node() -> int:
    """The node that this process belongs to: KINDLINE_NODE, else the first."""
    return int(os.environ.get(NODE_ENVIRONMENT) or 1)


def blank(folder: Path) -> Instance:
    """An instance that nobody has started: what checks and tests of the code work with."""
    profile = os.environ.get("KINDLINE_PROFILE") or DEFAULT_PROFILE
    return Instance(folder=folder, id="", profile=profile, ports=Ports(), secrets=Secrets())


def prepare(
    folder: Path, *, profile: str | None = None, web_port: int | None = None, nodes: int = 1,
    is_demonstration: bool | None = None,
) -> Instance:  # fmt: skip
    """Open the folder for a start: make it at the first time, settle the ports, keep the secrets.

    `is_demonstration` is noted at the first time alone: another start neither makes nor unmakes one.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if exists(folder):
        known = read(folder)
    else:
        known = Instance(folder, secrets.token_hex(4), profile or DEFAULT_PROFILE, Ports(), Secrets())
        known = replace(known, is_demonstration=is_demonstration)
    ready = replace(known, profile=profile or known.profile, ports=known.ports.settled(web=web_port))
    for node in range(2, nodes + 1):
        ready = ready.with_node(node)
    for path in (ready.log_folder, ready.paths["recordings"], ready.paths["prompts"], ready.paths["spool"]):
        path.mkdir(exist_ok=True)
    _move_files(ready)
    ready.save()
    return ready


def _move_files(ready: Instance) -> None:
    """Attachments lay with the letters once; now all files have one home."""
    before, now = ready.paths["correspondence"] / "attachments", ready.paths["files"]
    if before.is_dir() and not now.exists():
        before.rename(now)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for one supervisor; the lock goes with the process, however it ends.

    Raises: InstanceBusyError when another supervisor holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InstanceBusyError(
                f"{folder} is already running: stop it first, or name another --instance"
            ) from error
        lock.write(str(os.getpid()))
        lock.flush()
        yield
