"""Documents that people hand in are kept without the names of who wrote them; what is read stays the same (14.2.8)."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdf
import pypdfium2 as pdfium
import pytest
import xlsxwriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject
from weasyprint import HTML

from kindline.files import cage, documents
from kindline.files.models import Attachment
from kindline.files.stores import store
from kindline.journal.models import Fact
from tests.files import makers

AUTHOR, FIRM, PROGRAM = "Petrenko Olha", "Romashka Ltd", "Office 12.3"
SECRETS = tuple(one.encode() for one in (AUTHOR, FIRM, PROGRAM)) + tuple(
    one.encode("utf-16-be") for one in (AUTHOR, FIRM, PROGRAM)
)
WORDS = "The lift stands still"
CORE = (
    '<?xml version="1.0"?><cp:coreProperties xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cp="http://schemas.'
    f'openxmlformats.org/package/2006/metadata/core-properties"><dc:creator>{AUTHOR}</dc:creator><cp:lastModifiedBy>'
    f"{AUTHOR}</cp:lastModifiedBy><cp:revision>7</cp:revision></cp:coreProperties>"
).encode()
APP = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    f"<Application>{PROGRAM}</Application><Company>{FIRM}</Company></Properties>"
).encode()
META = (
    '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
    f"<dc:creator>{AUTHOR}</dc:creator></office:meta></office:document-meta>"
).encode()
SIZE_LIE = b"PK\x01\x02"


def _pdf(change: Callable[[pypdf.PdfWriter], None] = lambda _: None) -> bytes:
    """A printed page with names in its information, in XMP and in what a program keeps for itself."""
    printed = HTML(string=f"<title>{FIRM}</title><meta name=author content='{AUTHOR}'><p>{WORDS}").write_pdf()
    made = pypdf.PdfWriter(clone_from=io.BytesIO(printed))
    made.add_metadata({"/Creator": PROGRAM, "/Company": FIRM})
    for holder in (made.root_object, made.pages[0]):
        xmp = StreamObject()
        xmp.set_data(f"<x:xmpmeta>{AUTHOR}</x:xmpmeta>".encode())
        holder[NameObject("/Metadata")] = made._add_object(xmp)
    private = made._add_object(DictionaryObject({NameObject("/Who"): TextStringObject(AUTHOR)}))
    made.pages[0][NameObject("/PieceInfo")] = DictionaryObject({NameObject("/Program"): private})
    change(made)
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def pdf() -> bytes:
    """A printed page."""
    return _pdf()


def pdf_changed() -> bytes:
    """One to whose end another revision was written."""
    changed = pypdf.PdfWriter(io.BytesIO(pdf()), incremental=True)
    changed.add_metadata({"/Author": FIRM})
    out = io.BytesIO()
    changed.write(out)
    return out.getvalue()


def xlsx() -> bytes:
    """A sheet of a program."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.set_properties({"author": AUTHOR, "company": FIRM})
    book.set_custom_property("Checked by", AUTHOR)
    book.add_worksheet().write(0, 0, WORDS)
    book.close()
    return out.getvalue()


