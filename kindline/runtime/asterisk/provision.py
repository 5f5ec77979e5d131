"""Asterisk without root and without a container: Debian's own packages, unpacked into a cache that instances share.

No host is written here: the mirror is the one that the machine's own package sources name.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kindline.runtime.asterisk import tree
from kindline.runtime.asterisk.tree import Tree, cache_folder

Say = Callable[[str], None]
PACKAGES = ("asterisk", "asterisk-core-sounds-ru-wav", "asterisk-core-sounds-en-wav")
SUITE = "sid"
"""The only suite of Debian that carries Asterisk."""
SOURCES = Path("/etc/apt")
KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.pgp", "/usr/share/keyrings/debian-archive-keyring.gpg")
MINIMUM = (20,)
"""Older ones lack what we use of its interface."""


class AsteriskMissingError(RuntimeError):
    """No usable Asterisk; the message says why and what to do."""


@dataclass(frozen=True)
class Source:
    """Where the machine takes Debian's packages from."""

    uri: str
    signed_by: str

    def line(self) -> str:
        """The line of a sources.list for the suite with Asterisk."""
        option = f"[signed-by={self.signed_by}] " if self.signed_by else ""
        return f"deb {option}{self.uri} {SUITE} main\n"


def find(say: Say, *, fetch: bool = True) -> Tree:
    """The Asterisk to run: by KINDLINE_ASTERISK_ROOT, else from PATH, else unpacked (and fetched where allowed).

    Raises: AsteriskMissingError with every reason when there is none.
    """
    found = tree.find()
    if found is not None:
        return checked(found)
    if not fetch:
        raise AsteriskMissingError("no asterisk on PATH, and none is unpacked yet (`kindline run` fetches it)")
    return fetched(say)


def checked(found: Tree) -> Tree:
    """The same Asterisk, if it starts and is new enough.

    Raises: AsteriskMissingError when not.
    """
    version = found.version()
    if not version:
        raise AsteriskMissingError(f"{found.program} does not start; {tree.SETTING} names the root of one that does")
    if tree.number(version) < MINIMUM:
        raise AsteriskMissingError(f"{version} ({found.program}) is too old: {MINIMUM[0]} or later is needed")
    return found


def sources(folder: Path = SOURCES) -> list[Source]:
    """The machine's own sources of Debian packages, in the order of its files.

    KINDLINE_DEBIAN_MIRROR, where set, comes before them.
    """
    keyring = next((path for path in KEYRINGS if Path(path).is_file()), "")
    found = [Source(mirror, keyring)] if (mirror := os.environ.get("KINDLINE_DEBIAN_MIRROR")) else []
    for path in [folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))]:
        if path.suffix in {".list", ".sources"} and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            found += _from_blocks(text, keyring) if path.suffix == ".sources" else _from_lines(text, keyring)
    return list(dict.fromkeys(found))


def _is_archive(uri: str) -> bool:
    return uri.startswith(("http", "file:", "copy:")) and uri.rstrip("/").endswith("/debian")


def _from_lines(text: str, keyring: str) -> Iterator[Source]:
    for line in text.splitlines():
        found = re.match(r"\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)", line)
        if found and _is_archive(found[2]):
            signed = re.search(r"signed-by=(\S+)", found[1] or "")
            yield Source(found[2], signed[1] if signed else keyring)


def _from_blocks(text: str, keyring: str) -> Iterator[Source]:
    for block in re.split(r"\n\s*\n", text):
        fields = {
            found[1].lower(): found[2].strip()
            for found in re.finditer(r"^([A-Za-z-]+):[ \t]*(.*)$", block, re.MULTILINE)
        }
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() == "no":
            continue
        signed = fields.get("signed-by", "")
        for uri in fields.get("uris", "").split():
            if _is_archive(uri):
                yield Source(uri, signed if signed.startswith("/") else keyring)


def fetched(say: Say) -> Tree:
    """Fetch and unpack the engine; one process does it, the others wait and find it done.

    Raises: AsteriskMissingError when the machine's mirror does not offer it or the tools are missing.
    """
    missing = [tool for tool in ("apt-get", "dpkg-deb") if not shutil.which(tool)]
    if missing:
        raise AsteriskMissingError(f"{' and '.join(missing)} not found: only Debian's packages can be unpacked")
    with _locked(cache_folder(), say):
        if known := tree.find():
            return checked(known)
        reasons = []
        for source in sources():
            try:
                return _from(source, say)
            except AsteriskMissingError as error:
                reasons.append(str(error))
    raise AsteriskMissingError("; ".join(reasons) or "the machine's package sources name no Debian archive")


