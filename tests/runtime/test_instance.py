"""An instance folder keeps its secrets, settles its ports and admits one supervisor."""

import socket
import stat
from pathlib import Path

import pytest

from kindline.runtime import instance, ports


def test_the_second_start_keeps_secrets_and_ports(tmp_path: Path) -> None:
    first = instance.prepare(tmp_path / "one", profile="court")
    second = instance.prepare(tmp_path / "one")
    assert second == first
    assert second.profile == "court"
    assert instance.read(tmp_path / "one") == first


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


def test_media_ports_come_as_a_block_below_the_kernels_own(tmp_path: Path) -> None:
    start, end = instance.prepare(tmp_path).ports.rtp
    assert end - start + 1 == ports.RTP_BLOCK
    assert end < ports.EPHEMERAL_LOWEST
