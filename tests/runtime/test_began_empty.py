"""An installation that began with `--empty` is a real one: no later command puts invented people into it."""

from pathlib import Path

import pytest

from kindline.runtime import cli, instance, start
from kindline.runtime.commands import seed


def began(folder: Path, is_demonstration: bool | None) -> instance.Instance:
    return instance.prepare(folder, is_demonstration=is_demonstration)


@pytest.mark.parametrize(
    ("is_demonstration", "wanted", "words"),
    [(False, True, ["--empty"]), (False, False, ["--empty"]), (True, True, []), (True, False, ["--empty"]),
     (None, True, []), (None, False, ["--empty"])],
)  # fmt: skip
def test_what_a_start_loads(tmp_path: Path, is_demonstration: bool | None, wanted: bool, words: list[str]) -> None:
    wish = start.Wish(tmp_path, with_demonstration=wanted)
    assert start.preparing(wish, began(tmp_path, is_demonstration)) == words


@pytest.mark.parametrize(("is_demonstration", "is_told"), [(False, False), (True, True), (None, True)])
def test_logins_of_invented_people_are_told_where_they_are(
    tmp_path: Path, is_demonstration: bool | None, is_told: bool
) -> None:
    known = began(tmp_path, is_demonstration)
    said = start.addresses(known, 1.0)
    assert (known.secrets.demo_password in said, "operator1" in said) == (is_told, is_told)
    assert ("createsuperuser" in said) is not is_told


@pytest.mark.parametrize("words", [["--demo"], ["--contacts", "5"], ["--appeals", "5"]])
def test_nothing_invented_is_added_to_it(tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(_chosen: object) -> str:
        raise AssertionError("it was filled")

    monkeypatch.setattr(seed, "_fill", reached)
    began(tmp_path, is_demonstration=False)
    chosen = cli.parser("seed").parse_args(["seed", *words, "--instance", str(tmp_path)])
    with pytest.raises(cli.UsageError, match="began with --empty"):
        seed.run(chosen)
