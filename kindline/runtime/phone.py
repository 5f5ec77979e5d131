"""The engine of one instance: what it is told, and what the screens are told about it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from kindline.runtime import ports
from kindline.runtime.asterisk.layout import Values
from kindline.runtime.instance import Instance, write_private
from kindline.standard import loader
from kindline.switchboard.machine import destinations

SPOKEN = {"ru": "ru"}
"""The languages for which Debian has recorded sounds; the others hear the engine's few own words in English."""


@dataclass(frozen=True)
class Phone:
    """Whether calls can be taken now; if not, why."""

    up: bool
    reason: str = ""
    version: str = ""


def values(instance: Instance, language: str = "ru") -> Values:
    """What the configuration of the instance's engine says."""
    return Values(
        name=f"kindline-{instance.id}" if instance.node == 1 else f"kindline-{instance.id}-{instance.node}",
        ari_port=instance.ports.asterisk_http,
        ari_password=instance.secrets.ari_password,
        sip_port=instance.ports.sip,
        rtp_start=instance.ports.rtp[0],
        rtp_end=instance.ports.rtp[1],
        prompts=instance.paths["prompts"],
        fallback=instance.paths["spool"] / "fallback",
        language=SPOKEN.get(language, "en"),
        sip_address=os.environ.get("KINDLINE_SIP_ADDRESS", "127.0.0.1"),
        trunk_addresses=tuple(os.environ.get("KINDLINE_TRUNK_ADDRESSES", "127.0.0.1").replace(",", " ").split()),
        trunk_uri=os.environ.get("KINDLINE_TRUNK_URI", ""),
        emergency=tuple(sorted(destinations.of(loader.load(instance.profile)).emergency)),
        calls_max=ports.calls_max(),
    )


def tell(instance: Instance, phone: Phone) -> None:
    """Write `phone.json`, which the screens read."""
    content = {"up": phone.up, "reason": phone.reason, "version": phone.version}
    write_private(instance.phone_file, json.dumps(content, ensure_ascii=False) + "\n")


def told(file: Path) -> Phone:
    """What `phone.json` says; a missing file is a phone that is off."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Phone(up=False, reason="the phone has not been started")
    return Phone(bool(content["up"]), content["reason"], content["version"])
