"""The demonstration's forms to be filled in by hand: the words of their pages as documents that everybody can save."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kindline.files.errors import FilesError
from kindline.files.taking import Upload
from kindline.runtime.demonstration import words
from kindline.site import documents
from kindline.site.document_models import PublishedDocument
from kindline.site.models import ItemPage
from kindline.staff.models import Employee, Role
from kindline.standard.profile import Profile


def publish(profile: Profile, now: dt.datetime) -> int:
    """Put the forms that the organisation has on their pages, unless they are there; how many."""
    who = Employee.objects.filter(roles__contains=[Role.SITE_ADMINISTRATOR]).order_by("pk").first()
    if who is None or PublishedDocument.objects.exists():
        return 0
    titles: dict[str, str] = words.organisation(profile.id).get("blanks") or {}
    pages = {page.slot: page for page in ItemPage.objects.live().filter(slot__in=titles)}
    return sum(_put(page, titles[slot], who, now) for slot, page in pages.items())


def _put(page: ItemPage, title: str, who: Employee, now: dt.datetime) -> bool:
    """Whether it was taken: a demonstration begins without it, too."""
    with tempfile.TemporaryDirectory(prefix="kindline-blank-") as folder:
        path = Path(folder) / "content"
        path.write_bytes(rtf(title, page.words))
        try:
            documents.publish(page=page, title=title, upload=Upload(f"{title}.rtf", path), employee=who, now=now)
        except FilesError:
            return False
    return True


def rtf(title: str, text: str) -> bytes:
    """A text as RTF: the title in bold, each line a paragraph."""
    lines = [f"{{\\b\\fs32 {_escaped(title)}}}", *(_escaped(line) for line in text.splitlines())]
    said = "\\par\\par\n".join(lines)
    return f"{{\\rtf1\\ansi\\uc1{{\\fonttbl{{\\f0 Arial;}}}}\\f0\\fs24\n{said}\n}}".encode("ascii")


def _escaped(text: str) -> str:
    return "".join(_signs(text))


def _signs(text: str) -> Iterator[str]:
    """Letters beyond ASCII by their numbers, signed in 16 bits as the format wants it."""
    for sign in text:
        if sign.isascii():
            yield f"\\{sign}" if sign in "\\{}" else sign
        else:
            units = sign.encode("utf-16-le")
            for at in range(0, len(units), 2):
                yield f"\\u{int.from_bytes(units[at : at + 2], 'little', signed=True)}?"
