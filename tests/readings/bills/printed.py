"""A PDF as a person with a telephone sees it: its pages as pictures, the codes on them, its words."""

from __future__ import annotations

import pypdfium2 as pdfium
import zxingcpp

DOTS_PER_POINT = 3


def codes(content: bytes) -> list[str]:
    """What the codes on the first page say."""
    picture = pdfium.PdfDocument(content)[0].render(scale=DOTS_PER_POINT).to_pil()
    return [one.text for one in zxingcpp.read_barcodes(picture)]


def words(content: bytes) -> str:
    """The words of all pages on one line."""
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pdfium.PdfDocument(content)).split())
