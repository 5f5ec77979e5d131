"""The files of Kamailio before the engines: what is in them, and what the command says."""

import re
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from kindline.runtime import cli, instance, kamailio
from kindline.runtime.commands import sip_proxy
from kindline.runtime.kamailio import Front, trial

FRONT = Front(("198.51.100.4", "10.0.0.0/24"), "192.0.2.10:5060", "192.0.2.10:5062", ("192.0.2.1:5070",), 200)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an instance with two nodes."""
    monkeypatch.setenv("KINDLINE_SIP_ADDRESS", "192.0.2.1")
    found = instance.blank(tmp_path / "instance")
    found.folder.mkdir()
    ports = replace(found.ports, sip=5070)
    replace(found, ports=ports, nodes=(instance.NodePorts(sip=5071),)).save()
    return found.folder


def written(folder: Path, *words: str) -> str:
    """The configuration that the command writes."""
    out = folder / "kamailio"
    out.mkdir(exist_ok=True)
    asked = ["sip-proxy", *words, "--instance", str(folder), "--out", str(out)]
    assert cli.main(asked) == 0
    return (out / kamailio.FILE).read_text(encoding="ascii")


def test_the_command_writes_its_files_and_says_what_the_engines_must_be_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = written(folder, "198.51.100.4", "--listen", "192.0.2.10:5060")
    told = capsys.readouterr().out
    assert "KINDLINE_TRUNK_ADDRESSES=192.0.2.10:5062" in told
    assert "KINDLINE_PHONES_AT=192.0.2.10:5060" in told
    assert f'"{folder}/kamailio/kindline-engines.list"' in text
    engines = (folder / "kamailio" / kamailio.ENGINES).read_text(encoding="ascii")
    assert engines == "1 sip:192.0.2.1:5070\n1 sip:192.0.2.1:5071\n"
    assert "192.0.2.1:5070, 192.0.2.1:5071" in told
    assert "400 calls at once" in told


def test_engines_of_other_machines_are_named(folder: Path) -> None:
    written(folder, "198.51.100.4", "--listen", "192.0.2.10:5060", "--engine", "192.0.2.1:5070")
    engines = (folder / "kamailio" / kamailio.ENGINES).read_text(encoding="ascii")
    assert engines == "1 sip:192.0.2.1:5070\n"


@pytest.mark.parametrize(
    ("words", "calls", "lines"),
    [
        (("198.51.100.4",), 40, 400), (("198.51.100.4", "198.51.100.5"), 28, 280), (("10.0.0.0/24",), 28, 280),
        (("198.51.100.4", "--share", "50"), 20, 200), (("198.51.100.4", "--calls", "5"), 10, 400),
    ],
)  # fmt: skip
def test_one_source_has_its_share(folder: Path, words: tuple[str, ...], calls: int, lines: int) -> None:
    text = written(folder, *words, "--listen", "192.0.2.10:5060")
    assert f"$shtinc(rate=>calls::$si::$Ts) > {calls})" in text
    assert f"$var(open) >= {lines})" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("exchange.example.org", "--listen", "192.0.2.10:5060"), "exchange.example.org"),
        (("198.51.100.4", "--listen", "192.0.2.10"), "192.0.2.10"),
        (("198.51.100.4", "--listen", "192.0.2.10:5060", "--engine", "192.0.2.1"), "192.0.2.1"),
        (("198.51.100.4", "--listen", "192.0.2.10:5060", "--share", "101"), "101"),
        (("198.51.100.4", "--listen", "192.0.2.10:5060", "--share", "0"), "--share 0"),
        (("198.51.100.4", "--listen", "192.0.2.10:5060", "--calls", "0"), "--calls 0"),
        (("198.51.100.4", "--listen", "192.0.2.10:5060", "--calls", "-3"), "--calls -3"),
        (("198.51.100.4", "--listen", "192.0.2.10:5060", "--inside", "192.0.2.10:5060"), "--inside"),
        (("198.51.100.4", "--listen", "192.0.2.10:5060", "--engine", "127.0.0.1:5070"), "KINDLINE_SIP_ADDRESS"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_what_to_write(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    asked = ["sip-proxy", *words, "--instance", str(folder), "--out", str(folder)]
    assert cli.main(asked) == 2
    told = capsys.readouterr().err
    assert said in told
    assert not (folder / kamailio.FILE).exists()


def test_engines_that_only_this_machine_reaches_are_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell in which the files are written need not be told what the engines are."""
    monkeypatch.delenv("KINDLINE_SIP_ADDRESS")
    asked = ["sip-proxy", "198.51.100.4", "--instance", str(folder), "--out", str(folder), "--listen"]
    assert cli.main([*asked, "192.0.2.10:5060"]) == 2
    assert "KINDLINE_SIP_ADDRESS" in capsys.readouterr().err
    assert cli.main([*asked, "127.0.0.5:5060"]) == 0


def test_a_folder_that_is_not_there_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sip-proxy", "198.51.100.4", "--listen", "192.0.2.10:5060", "--instance", str(folder)]
    assert cli.main([*words, "--out", str(folder / "none")]) == 2
    assert "none" in capsys.readouterr().err


def test_each_refusal_says_when_to_come_again() -> None:
    text = kamailio.configuration(FRONT)
    for refusal in re.finditer(r'reply\("503"', text):
        before = text[: refusal.start()].rstrip().splitlines()[-2:]
        assert any("Retry-After" in line for line in before), before


def test_made_up_addresses_fill_no_memory() -> None:
    """What is counted is forgotten within seconds, and of what comes when all is used up nothing is kept."""
    text = kamailio.configuration(FRONT)
    assert 'modparam("htable", "timer_interval", 1)' in text
    for who in ("calls", "$var(who)"):
        asked, kept = f"$sht(rate=>{who}::all::$Ts) >=", f"$shtinc(rate=>{who}::$si::$Ts)"
        assert 0 < text.index(asked) < text.index(kept)


def test_a_kamailio_takes_it(tmp_path: Path) -> None:
    for name, text in kamailio.files(replace(FRONT, folder=tmp_path)).items():
        (tmp_path / name).write_text(text, encoding="ascii")
    assert trial.checked(tmp_path) == ""


def test_of_a_lacking_kamailio_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(trial.KamailioMissingError, match="Debian: kamailio"):
        trial.program()


def test_the_share_of_an_only_exchange_is_all_of_it() -> None:
    words = ["sip-proxy", "198.51.100.4", "--listen", "192.0.2.10:5060", "--out", "."]
    assert sip_proxy._share(cli.parser("sip_proxy").parse_args(words)) == 1.0


def test_what_does_not_end_by_itself_is_killed_with_its_own_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "DOWN_WITHIN_S", 0.2)
    deaf = ["sh", "-c", "trap '' TERM; sleep 300 & echo up; wait; sleep 300"]
    with subprocess.Popen(deaf, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        trial._end(process)
        assert process.returncode == -signal.SIGKILL
        assert process.stdout.read() == b"", "its child, which holds the pipe, is gone too"
