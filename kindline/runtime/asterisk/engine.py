"""Starting one Asterisk, asking it, stopping it."""

import base64
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from kindline.runtime.asterisk.layout import Values
from kindline.runtime.asterisk.tree import Tree


class NotReadyError(RuntimeError):
    """Asterisk runs but cannot take calls; the message says which of its parts does not answer."""


def command(tree: Tree, folder: Path) -> list[str]:
    """The words that start Asterisk in the foreground, so that its supervisor owns its process."""
    return [*tree.loader, str(tree.program), "-C", str(folder / "etc" / "asterisk.conf"), "-f"]


def ask(tree: Tree, folder: Path, question: str, timeout_s: float = 10) -> str:
    """What the running Asterisk answers to a console command; empty when it does not run."""
    words = [*tree.loader, str(tree.program), "-C", str(folder / "etc" / "asterisk.conf"), "-rx", question]
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, check=False).stdout
    except subprocess.TimeoutExpired:
        return ""


def lacking(tree: Tree, folder: Path, values: Values) -> str:
    """What still keeps Asterisk from taking calls; empty when it is ready.

    An answer over HTTP is not enough: a taken port is only logged, and the rest runs on without it.
    """
    if not _ping(values):
        return f"its interface does not answer on port {values.ari_port}"
    if "fully booted" not in ask(tree, folder, "core waitfullybooted"):
        return "it is still starting"
    if f":{values.sip_port}" not in ask(tree, folder, "pjsip show transports"):
        return f"it has no SIP transport on port {values.sip_port}"
    return ""


def wait_until_ready(
    tree: Tree, folder: Path, values: Values, *, timeout_s: float = 20, alive: Callable[[], bool] = lambda: True
) -> None:
    """Wait until the Asterisk of `folder` can take calls.

    Raises: NotReadyError when it ended or could not within `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    reason = "it did not start"
    while time.monotonic() < deadline and alive():
        reason = lacking(tree, folder, values)
        if not reason:
            return
        time.sleep(0.05)
    raise NotReadyError(f"Asterisk is not ready: {reason if alive() else 'it ended, see its log'}")


def stop(tree: Tree, folder: Path) -> None:
    """Ask Asterisk to stop now."""
    ask(tree, folder, "core stop now")


def _ping(values: Values) -> bool:
    key = base64.b64encode(f"{values.ari_user}:{values.ari_password}".encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{values.ari_port}/ari/asterisk/ping", headers={"Authorization": f"Basic {key}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310
            return bool(json.load(answer).get("ping") == "pong")
    except (OSError, ValueError, urllib.error.URLError):
        return False
