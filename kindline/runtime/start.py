"""A start of an instance, from the folder to the last part: what comes before what, and what if one is missing."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kindline.runtime import instance as instances
from kindline.runtime import parts, phone, ports, postgres
from kindline.runtime.asterisk import layout, provision
from kindline.runtime.instance import Instance
from kindline.runtime.launch import Launch
from kindline.runtime.phone import Phone
from kindline.runtime.supervisor import Supervisor, kill_group
from kindline.standard import loader

STATE_FILE = "processes.json"
NODES_MAX = 9
Say = Callable[[str], None]


class StartRefusedError(RuntimeError):
    """The instance cannot be started as asked; the message says why and what to do."""


@dataclass(frozen=True)
class Wish:
    """What the command line asked for."""

    folder: Path
    profile: str | None = None
    web_port: int | None = None
    with_phone: bool = True
    with_demonstration: bool = True
    nodes: int = 1
    """How many telephone engines, each with its switchboard, run here."""


def say(line: str) -> None:
    """A line for the person at the terminal."""
    print(line, flush=True)


class Start:
    """One start of one instance; `run` returns when it has been stopped."""

    def __init__(self, wish: Wish, instance: Instance, state_file: str = STATE_FILE) -> None:
        self.wish = wish
        self.instance = instance
        self.supervisor = Supervisor(instance.folder / state_file, say)
        self._stop = asyncio.Event()
        self._working: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        """Start everything, stay, stop everything; the exit code."""
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(sign, self._stop.set)
        coming = asyncio.create_task(self._come_up())
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({coming, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                coming.result()
                await stopping
            say("stopping")
            return 0
        except StartRefusedError as error:
            say(f"! {error}")
            return 1
        finally:
            for task in (coming, *self._working):
                task.cancel()
            await asyncio.gather(coming, *self._working, return_exceptions=True)
            await self.supervisor.stop()
            say("stopped")

    async def _come_up(self) -> None:
        began = time.monotonic()
        here = [self.instance.at(node) for node in range(1, self.wish.nodes + 1)]
        engines = [(one, asyncio.create_task(self._engine(one))) for one in here]
        await self._database()
        await self._prepare()
        ours = (parts.web(self.instance), parts.live(self.instance), parts.worker(self.instance))
        await asyncio.gather(*(self.supervisor.start(part, self._died) for part in ours), self._calls(engines))
        self.supervisor.announce()
        say(addresses(self.instance, time.monotonic() - began))
        await self.supervisor.start(parts.judge(self.instance), self._died)
        await self.supervisor.start(parts.campaigns(self.instance), self._died)
        await self.supervisor.start(parts.letters(self.instance), self._died)
        if parts.has_mail():
            await self.supervisor.start(parts.mail(self.instance), self._died)
        if parts.has_sms():
            await self.supervisor.start(parts.sms(self.instance), self._died)
        if parts.has_webhooks():
            await self.supervisor.start(parts.webhooks(self.instance), self._died)
        if parts.has_speech():
            await self.supervisor.start(parts.speech(self.instance), self._died)

    async def _calls(self, engines: list[tuple[Instance, asyncio.Task[bool]]]) -> None:
        """The switchboards, each as soon as there is an engine for it."""
        for instance, engine in engines:
            if await engine:
                await self.supervisor.start(parts.switchboard(instance), self._died)

    async def _database(self) -> None:
        if self.instance.database_url != self.instance.embedded_url:
            say("  postgres     KINDLINE_DATABASE_URL is used")
            return
        try:
            await asyncio.to_thread(
                postgres.initialise, self.instance.postgres_folder, self.instance.secrets.database_password
            )
            if not await self.supervisor.start(parts.database(self.instance), self._died):
                raise StartRefusedError("without its database nothing can run")
            await asyncio.to_thread(postgres.ensure_database, self.instance.embedded_url)
        except postgres.DatabaseUnusableError as error:
            raise StartRefusedError(str(error)) from error

    async def _prepare(self) -> None:
        more = preparing(self.wish, self.instance)
        if more and self.wish.with_demonstration:
            say(f"  demo         not loaded: {self.instance.folder} {instances.BEGAN_EMPTY}")
        words = Launch([sys.executable, "-m", "kindline.runtime.preparation", *more]).words()
        process = await asyncio.create_subprocess_exec(
            *words,
            cwd="/",
            env=parts.environment(self.instance, "preparation") | {"KINDLINE_LOG_LEVEL": "WARNING"},
            stdin=asyncio.subprocess.DEVNULL,
        )
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            kill_group(process.pid)
            raise
        if code:
            raise StartRefusedError("the instance could not be prepared (see above)")

    async def _engine(self, instance: Instance) -> bool:
        """Find, configure and start a telephone engine; without it everything else runs, and it is said why."""
        if not self.wish.with_phone:
            return self._without_phone(instance, "switched off by --no-phone")
        try:
            tree = await asyncio.to_thread(provision.find, lambda line: say(f"  asterisk     {line}"))
            await asyncio.to_thread(layout.write, instance.asterisk_folder, tree, phone.values(instance))
        except (provision.AsteriskMissingError, OSError) as error:
            return self._without_phone(instance, str(error))
        part = parts.asterisk(instance, tree)
        up = await self.supervisor.start(part, self._died)
        reason = "" if up else f"Asterisk does not serve: see {part.log}"
        if instance.node == 1:
            phone.tell(instance, Phone(up, reason, tree.version()))
        return up

    def _without_phone(self, instance: Instance, reason: str) -> bool:
        if instance.node == 1:
            phone.tell(instance, Phone(up=False, reason=reason))
        say(f"! the phone is off: {reason}")
        return False

    async def _died(self, name: str, code: int, down_s: float) -> None:
        """Let the journal know, without waiting for it."""
        task = asyncio.create_task(self._record(name, code, down_s))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _record(self, name: str, code: int, down_s: float) -> None:
        words = [sys.executable, "-m", "kindline.runtime.incident", name, str(code), str(down_s)]
        with (self.instance.log_folder / "incident.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *Launch(words).words(),
                cwd="/",
                env=parts.environment(self.instance, "incident"),
                stdout=log,
                stderr=log,
                stdin=asyncio.subprocess.DEVNULL,
            )
        try:
            await process.wait()
        except asyncio.CancelledError:
            kill_group(process.pid)
            raise


def preparing(wish: Wish, instance: Instance) -> list[str]:
    """Words for the preparation. What began empty holds real people: the demonstration is never loaded there."""
    return [] if wish.with_demonstration and not instance.is_real else ["--empty"]


def _logins(instance: Instance) -> str:
    if instance.is_real:
        return "your own employees; the first: kindline manage createsuperuser"
    return f"operator1, operator2, supervisor, director, siteadmin, admin; password {instance.secrets.demo_password}"


def addresses(instance: Instance, took_s: float) -> str:
    """What the person at the terminal needs now."""
    program = Path(sys.executable).with_name("kindline")
    calls = f"sip:127.0.0.1:{instance.ports.sip}; try: {program} demo call --instance {instance.folder}"
    lines = [
        "",
        f"Kindline runs, with the standard `{instance.profile}` ({took_s:.1f} s).",
        f"  site      http://localhost:{instance.ports.web}/ (what clients see)",
        f"  desk      http://localhost:{instance.ports.web}/login/",
        f"  log in    {_logins(instance)}",
        f"  calls     {calls}",
        f"  logs      {instance.log_folder}",
        "  stop      Ctrl-C",
    ]
    return "\n".join(lines)


def run(wish: Wish) -> int:
    """Start the instance and stay with it until it is told to stop.

    Raises: InstanceBusyError when it runs already; StartRefusedError when it holds another profile's data.
    """
    _refuse_what_cannot_be(wish)
    with instances.locked(wish.folder):
        _refuse_another_profile(wish)
        prepared = instances.prepare(
            wish.folder, profile=wish.profile, web_port=wish.web_port, nodes=wish.nodes,
            is_demonstration=wish.with_demonstration,
        )  # fmt: skip
        say(f"Kindline {prepared.profile} in {prepared.folder}")
        return asyncio.run(Start(wish, prepared).run())


def _refuse_what_cannot_be(wish: Wish) -> None:
    """Words that no start could fulfil leave no trace behind."""
    if not 1 <= wish.nodes <= NODES_MAX:
        raise StartRefusedError(f"{wish.nodes} telephone engines: name 1 to {NODES_MAX} with --nodes")
    known = loader.profile_ids()
    if wish.profile and wish.profile not in known:
        raise StartRefusedError(f"there is no standard `{wish.profile}`; there are: {', '.join(known)}")
    if wish.web_port is not None and not 0 < wish.web_port < 65536:
        raise StartRefusedError(f"{wish.web_port} is no port: choose one from 1024 to 65535")
    if wish.web_port and not ports.is_free(wish.web_port):
        raise StartRefusedError(f"port {wish.web_port} is taken by another program: choose another one with --port")


def _refuse_another_profile(wish: Wish) -> None:
    """An instance keeps the standard that its data were made under."""
    kept = instances.read(wish.folder).profile if instances.exists(wish.folder) else wish.profile
    if wish.profile and wish.profile != kept:
        other = f"{wish.folder}-{wish.profile}"
        raise StartRefusedError(f"{wish.folder} holds the data of `{kept}`: name another folder, as --instance {other}")
