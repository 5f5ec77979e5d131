"""What one instance is made of: each part's program, environment, log, and how to know that it is ready."""

import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from kindline.runtime import instance as instances
from kindline.runtime import phone, postgres
from kindline.runtime.asterisk import engine
from kindline.runtime.asterisk.tree import Tree
from kindline.runtime.instance import Instance
from kindline.runtime.launch import Launch
from kindline.runtime.ports import LOOPBACK

PAGES, JOBS, LAST = 5, 10, 19
"""How far pages, jobs behind them, and what can wait stand back for sound, calls, database (faults: a busy machine)."""


class NotYetError(Exception):
    """The part runs but does not serve yet; the message says what is missing."""


@dataclass(frozen=True)
class Part:
    """A process of the instance."""

    name: str
    launch: Launch
    log: Path
    probe: Callable[[], str]
    """Returns a word about what is up; raises NotYetError."""
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
    ready_within_s: float = 60
    stops_within_s: float = 6
    """It is killed after that."""


def environment(instance: Instance, name: str) -> dict[str, str]:
    """What our own processes find in their environment."""
    return os.environ | {
        instances.ENVIRONMENT: str(instance.folder),
        instances.NODE_ENVIRONMENT: str(instance.node),
        "KINDLINE_PROCESS": name,
        "DJANGO_SETTINGS_MODULE": "kindline.runtime.settings",
        "PYTHONUNBUFFERED": "1",
    }


def named(instance: Instance, part: str) -> str:
    """A part's name: that of a further node ends in its number."""
    return part if instance.node == 1 else f"{part}-{instance.node}"


def web_address() -> str:
    """Where pages are served: KINDLINE_WEB_ADDRESS, else on this machine only."""
    return os.environ.get("KINDLINE_WEB_ADDRESS", LOOPBACK)


def _fetches(url: str, detail: str) -> Callable[[], str]:
    def probe() -> str:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own loopback address
                return detail
        except (OSError, urllib.error.URLError) as error:
            raise NotYetError(f"{url}: {error}") from error

    return probe


def _listens(port: int, detail: str) -> Callable[[], str]:
    def probe() -> str:
        try:
            socket.create_connection((LOOPBACK, port), timeout=2).close()
        except OSError as error:
            raise NotYetError(f"port {port}: {error}") from error
        return detail

    return probe


def _connected(url: str, name: str, detail: str) -> Callable[[], str]:
    """Ready is a process that has reached the database under its own name."""

    def probe() -> str:
        query = "select 1 from pg_stat_activity where datname = current_database() and application_name = %s"
        try:
            with psycopg.connect(url, connect_timeout=3) as connection:
                found = connection.execute(query, [name]).fetchone()
        except psycopg.OperationalError as error:
            raise NotYetError(str(error)) from error
        if not found:
            raise NotYetError("it has not reached the database")
        return detail

    return probe


def database(instance: Instance) -> Part:
    """The embedded PostgreSQL."""
    words = postgres.command(instance.postgres_folder, instance.ports.postgres)

    def probe() -> str:
        url = instance.embedded_url.rpartition("/")[0] + "/postgres"
        try:
            version = postgres.answers(url)
        except psycopg.OperationalError as error:
            raise NotYetError(str(error)) from error
        return f"PostgreSQL {version} on {LOOPBACK}:{instance.ports.postgres}"

    return Part(
        "postgres",
        postgres.as_account(words, instance.postgres_folder),
        instance.log_folder / "postgres.log",
        probe,
        postgres.environment(),
        stops_within_s=15,
    )


def asterisk(instance: Instance, tree: Tree) -> Part:
    """The telephone engine."""
    values = phone.values(instance)

    def probe() -> str:
        if lacking := engine.lacking(tree, instance.asterisk_folder, values):
            raise NotYetError(lacking)
        return f"{tree.version().partition('+')[0]}, SIP on {values.sip_address}:{values.sip_port}"

    name = named(instance, "asterisk")
    return Part(
        name,
        Launch(engine.command(tree, instance.asterisk_folder)),
        instance.log_folder / f"{name}.log",
        probe,
        dict(os.environ),
        ready_within_s=30,
    )


def _granian(interface: str, address: str, port: int, *more: str) -> Launch:
    words = [sys.executable, "-m", "granian", "--interface", interface, "--host", address, "--port", str(port)]
    quiet = ["--no-ws", "--log-level", "warning", "--workers-kill-timeout", "3", "--respawn-failed-workers"]
    return Launch([*words, *quiet, *more], nice=PAGES)


