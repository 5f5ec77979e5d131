"""The model is joined out of its packages and checked byte by byte before anybody uses it."""

import hashlib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kindline.runtime import speech_model
from kindline.runtime.speech_model import ModelMissingError


def packages(folder: Path, *, cut: int = 0) -> list[Path]:
    made = []
    for number, part in enumerate(speech_model.PARTS):
        made.append(folder / f"{number}.whl")
        with zipfile.ZipFile(made[-1], "w") as archive:
            for name, file in part.files.items():
                archive.writestr(name, f"{file} of {number}"[cut:])
    return made


@pytest.fixture(autouse=True)
def known(monkeypatch: Any) -> None:
    texts = {"model.bin": "model.bin of 0model.bin of 1"}
    texts |= {name: f"{name} of 1" for name in ("config.json", "tokenizer.json", "vocabulary.json")}
    digests = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    monkeypatch.setattr(speech_model, "DIGESTS", digests)


def test_the_parts_are_joined_in_their_order(tmp_path: Path) -> None:
    speech_model.assemble(packages(tmp_path), tmp_path / "model")
    assert (tmp_path / "model" / "model.bin").read_text() == "model.bin of 0model.bin of 1"
    assert speech_model.is_there(tmp_path / "model")


def test_another_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="another file"):
        speech_model.assemble(packages(tmp_path, cut=1), tmp_path / "model")


def test_a_package_without_its_part_is_refused(tmp_path: Path) -> None:
    made = packages(tmp_path)
    with pytest.raises(ModelMissingError, match="do not hold"):
        speech_model.assemble([made[0], made[0]], tmp_path / "model")
