"""The settings of a telephone as files that telephones fetch: Linphone's XML, and plain files of two makers.

Each format names its settings as its maker's manual does. A-law stands first in all of them: the engine prefers it, and
then nothing has to be translated (docs/unfinished.md, after a transfer).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import starmap
from xml.sax.saxutils import escape, quoteattr

REGISTER_S = 300
CODECS = (("PCMA", 8), ("PCMU", 0))
"""In the order in which they are preferred: name and RTP payload type."""
REALM = "asterisk"
"""What the engine asks a password for."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a telephone needs to register."""

    server: str
    port: int
    user: str
    password: str = field(repr=False)
    shown: str = ""
    """The name on its display; control characters are left out."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: what it is called, as what it is sent, and how it is written."""

    title: str
    ending: str
    content_type: str
    write: Callable[[Account], str]


def linphone(account: Account) -> str:
    """Remote provisioning of Linphone and what is built on it.

    Transient: it forgets the address once it has read it, for the address opens once and it would ask at each start.
    """
    server = f"{account.server}:{account.port}"
    sections: dict[str, dict[str, object]] = {
        "misc": {"transient_provisioning": 1},
        "sip": {"default_proxy": 0, "use_rfc2833": 1, "use_info": 0, "media_encryption": "none"},
        "proxy_0": {
            "reg_proxy": f"<sip:{server};transport=udp>",
            "reg_identity": f'"{_plain(account.shown)}" <sip:{account.user}@{server}>',
            "reg_expires": REGISTER_S, "reg_sendregister": 1, "publish": 0,
        },
        "auth_info_0": {
            "username": account.user, "userid": account.user, "passwd": account.password, "realm": REALM,
            "domain": account.server,
        },
    }  # fmt: skip
    for place, (name, _) in enumerate(CODECS):
        sections[f"audio_codec_{place}"] = {"mime": name, "rate": 8000, "channels": 1, "enabled": 1}
    body = "".join(_section(name, entries) for name, entries in sections.items())
    space = 'xmlns="http://www.linphone.org/xsds/lpconfig.xsd"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<config {space}>\n{body}</config>\n'


def _section(name: str, entries: Mapping[str, object]) -> str:
    lines = starmap(_entry, entries.items())
    return "\n".join([f"  <section name={quoteattr(name)}>", *lines, "  </section>", ""])


def _entry(name: str, value: object) -> str:
    return f'    <entry name={quoteattr(name)} overwrite="true">{escape(str(value))}</entry>'


def yealink(account: Account) -> str:
    """A configuration file of Yealink's telephones (`<MAC>.cfg`)."""
    first = {
        "enable": 1, "label": account.user, "display_name": _plain(account.shown), "user_name": account.user,
        "auth_name": account.user, "password": account.password, "sip_server.1.address": account.server,
        "sip_server.1.port": account.port, "sip_server.1.transport_type": 0, "sip_server.1.expires": REGISTER_S,
        "dtmf.type": 1,
    }  # fmt: skip
    for place, (name, _) in enumerate(CODECS, 1):
        first |= {f"codec.{name.lower()}.enable": 1, f"codec.{name.lower()}.priority": place}
    first |= {f"codec.{name}.enable": 0 for name in ("g722", "g729", "opus")}
    return "\n".join(["#!version:1.0.0.1", *(f"account.1.{key} = {value}" for key, value in first.items()), ""])


def grandstream(account: Account) -> str:
    """A configuration file of Grandstream's telephones (`cfg<MAC>.xml`): numbers of settings of the first account."""
    said: dict[str, object] = {
        "P271": 1, "P270": account.user, "P47": f"{account.server}:{account.port}", "P35": account.user,
        "P36": account.user, "P34": account.password, "P3": _plain(account.shown), "P32": REGISTER_S // 60, "P130": 0,
    }  # fmt: skip
    said |= {f"P{57 + place}": CODECS[min(place, len(CODECS) - 1)][1] for place in range(5)}
    lines = "".join(f"    <{key}>{escape(str(value))}</{key}>\n" for key, value in said.items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1">\n  <config version="1">\n'
    return f"{head}{lines}  </config>\n</gs_provision>\n"


FORMATS: Mapping[str, Format] = {
    "linphone": Format("Linphone", "xml", "application/xml; charset=utf-8", linphone),
    "yealink": Format("Yealink", "cfg", "text/plain; charset=utf-8", yealink),
    "grandstream": Format("Grandstream", "xml", "application/xml; charset=utf-8", grandstream),
}


def _plain(text: str) -> str:
    """Without what would end a line or a quotation of such a file."""
    return "".join(_kept(text)).strip()


def _kept(text: str) -> Iterable[str]:
    return (letter for letter in text if letter.isprintable() and letter not in '"<>\\')
