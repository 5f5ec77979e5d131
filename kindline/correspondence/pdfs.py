"""PDF/A by WeasyPrint, where the machine has the libraries that it needs; else what to install."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kindline.correspondence.errors import PrintingUnavailableError

PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
VARIANT = "pdf/a-3u"


def weasyprint() -> Any:
    """The library, where it can be loaded. Raises: PrintingUnavailableError with what to install."""
    try:
        import weasyprint as found  # noqa: PLC0415 - only where something is printed; it needs libraries of the system
    except (ImportError, OSError) as error:
        said = f"letters cannot be printed on this machine: install {PACKAGES} (Debian's names) and try again"
        raise PrintingUnavailableError(f"{said} ({error})") from error
    return found


def made(html: str) -> bytes:
    """A page of ours as PDF/A. Raises: PrintingUnavailableError."""
    return joined([rendered(html)])


def rendered(html: str) -> Any:
    """A page laid out, to be written alone, with others, or both (`joined`). Raises: PrintingUnavailableError."""
    return weasyprint().HTML(string=html, url_fetcher=_refused).render(pdf_variant=VARIANT)


def joined(several: Sequence[Any]) -> bytes:
    """What was laid out, at least one, in one file, each on sheets of its own."""
    pages = [page for one in several for page in one.pages]
    content: bytes = several[0].copy(pages).write_pdf(pdf_variant=VARIANT)
    return content


def _refused(url: str, *_: Any, **__: Any) -> Any:
    """Nothing outside the letter is ever fetched."""
    raise ValueError(f"a letter fetches nothing: {url[:100]}")
