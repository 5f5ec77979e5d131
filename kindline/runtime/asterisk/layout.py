"""The folder of one running Asterisk: its configuration, its run files and its sounds."""

import hashlib
import re
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kindline.runtime.asterisk.tree import Tree
from kindline.switchboard import music

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
EMPTY = [
    "acl", "websocket_client", "chan_websocket", "queuerules", "udptl", "ccss", "pjproject", "stasis", "cli_aliases",
    "queues", "codecs", "resolver_unbound", "dnsmgr", "extconfig", "dsp", "confbridge",
]  # fmt: skip
"""Configuration files that must exist, else their module complains."""
DISABLED = {
    "cdr": "[general]\nenable = no\n",
    "cel": "[general]\nenable = no\n",
    "manager": "[general]\nenabled = no\n",
}
SECRET = ("ari.conf",)
"""With a password in it: for the owner alone."""
SOUNDS = {"ru": "ru_RU_*", "en": "en_US_*"}
SOCKET_PATH_MAX = 90


BROADCAST = """\
 same => n,StasisBroadcast(@CLAIM_MS@,^sb-,${LINE}:${CLOCK})"""
"""Calls enter here since Asterisk 20.17 and 22.7: the first living switchboard that claims one gets it."""
HEARTBEAT = """\
 same => n,GotoIf($[${EPOCH} - 0${GLOBAL(KINDLINE_HEARTBEAT)} > 3]?alone,s,1)
 same => n,Stasis(${GLOBAL(KINDLINE_APP)},${LINE},${CLOCK})"""
"""In older ones: a switchboard writes its name and the time into global variables every second (none: 0)."""
DIALLED_BROADCAST = """\
 same => n,StasisBroadcast(@CLAIM_MS@,^sb-,dialled:${NUMBER})"""
DIALLED_HEARTBEAT = """\
 same => n,GotoIf($[${EPOCH} - 0${GLOBAL(KINDLINE_HEARTBEAT)} > 3]?emergency,${NUMBER},1)
 same => n,Stasis(${GLOBAL(KINDLINE_APP)},dialled,${NUMBER})"""
"""The same for a number dialled on a telephone of the house."""


class TemplateError(ValueError):
    """A template asks for a value that nobody gives."""


@dataclass(frozen=True)
class Values:
    """What differs between two instances of Asterisk on one machine."""

    name: str
    ari_port: int
    ari_password: str
    sip_port: int
    rtp_start: int
    rtp_end: int
    prompts: Path
    fallback: Path
    language: str = "ru"
    ari_user: str = "kindline"
    sip_address: str = "127.0.0.1"
    trunk_addresses: tuple[str, ...] = ("127.0.0.1",)
    trunk_uri: str = ""
    """Where outgoing calls go; without it there are no outgoing calls."""
    claim_ms: int = 500
    """How long a call waits for a switchboard before the dialplan alone takes a message."""
    calls_max: int = 200
    """More calls from outside at once are refused (503); a block of media ports carries 250 of two legs each."""
    emergency: tuple[str, ...] = ()
    """Numbers that telephones of the house reach even when no switchboard is there."""
    extra: dict[str, str] = field(default_factory=dict)
    """Text appended to a configuration file, by its name without the ending."""


def run_folder(folder: Path) -> Path:
    """Where the control socket lies: a short path, for a socket's path may not exceed some hundred letters."""
    own = folder / "run"
    if len(str(own)) <= SOCKET_PATH_MAX:
        return own
    return Path(tempfile.gettempdir()) / f"kindline-{hashlib.sha256(str(own).encode()).hexdigest()[:12]}"


def modules(tree: Tree) -> Iterable[str]:
    """The names of the modules that are loaded: with `autoload=no` each one must be named, and must be there."""
    for line in (HERE / "modules.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        prefix, _, endings = line.partition(":")
        yield from (name for ending in (endings.split() or [""]) if tree.has(name := prefix + ending))


def placeholders(folder: Path, tree: Tree, values: Values) -> dict[str, str]:
    """Each placeholder of the templates with its text."""
    texts = {key.upper(): str(value) for key, value in asdict(values).items()}
    broadcasts, claim_ms = tree.has("app_stasis_broadcast"), str(values.claim_ms)
    return texts | {
        "FOLDER": str(folder),
        "RUN": str(run_folder(folder)),
        "MODULES": str(tree.modules),
        "LOADS": "\n".join(f"load = {name}.so" for name in modules(tree)),
        "TRUNK_MATCHES": "\n".join(f"match = {address}" for address in values.trunk_addresses),
        "TRUNK_CONTACT": f"contact = {values.trunk_uri}" if values.trunk_uri else "",
        "QUALIFY_S": "20" if values.trunk_uri else "0",
        "ENTER": (BROADCAST if broadcasts else HEARTBEAT).replace("@CLAIM_MS@", claim_ms),
        "DIALLED": (DIALLED_BROADCAST if broadcasts else DIALLED_HEARTBEAT).replace("@CLAIM_MS@", claim_ms),
        "EMERGENCY_LINES": "\n".join(f"exten => {one},1,Dial(PJSIP/{one}@trunk,60)" for one in values.emergency),
    }


def filled(template: str, texts: dict[str, str]) -> str:
    """A template with its @PLACEHOLDERS@ replaced.

    Raises: TemplateError for a placeholder that has no value.
    """

    def text_of(found: re.Match[str]) -> str:
        if found[1] not in texts:
            raise TemplateError(f"no value for @{found[1]}@")
        return texts[found[1]]

    return re.sub(r"@([A-Z_]+)@", text_of, template)


def texts(folder: Path, tree: Tree, values: Values) -> dict[str, str]:
    """The configuration of an Asterisk in `folder`, by the names of its files."""
    known = placeholders(folder, tree, values)
    found = {f"{name}.conf": "" for name in EMPTY} | {"features.conf": "[general]\n"}
    found |= {f"{name}.conf": text for name, text in DISABLED.items()}
    for template in sorted(TEMPLATES.glob("*.tmpl")):
        text = filled(template.read_text(encoding="utf-8"), known)
        found[template.stem] = text + values.extra.get(template.stem.partition(".")[0], "")
    return found


def write(folder: Path, tree: Tree, values: Values) -> None:
    """Write the configuration of an Asterisk into `folder`, with all that it needs there before it starts."""
    for part in ["etc", "lib/keys", "lib/sounds", "lib/agi-bin", "spool/recording", "spool/monitor", "log", "moh"]:
        (folder / part).mkdir(parents=True, exist_ok=True)
    for needed in (run_folder(folder), values.fallback, values.prompts):
        needed.mkdir(parents=True, exist_ok=True)
    for name, text in texts(folder, tree, values).items():
        put(folder / "etc" / name, text)
    _link_sounds(folder, tree)
    music.write(folder / "moh" / "calm.wav")


def put(file: Path, text: str) -> None:
    """Write a file of the configuration whole: an engine that reads it meanwhile finds the old text or the new one."""
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600 if file.name in SECRET else 0o644)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def _link_sounds(folder: Path, tree: Tree) -> None:
    for name in ["rest-api", "documentation"]:
        _link(folder / "lib" / name, tree.share / name)
    for language, pattern in SOUNDS.items():
        for found in sorted((tree.share / "sounds").glob(pattern))[:1]:
            _link(folder / "lib" / "sounds" / language, found)


def _link(link: Path, target: Path) -> None:
    if target.exists() and not link.is_symlink():
        link.symlink_to(target)
