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
    return joined([html])


def joined(several: Sequence[str]) -> bytes:
    """Several letters in one file, each on sheets of its own, at least one. Raises: PrintingUnavailableError."""
    made = [weasyprint().HTML(string=one, url_fetcher=_refused).render(pdf_variant=VARIANT) for one in several]
    content: bytes = made[0].copy([page for one in made for page in one.pages]).write_pdf(pdf_variant=VARIANT)
    return content


def _refused(url: str, *_: Any, **__: Any) -> Any:
    """Nothing outside the letter is ever fetched."""
    raise ValueError(f"a letter fetches nothing: {url[:100]}")
