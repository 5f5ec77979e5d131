"""An address is read in one place, so that every bound counts the same: a subscriber of IPv6 gets round none."""

from __future__ import annotations

from tests.architecture.code import PACKAGE, files

READ = {
    "staff/whence.py": "who counts as one sender, for everybody",
    "runtime/proxied.py": "puts the client's address there",
}


def test_the_network_address_is_read_in_one_place() -> None:
    found = {
        str(one.relative_to(PACKAGE))
        for one in files(".py", within=("kindline",))
        if "REMOTE_ADDR" in one.read_text(encoding="utf-8")
    }
    assert found == set(READ), "ask staff.whence, or site.senders, who sends"
