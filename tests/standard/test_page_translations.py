"""The first texts of a site in other languages: read beside the first ones, and every fault named."""

from pathlib import Path

import pytest

from kindline.standard import loader
from kindline.standard.faults import ProfileFaults
from tests.standard import test_publication
from tests.standard.test_publication import CONTENT, good, write

folder = test_publication.folder
NEWS = """news:
  - {kind: organisation, date: 2026-11-20, title: Open, text: We are open.}
"""
TRANSLATED = """translations:
  uk:
    slots:
      phones: {title: Телефони, text: Телефонуйте, rows: [["Телефон", "123"]]}
    news:
      - {title: Відчинено, text: Ми працюємо.}
"""


def test_they_are_read_by_language(folder: Path) -> None:
    write(folder, good(folder), CONTENT + NEWS + TRANSLATED)
    found = loader.load_path(folder).publication
    assert found is not None
    page = found.translations["uk"].slots["phones"]
    assert (page.title, page.piece.words) == ("Телефони", "Телефонуйте\nТелефон 123")
    assert [one.title for one in found.translations["uk"].news] == ["Відчинено"]


@pytest.mark.parametrize(("was", "becomes", "said"), [
    ("phones: {title", "phone: {title", "did you mean phones"),
    ("title: Телефони, ", "", "'title' is missing"),
    (', rows: [["Телефон", "123"]]', "", "0 rows where the first text has 1"),
    ("  uk:\n", "  de:\n", "de"),
    ("      - {title: Відчинено", "      - {title: Так, text: Так.}\n      - {title: Відчинено", "not 1 pieces"),
])  # fmt: skip
def test_what_is_wrong_is_named(folder: Path, was: str, becomes: str, said: str) -> None:
    assert was in TRANSLATED
    write(folder, good(folder), CONTENT + NEWS + TRANSLATED.replace(was, becomes, 1))
    with pytest.raises(ProfileFaults) as caught:
        loader.load_path(folder)
    assert said in str(caught.value)