@contextlib.contextmanager
def _locked(folder: Path, say: Say) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is fetching Asterisk: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _from(source: Source, say: Say) -> Tree:
    folder = cache_folder()
    apt = _Apt(folder / "apt", source)
    say("asking the machine's mirror for Asterisk")
    apt.update()
    debs = apt.download(say)
    unpacking = folder / f".unpacking-{os.getpid()}"
    shutil.rmtree(unpacking, ignore_errors=True)
    unpacking.mkdir()
    try:
        for number, deb in enumerate(debs, 1):
            if number % 20 == 0 or number == len(debs):
                say(f"unpacking Asterisk: {number} of {len(debs)} packages")
            subprocess.run(["dpkg-deb", "-x", str(deb), str(unpacking)], check=True, capture_output=True)
        version = checked(Tree(unpacking)).version()
        (unpacking / tree.COMPLETE).write_text(version + "\n", encoding="utf-8")
        place = folder / "root"
        shutil.rmtree(place, ignore_errors=True)
        unpacking.rename(place)
    except (subprocess.CalledProcessError, OSError) as error:
        raise AsteriskMissingError(f"unpacking failed: {error}") from error
    finally:
        shutil.rmtree(unpacking, ignore_errors=True)
    return Tree(place)


class _Apt:
    """A private state of apt, so that the machine's own stays as it is."""

    def __init__(self, folder: Path, source: Source) -> None:
        for part in ("state/lists/partial", "cache/archives/partial", "cache/none/partial", "etc/preferences.d"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "state" / "status").write_text("", encoding="ascii")
        (folder / "etc" / "sources.list").write_text(source.line(), encoding="utf-8")
        self.archives = folder / "cache" / "archives"
        self.uri = source.uri
        self._config = folder / "apt.conf"
        self._config.write_text(_apt_config(folder, signed=bool(source.signed_by)), encoding="utf-8")

    def _run(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["apt-get", *words],
            env=os.environ | {"APT_CONFIG": str(self._config), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _lines(self, *words: str) -> Iterator[str]:
        lines: list[str] = []
        with self._run(*words) as process:
            for line in process.stdout or []:
                lines.append(line.strip())
                yield line.strip()
        if process.returncode:
            errors = [line for line in lines if line.startswith(("E:", "Err:"))]
            raise AsteriskMissingError(f"{self.uri}: {'; '.join(errors[:3]) or 'apt-get failed'}")

    def update(self) -> None:
        """Read the list of what the mirror offers."""
        lines = list(self._lines("update"))
        failed = [line for line in lines if line.startswith(("E:", "Err:", "W: Failed"))]
        if failed:
            raise AsteriskMissingError(f"{self.uri} does not offer {SUITE}: {'; '.join(failed[:2])}")

    def download(self, say: Say) -> list[Path]:
        """Fetch the packages (those already in the cache are kept); the files to unpack."""
        install = ("install", "-y", "--no-install-recommends")
        nowhere = f"Dir::Cache::archives={self.archives.with_name('none')}"  # else it names only what is not here yet
        printed = self._lines(*install, "-o", nowhere, "--print-uris", "-qq", *PACKAGES)
        names = [line.split()[1] for line in printed if line.startswith("'")]
        done = 0
        for line in self._lines(*install, "--download-only", *PACKAGES):
            if line.startswith("Get:"):
                done += 1
                if done % 20 == 0:
                    say(f"fetching Asterisk: {done} of {len(names)} packages")
        return [self.archives / name for name in names]


def _apt_config(folder: Path, *, signed: bool) -> str:
    trusted = 'Dir::Etc::trusted "/dev/null";\nDir::Etc::trustedparts "-";\n' if signed else ""
    return f"""Dir::State "{folder}/state";
Dir::State::status "{folder}/state/status";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "{folder}/etc/sources.list";
Dir::Etc::sourceparts "-";
Dir::Etc::preferences "-";
Dir::Etc::preferencesparts "{folder}/etc/preferences.d";
{trusted}Debug::NoLocking "true";
APT::Sandbox::User "";
APT::Get::List-Cleanup "false";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Retries "3";
"""
