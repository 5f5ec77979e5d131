"""What a file is, by its content (F2): floods, bombs, polyglots and names that lie."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kindline.files import cage, content
from tests.files import makers

pytestmark = pytest.mark.fault("F2")

CASES = {
    "a.png": (makers.picture(), "image/png", ""),
    "b.jpg": (makers.picture("JPEG"), "image/jpeg", ""),
    "c.webp": (makers.picture("WEBP"), "image/webp", ""),
    "d.tif": (makers.picture("TIFF"), "image/tiff", ""),
    "photo.jpg": (makers.picture("PNG"), "image/png", ""),
    "flood.png": (makers.png_flood(), "image/png", "pixels"),
    "flood.jpg": (makers.jpeg_flood(), "image/jpeg", "pixels"),
    "bomb.zip": (makers.bomb(), "application/zip", "bomb"),
    "inner.zip": (makers.archive({"b.zip": b"x"}), "application/zip", "archive"),
    "program.zip": (makers.archive({"a.exe": b"MZ"}), "application/zip", "program"),
    "macro.docx": (makers.archive({"word/document.xml": b"", "word/vbaProject.bin": b""}), "application/docx", "macro"),
    "letter.docx": (makers.archive({"word/document.xml": b"x"}), "application/docx", ""),
    "only-a-head.png": (b"\x89PNG\r\n\x1a\n", "application/octet-stream", ""),
    "page.jpg": (makers.HTML, "text/html", ""),
    "drawing.svg": (makers.SVG, "image/svg+xml", ""),
    "a.js": (b"alert(1)", "text/plain", "program"),
    "bill.pdf.exe": (b"%PDF-1.7", "application/pdf", "program"),
    "a.pdf": (b"<html>", "text/html", "mismatch"),
    "b.pdf": (b"%PDF-1.7 x", "application/pdf", ""),
    "broken.docx": (b"PK\x03\x04 broken", "application/zip", "mismatch"),
    "a.gz": (b"\x1f\x8b", "application/gzip", "archive"),
    "a.txt": (b"words", "text/plain", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_kinds_and_reasons(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(CASES[name][0])
    found = content.inspect(path, name)
    assert (found.media_type, found.reason) == CASES[name][1:]


@pytest.mark.parametrize("made", [makers.gif_and_html(), makers.jpeg_and_zip(), makers.pdf_and_html()])
def test_a_polyglot_is_what_its_first_bytes_say(made: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(made)
    assert content.inspect(path, "x").media_type in ("image/gif", "image/jpeg", "application/pdf")


def test_what_a_browser_shows_is_pixels_only() -> None:
    assert content.INLINE < content.RASTERS
    assert not {"image/svg+xml", "text/html", "application/pdf"} & content.INLINE


class TestCage:
    def test_a_flood_is_found_within_its_limits(self, tmp_path: Path) -> None:
        path = tmp_path / "x"
        path.write_bytes(makers.png_flood())
        assert cage.inspect(path, "a.png").reason == "pixels"

    def test_what_cannot_be_found_out_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "x"
        path.write_bytes(b"x")
        monkeypatch.setattr(cage, "WALL_S", 0.000_001)
        assert cage.inspect(path, "a.txt").reason == "time"


def test_what_stands_around_two_things_in_one_makes_them_no_page(tmp_path: Path, chance: random.Random) -> None:
    """Hostile contents, each behind and before whatever the seed gives, under whatever name: never text that runs."""
    path, shown = tmp_path / "x", {"text/html", "image/svg+xml"}
    for _ in range(60):
        first = chance.choice([makers.gif_and_html(), makers.jpeg_and_zip(), makers.pdf_and_html(), makers.picture()])
        path.write_bytes(first + chance.randbytes(chance.randrange(2000)) + chance.choice([makers.HTML, makers.SVG]))
        name = f"план.{chance.choice(['html', 'svg', 'pdf', 'gif', 'jpg', 'zip'])}"
        assert content.inspect(path, name).media_type not in shown, name


@given(st.binary(max_size=2000), st.sampled_from([sign for sign, _kind in content.SIGNS] + [b"RIFFxxxxWEBP", b""]))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_have_a_kind(tmp_path: Path, raw: bytes, sign: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(sign + raw)
    assert content.inspect(path, "x.bin").media_type
