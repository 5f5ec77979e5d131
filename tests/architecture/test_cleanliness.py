"""The repository knows no machine, no registry and no mirror."""

import re

from tests.architecture import code

HOSTS = ("pypi", "pythonhosted", "npmjs", "deb.debian", "jsdelivr", "unpkg", "googleapis", "cdnjs")
HOST = re.compile(rf"https?://[\w.-]*(?:{'|'.join(map(re.escape, HOSTS))})")
PATHS = re.compile(r"(?<![\w.])/(?:root|work|home/\w+)/")


def test_no_host_of_a_registry_is_written_anywhere() -> None:
    found = {}
    for path in code.files():
        if hits := HOST.findall(path.read_text(encoding="utf-8", errors="replace")):
            found[str(path.relative_to(code.ROOT))] = hits
    assert found == {}


def test_no_path_of_one_machine_is_written_anywhere() -> None:
    found = {}
    for path in code.files():
        if path.name == "test_cleanliness.py":
            continue
        if hits := PATHS.findall(path.read_text(encoding="utf-8", errors="replace")):
            found[str(path.relative_to(code.ROOT))] = hits
    assert found == {}