def web(instance: Instance) -> Part:
    """The pages and the static files."""
    port, static = instance.ports.web, ["--static-path-route", "/static", "--static-path-mount"]
    application = ["--workers", "2", "--blocking-threads", "4", "kindline.runtime.wsgi:application"]
    return Part(
        "web",
        _granian("wsgi", web_address(), port, *static, str(instance.folder / "static"), *application),
        instance.log_folder / "web.log",
        _fetches(f"http://{LOOPBACK}:{port}/alive/", f"pages on http://{LOOPBACK}:{port}/"),
        environment(instance, "web"),
    )


def live(instance: Instance) -> Part:
    """The live streams to open pages."""
    port = instance.ports.live
    return Part(
        "live",
        _granian("asgi", web_address(), port, "--workers", "1", "kindline.runtime.asgi:application"),
        instance.log_folder / "live.log",
        _listens(port, f"live news on http://{LOOPBACK}:{port}/"),
        environment(instance, "live"),
        stops_within_s=4,
    )


def worker(instance: Instance) -> Part:
    """The jobs: judging, sweeps, everything that need not be awaited."""
    # Django's checks read every page's address: they belong to scripts/checks, not to each start of a worker
    words = [sys.executable, "-m", "kindline.runtime", "manage", "procrastinate", "--skip-checks", "worker"]
    options = ["--concurrency", "4", "--shutdown-graceful-timeout", "4"]
    return Part(
        "worker",
        # politely it would wait for a database that is gone
        Launch([*words, *options], orphan_signal=signal.SIGKILL, nice=JOBS),
        instance.log_folder / "worker.log",
        _connected(instance.database_url, "worker", "jobs and sweeps"),
        environment(instance, "worker"),
    )


def _loop(instance: Instance, name: str, module: str, detail: str) -> Part:
    """A loop of an app; each step of it is whole, so that it may be killed."""
    return Part(
        name,
        Launch([sys.executable, "-m", "kindline.runtime.lasting", module], stop_signal=signal.SIGKILL, nice=JOBS),
        instance.log_folder / f"{name}.log",
        _connected(instance.database_url, name, detail),
        environment(instance, name),
        ready_within_s=180,
    )


def judge(instance: Instance) -> Part:
    """What judges closed contacts as soon as they are closed."""
    return _loop(instance, "judge", "kindline.quality.loop", "judges contacts as they are closed")


def campaigns(instance: Instance) -> Part:
    """What begins the calls of campaigns and follows what becomes of them."""
    return _loop(instance, "campaigns", "kindline.campaigns.loop", "calls for campaigns")


def letters(instance: Instance) -> Part:
    """What makes letters into appeals and hands answers over to be sent."""
    return _loop(instance, "letters", "kindline.appeals.loop", "joins letters and appeals")


def mail(instance: Instance) -> Part:
    """What reads the mailbox and sends letters."""
    return _loop(instance, "mail", "kindline.correspondence.loop", "reads and sends mail")


def sms(instance: Instance) -> Part:
    """What sends short messages, and makes contacts of those that come."""
    return _loop(instance, "sms", "kindline.conversations.texts_loop", "sends and takes short messages")


def has_sms() -> bool:
    """Whether a gateway for short messages is set."""
    return bool(os.environ.get("KINDLINE_SMS_URL"))


def webhooks(instance: Instance) -> Part:
    """What tells other programs of what happens to appeals."""
    return _loop(instance, "webhooks", "kindline.api.loop", "tells other programs")


def has_webhooks() -> bool:
    """Whether any program may be told."""
    return bool(os.environ.get("KINDLINE_WEBHOOK_ORIGINS"))


def has_mail() -> bool:
    """Whether a mailbox or a relay is set."""
    return bool(os.environ.get("KINDLINE_IMAP_URL") or os.environ.get("KINDLINE_SMTP_URL"))


def speech(instance: Instance) -> Part:
    """What recognises recordings, when nobody else wants the processor."""
    part = _loop(instance, "speech", "kindline.recordings.speech_loop", "transcribes recordings")
    return replace(part, launch=replace(part.launch, nice=LAST))


def has_speech() -> bool:
    """Whether an engine that recognises speech is set."""
    return bool(os.environ.get("KINDLINE_SPEECH"))


def switchboard(instance: Instance) -> Part:
    """What decides about calls."""
    port, name = instance.ports.switchboard, named(instance, "switchboard")
    return Part(
        name,
        Launch([sys.executable, "-m", "kindline.switchboard.process"], orphan_signal=signal.SIGKILL),
        instance.log_folder / f"{name}.log",
        _listens(port, f"leads calls, asked on {LOOPBACK}:{port}"),
        environment(instance, name),
    )
