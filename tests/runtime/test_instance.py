"""An instance folder keeps its secrets, settles its ports and admits one supervisor."""

import socket
import stat
from pathlib import Path

import pytest

from kindline.runtime import cli, instance, ports


def test_the_second_start_keeps_secrets_and_ports(tmp_path: Path) -> None:
    first = instance.prepare(tmp_path / "one", profile="court")
    second = instance.prepare(tmp_path / "one")
    assert second == first
    assert second.profile == "court"
    assert instance.read(tmp_path / "one") == first


def test_where_browsers_reach_it_behind_a_proxy_is_a_setting_that_every_start_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDLINE_LIVE_URL", "https://desk.example.org/events")
    monkeypatch.setenv("KINDLINE_SOCKET_URL", "wss://desk.example.org/ws")
    for _ in range(2):
        told = instance.prepare(tmp_path).content()
        assert told["live_url"] == "https://desk.example.org/events"
        assert told["socket_url"] == "wss://desk.example.org/ws"


def test_a_taken_port_is_left_for_another(tmp_path: Path) -> None:
    first = instance.prepare(tmp_path)
    with socket.create_server(("127.0.0.1", first.ports.web)):
        second = instance.prepare(tmp_path)
    assert second.ports.web != first.ports.web
    assert second.ports.live == first.ports.live


def test_two_instances_share_nothing(tmp_path: Path) -> None:
    one, two = (instance.prepare(tmp_path / name) for name in ("one", "two"))
    assert not set(one.content()["ports"].values()) & set(two.content()["ports"].values())
    assert one.secrets != two.secrets
    assert one.id != two.id


def test_only_the_owner_reads_the_secrets(tmp_path: Path) -> None:
    instance.prepare(tmp_path)
    assert stat.S_IMODE((tmp_path / instance.FILE).stat().st_mode) == 0o600


def test_one_supervisor_a_folder(tmp_path: Path) -> None:
    with instance.locked(tmp_path), pytest.raises(instance.InstanceBusyError, match="already running"):  # noqa: SIM117
        with instance.locked(tmp_path):
            pytest.fail("two supervisors hold one folder")
    with instance.locked(tmp_path):
        pass


def test_a_folder_without_instance_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(instance.InstanceMissingError, match="kindline run"):
        instance.read(tmp_path)


def test_a_taken_udp_port_is_seen(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert not ports.is_free(port, udp=True)
        assert ports.keep_or_choose(port, udp=True) != port
    assert ports.is_free(port, udp=True)


@pytest.mark.parametrize(("calls", "many"), [(None, 1000), ("20", 1000), ("200", 1000), ("201", 2000), ("1000", 5000)])
def test_media_ports_come_as_a_block_for_all_calls_below_the_kernels_own(
    calls: str | None, many: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KINDLINE_CALLS_MAX", raising=False)
    if calls:
        monkeypatch.setenv("KINDLINE_CALLS_MAX", calls)
    start, end = instance.prepare(tmp_path).ports.rtp
    assert end - start + 1 == many
    assert end < ports.EPHEMERAL_LOWEST


def test_a_block_that_has_become_too_small_is_left_where_it_would_reach_into_anothers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KINDLINE_CALLS_MAX", "1000")
    first, last = ports.keep_or_choose_rtp(11_000, [12_000])
    assert last < 12_000 or first >= 17_000
    assert ports.keep_or_choose_rtp(31_000)[0] != 31_000  # it would reach into the kernel's own


# --- nodes ---
def test_a_further_node_has_ports_and_folders_of_its_own_and_everything_else_in_common(tmp_path: Path) -> None:
    first = instance.prepare(tmp_path, nodes=2)
    second = instance.read(tmp_path).at(2)
    own = ("asterisk_http", "sip", "switchboard", "rtp")
    assert all(getattr(first.ports, name) != getattr(second.ports, name) for name in own)
    assert (second.ports.web, second.secrets, second.database_url) == (
        first.ports.web,
        first.secrets,
        first.database_url,
    )
    assert second.asterisk_folder != first.asterisk_folder
    assert second.paths["spool"] != first.paths["spool"]
    assert second.paths["recordings"] == first.paths["recordings"]
    assert (first.content()["node"], second.content()["node"]) == ("1", "2")
    assert first.content()["other_spools"] == {"2": str(second.paths["asterisk_spool"])}
    assert second.content()["other_spools"] == {}


def test_a_node_that_was_never_started_is_said(tmp_path: Path) -> None:
    known = instance.prepare(tmp_path)
    with pytest.raises(instance.NodeMissingError, match="kindline node 3"):
        known.at(3)
    assert known.with_node(3).at(3).ports.sip
    with pytest.raises(instance.NodeMissingError):
        known.with_node(3).at(0)


def test_a_start_with_one_engine_keeps_what_is_known_of_others(tmp_path: Path) -> None:
    before = instance.prepare(tmp_path, nodes=2)
    assert instance.prepare(tmp_path).nodes == before.nodes


def test_no_two_engines_share_media_ports(tmp_path: Path) -> None:
    known = instance.prepare(tmp_path, nodes=4)
    starts = [known.at(node).ports.rtp[0] for node in range(1, 5)]
    assert len(set(starts)) == 4
    assert ports.keep_or_choose_rtp(starts[0], starts)[0] not in starts


@pytest.mark.parametrize("number", ["1", "0", "10"])
def test_a_number_that_is_no_further_node_is_refused(tmp_path: Path, number: str) -> None:
    instance.prepare(tmp_path)
    chosen = cli.parser("node").parse_args(["node", number, "--instance", str(tmp_path)])
    with pytest.raises(cli.UsageError, match="2 to 9"):
        chosen.run(chosen)


@pytest.mark.parametrize(("profile", "own"), [("krc", "ru"), ("voe", "uk"), ("none", "en")])
def test_who_asks_for_no_language_gets_that_of_the_standard(tmp_path: Path, profile: str, own: str) -> None:
    assert instance.prepare(tmp_path, profile=profile).language(("uk", "ru", "en")) == own
    assert instance.blank(tmp_path).language(("uk", "ru", "en")) == "en", "nobody has started it"
