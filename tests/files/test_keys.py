"""Instance keys: made once, for the owner alone, and never guessed anew where one is lost."""

import stat
import threading
from pathlib import Path

import pytest

from kindline.files import keys, sealing
from kindline.files.errors import BrokenObjectError, LostKeyError


def test_the_first_that_asks_makes_the_key_and_all_agree_on_it(place: Path) -> None:
    key, found = sealing.new_key(), []
    begin = threading.Barrier(8)

    def ask() -> None:
        begin.wait()
        found.append(keys.wrap(key))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len({wrapped for _, wrapped in found}) == 1
    assert key not in found[0][1]
    assert keys.unwrap(*found[0]) == key
    (file,) = (place.parent / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o400
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_new_key_wraps_and_the_older_ones_still_open(place: Path) -> None:
    key = sealing.new_key()
    old = keys.wrap(key)
    (place.parent / "keys" / "instance-2.key").write_bytes(sealing.new_key())
    new = keys.wrap(key)
    assert (old[0], new[0]) == (1, 2)
    assert keys.unwrap(*old) == keys.unwrap(*new) == key


def test_a_lost_or_wrong_key_is_said(place: Path) -> None:
    kept = keys.wrap(sealing.new_key())
    path = place.parent / "keys" / "instance-1.key"
    path.unlink()
    with pytest.raises(LostKeyError, match="safe copy"):
        keys.unwrap(*kept)
    path.write_bytes(b"short")
    with pytest.raises(LostKeyError, match="no key"):
        keys.unwrap(*kept)
    path.write_bytes(sealing.new_key())
    with pytest.raises(BrokenObjectError):
        keys.unwrap(*kept)