def _package(parts: dict[str, bytes]) -> bytes:
    """A package that was written to a pipe: its sizes follow the parts; the first is not packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.comment = AUTHOR.encode()
        for number, (name, content) in enumerate(parts.items()):
            entry = zipfile.ZipInfo(name, (2026, 11, 29, 11, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED
            entry.comment = FIRM.encode()
            with made.open(entry, "w", force_zip64=bool(number)) as part:
                part.write(content)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    """A letter."""
    parts = {"[Content_Types].xml": b"<Types/>", "word/document.xml": WORDS.encode(), "word/фото.png": b"\0\1" * 99}
    return _package(parts | {"docProps/core.xml": CORE, "docProps/app.xml": APP} | more)


def odt(**more: bytes) -> bytes:
    """A letter of another program."""
    parts = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": WORDS.encode(), "meta.xml": META}
    return _package(parts | more)


MADE: list[tuple[str, Callable[[], bytes]]] = [
    (documents.PDF, pdf),
    (documents.PDF, pdf_changed),
    ("application/xlsx", xlsx),
    ("application/docx", docx),
    ("application/odf", odt),
]
each = pytest.mark.parametrize(("kind", "make"), MADE, ids=[make.__name__ for _, make in MADE])


def _told(content: bytes) -> list[bytes]:
    """Which names stand in a file, also in its packed parts."""
    whole = [content]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            whole += [package.read(one) for one in package.infolist()]
    return [secret for secret in SECRETS if any(secret in one for one in whole)]


def _read(content: bytes, kind: str) -> object:
    """What a reader of the document sees."""
    if kind == documents.PDF:
        opened = pdfium.PdfDocument(content)
        return [(page.get_textpage().get_text_bounded(), page.render().to_numpy().tobytes()) for page in opened]
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert package.testzip() is None
        names = [one for one in package.namelist() if not documents.TOLD.fullmatch(one.lower())]
        return [(name, package.read(name)) for name in names]


@each
def test_nothing_is_told_of_author_firm_and_program(kind: str, make: Callable[[], bytes]) -> None:
    content = make()
    assert _told(content)  # else the test could not fail
    assert not _told(documents.without(content, kind))


@each
def test_what_is_read_is_the_same(kind: str, make: Callable[[], bytes]) -> None:
    content = make()
    before, after = _read(content, kind), _read(documents.without(content, kind), kind)
    assert before
    assert after == before


@each
def test_done_twice_is_done_once(kind: str, make: Callable[[], bytes]) -> None:
    content = make()
    bare = documents.without(content, kind)
    assert documents.without(content, kind) == bare
    assert documents.without(bare, kind) == bare


def test_a_package_of_opendocument_begins_with_its_type_unpacked() -> None:
    bare = documents.without(odt(), "application/odf")
    assert bare[30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.text")
    with zipfile.ZipFile(io.BytesIO(bare)) as package:
        assert b'version="1.3"' in package.read("meta.xml")


def _signed(made: pypdf.PdfWriter) -> None:
    sign = DictionaryObject({NameObject("/Type"): NameObject("/Sig"), NameObject("/ByteRange"): TextStringObject("0")})
    made.root_object[NameObject("/Perms")] = DictionaryObject({NameObject("/DocMDP"): sign})


def _lies_of_its_size() -> bytes:
    """A part that says that it unpacks into 3 bytes, and does into 50 million."""
    made = bytearray(_package({"word/document.xml": b"x", "docProps/core.xml": b"\0" * 50_000_000}))
    at = made.rindex(SIZE_LIE) + 24
    made[at : at + 4] = (3).to_bytes(4, "little")
    return bytes(made)


LEFT: list[tuple[str, str, Callable[[], bytes], str]] = [
    ("signed.pdf", documents.PDF, lambda: _pdf(_signed), documents.SIGNED),
    ("encrypted.pdf", documents.PDF, lambda: _pdf(lambda made: made.encrypt("", "owner")), documents.ENCRYPTED),
    ("broken.pdf", documents.PDF, lambda: pdf()[:-200], documents.UNREADABLE),
    ("signed.docx", "application/docx", lambda: docx(**{"_xmlsignatures/sig1.xml": b"<a/>"}), documents.SIGNED),
    ("signed.odt", "application/odf", lambda: odt(**{"META-INF/documentsignatures.xml": b"<a/>"}), documents.SIGNED),
    (
        "encrypted.odt", "application/odf",
        lambda: odt(**{"META-INF/manifest.xml": b"<manifest:encryption-data/>"}), documents.ENCRYPTED,
    ),
    ("broken.docx", "application/docx", lambda: docx(**{"docProps/app.xml": b"<Properties"}), documents.UNREADABLE),
    ("lying.docx", "application/docx", _lies_of_its_size, documents.UNREADABLE),
    ("large.docx", "application/docx", lambda: docx(**{"docProps/core.xml": b" " * 5_000_000}), documents.UNREADABLE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "make", "why"), LEFT, ids=[name for name, *_ in LEFT])
def test_what_cannot_be_changed_is_left_and_it_is_said_why(
    tmp_path: Path, name: str, kind: str, make: Callable[[], bytes], why: str
) -> None:
    given, out = tmp_path / name, tmp_path / "out"
    given.write_bytes(make())
    assert documents.bared(given, kind, out) == why
    assert not out.exists()


def test_one_that_takes_too_long_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = tmp_path / "letter.pdf"
    given.write_bytes(pdf())
    monkeypatch.setattr(cage, "WALL_S", 0.001)
    assert documents.bared(given, documents.PDF, tmp_path / "out") == documents.UNREADABLE


def _nested() -> bytes:
    return pdf().replace(b"/Type /Catalog", b"/Type /Catalog /Names " + b"[" * 2_000_000, 1)


def _unpacking_into_much() -> bytes:
    """Its table of contents unpacks into a thousand times its size."""
    packed = zlib.compress(b"\0" * 200_000_000)
    head = b"<</Type/XRef/Size 5/W[1 2 1]/Root 2 0 R/Filter/FlateDecode/Length %d>>" % len(packed)
    return b"%PDF-1.5\n1 0 obj\n" + head + b"\nstream\n" + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"


@pytest.mark.parametrize("make", [_nested, _unpacking_into_much])
def test_one_made_to_do_harm_is_left(tmp_path: Path, make: Callable[[], bytes]) -> None:
    given = tmp_path / "harm.pdf"
    given.write_bytes(make())
    assert documents.bared(given, documents.PDF, tmp_path / "out") == documents.UNREADABLE


@pytest.mark.db
class TestTaken:
    @each
    def test_the_store_has_it_bare_and_the_facts_name_both(
        self, taken: Callable[..., Attachment], kind: str, make: Callable[[], bytes]
    ) -> None:
        content = make()
        row = taken("letter", content)
        with store().opened(row.file.sha256) as kept:
            bare = kept.read()
        assert (bare, row.file.media_type) == (documents.without(content, kind), kind)
        assert (row.file.sha256, row.file.size) == (hashlib.sha256(bare).hexdigest(), len(bare))
        data = Fact.objects.get(kind="file_stored").data
        assert (data["sha256"], data["metadata"]) == (row.file.sha256, documents.REMOVED)
        assert data["received_sha256"] == hashlib.sha256(content).hexdigest()

    def test_the_same_document_twice_is_one(self, taken: Callable[..., Attachment]) -> None:
        content = pdf()
        assert taken("letter.pdf", content).pk == taken("letter.pdf", content).pk

    def test_a_signed_one_is_kept_to_the_bit_and_it_is_said(self, taken: Callable[..., Attachment]) -> None:
        content = _pdf(_signed)
        assert taken("letter.pdf", content).file.sha256 == hashlib.sha256(content).hexdigest()
        assert Fact.objects.get(kind="file_stored").data["metadata"] == documents.SIGNED

    def test_a_bomb_is_refused_before_it_is_opened(self, taken: Callable[..., Attachment]) -> None:
        bomb = makers.archive({"word/document.xml": b"\0" * 50_000_000, "docProps/core.xml": CORE})
        with pytest.raises(Exception, match="bomb"):
            taken("letter.docx", bomb)
