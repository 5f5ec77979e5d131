"""The system packages that tests need: installed where we may, else named."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = Path(__file__).resolve().parents[1] / "requirements" / "debian.txt"
PATIENCE_S = 300


def missing() -> list[str]:
    """The system packages that tests need and this machine lacks."""
    names = [line.split("#")[0].strip() for line in PACKAGES.read_text(encoding="ascii").splitlines()]
    wanted = [name for name in names if name]
    if not shutil.which("dpkg-query"):
        return wanted
    shown = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Status}\n", *wanted], capture_output=True, text=True, check=False
    ).stdout
    return [name for name in wanted if f"{name} install ok installed" not in shown]


def install_missing() -> None:
    """Install what is missing, where we may; else say what to install."""
    names = missing()
    if not names:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"! these system packages are missing, their tests will fail: {' '.join(names)}", flush=True)
        return
    print(f"  system packages: {' '.join(names)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    patient = ["apt-get", "-o", f"DPkg::Lock::Timeout={PATIENCE_S}"]  # another apt may be at work
    install = [*patient, "install", "-y", "-qq", "--no-install-recommends", *names]
    for words in ([*patient, "update", "-qq"], install):
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"! {' '.join(words)} failed:\n{done.stderr[-2000:]}", flush=True)


if __name__ == "__main__":
    install_missing()
