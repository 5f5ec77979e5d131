"""Pictures that people hand in are kept without place, time and device; what is seen stays the same (ASVS 14.2.8)."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import struct
from collections.abc import Callable

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from kindline.files import exif, metadata
from kindline.files.exif import NotReadableError
from kindline.files.models import Attachment
from kindline.files.stores import store
from kindline.journal.models import Fact
from tests.files import makers

pillow_heif.register_heif_opener()
TURNED = 6
DEVICE, OWNER, XMP = "Telephone 12", "Petrenko Olha", b"<x:xmpmeta>where-and-when 50.4501</x:xmpmeta>"
SECRETS = (
    DEVICE.encode(),
    OWNER.encode(),
    b"where-and-when",
    b"2026:11:29",
    struct.pack(">II", 450_123_456, 10_000_000),
)
LATITUDE = ((50, 1), (27, 1), (450_123_456, 10_000_000))


@functools.cache  # it carries the second in which it was made
def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _fields() -> Image.Exif:
    """What a telephone writes."""
    made = Image.Exif()
    made.endian = ">"
    made[exif.ORIENTATION], made[0x0110], made[0x013B] = TURNED, DEVICE, OWNER
    made.get_ifd(0x8769)[0x9003] = "2026:11:29 11:00:00"
    gps = made.get_ifd(0x8825)
    gps[1], gps[2] = "N", tuple(a / b for a, b in LATITUDE)
    return made


def _seen() -> Image.Image:
    made = Image.new("RGB", (64, 40), "navy")
    made.paste("white", (5, 5, 30, 20))
    return made


def jpeg(**more: object) -> bytes:
    """A photo of a telephone."""
    out = io.BytesIO()
    _seen().save(out, "JPEG", exif=_fields(), icc_profile=_profile(), xmp=XMP, comment=OWNER.encode(), **more)
    return out.getvalue()


def progressive() -> bytes:
    """One that is sharpened as it comes."""
    return jpeg(progressive=True)


def with_another_behind() -> bytes:
    """One with a film or a second picture behind its end, as some telephones write them."""
    return jpeg() + jpeg()


def png() -> bytes:
    """A picture of the screen."""
    out, words = io.BytesIO(), PngImagePlugin.PngInfo()
    words.add_text("Author", OWNER)
    words.add_itxt("XML:com.adobe.xmp", XMP.decode())
    _seen().save(out, "PNG", exif=_fields(), icc_profile=_profile(), pnginfo=words)
    return out.getvalue()


def webp() -> bytes:
    """A photo of a browser's camera."""
    out = io.BytesIO()
    _seen().save(out, "WEBP", lossless=True, exif=_fields(), icc_profile=_profile(), xmp=XMP)
    return out.getvalue()


def gif() -> bytes:
    """A small film with a comment."""
    out = io.BytesIO()
    frames = [Image.new("P", (20, 20), colour) for colour in (1, 2, 3)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], loop=0, duration=100, comment=OWNER.encode())
    return out.getvalue()


def tiff() -> bytes:
    """A scan of two pages."""
    out = io.BytesIO()
    _seen().save(out, "TIFF", exif=_fields(), icc_profile=_profile(), save_all=True, append_images=[_seen()])
    return out.getvalue()


def heic() -> bytes:
    """A photo of another telephone."""
    out = io.BytesIO()
    _seen().save(out, "HEIF", exif=_fields(), icc_profile=_profile(), xmp=XMP)
    return out.getvalue()


MADE: list[tuple[str, Callable[[], bytes]]] = [
    ("image/jpeg", jpeg),
    ("image/jpeg", progressive),
    ("image/jpeg", with_another_behind),
    ("image/png", png),
    ("image/webp", webp),
    ("image/gif", gif),
    ("image/tiff", tiff),
    ("image/heic", heic),
]
each = pytest.mark.parametrize(("kind", "make"), MADE, ids=[make.__name__ for _, make in MADE])


def _opened(content: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(content))
    found.load()
    return found


@each
def test_nothing_is_told_of_place_time_device_and_owner(kind: str, make: Callable[[], bytes]) -> None:
    content = make()
    assert any(secret in content for secret in SECRETS)  # else the test could not fail
    bare = metadata.without(content, kind)
    assert not [secret for secret in SECRETS if secret in bare]
    assert not _opened(bare).getexif().get_ifd(0x8825)


@each
def test_what_is_seen_is_the_same(kind: str, make: Callable[[], bytes]) -> None:
    content = make()
    before, after = _opened(content), _opened(metadata.without(content, kind))
    assert (after.size, after.mode, after.tobytes()) == (before.size, before.mode, before.tobytes())
    assert after.getexif().get(exif.ORIENTATION, 1) == before.getexif().get(exif.ORIENTATION, 1)
    assert after.info.get("icc_profile") == before.info.get("icc_profile")
    frames = getattr(before, "n_frames", 1) if make is not with_another_behind else 1
    assert getattr(after, "n_frames", 1) == frames


@each
def test_done_twice_is_done_once(kind: str, make: Callable[[], bytes]) -> None:
    bare = metadata.without(make(), kind)
    assert metadata.without(bare, kind) == bare


def test_a_photo_that_is_turned_says_so_and_nothing_else() -> None:
    [turned] = dict(_opened(metadata.without(jpeg(), "image/jpeg")).getexif()).items()
    assert turned == (exif.ORIENTATION, TURNED)


def test_what_hangs_behind_a_picture_goes_with_it() -> None:
    assert metadata.without(makers.jpeg_and_zip(), "image/jpeg") == makers.picture("JPEG")
    assert b"<script" not in metadata.without(makers.gif_and_html(), "image/gif")
    behind = makers.picture("PNG") + b"more"
    assert metadata.without(behind, "image/png") == makers.picture("PNG")


def test_a_picture_cut_off_on_its_way_loses_no_more() -> None:
    noise = Image.effect_noise((200, 200), 90)
    for kind in ("JPEG", "PNG"):
        out = io.BytesIO()
        noise.save(out, kind)
        cut = out.getvalue()[:-2000]
        assert metadata.without(cut, f"image/{kind.lower()}") == cut


def test_other_files_are_left_as_they_are() -> None:
    assert metadata.without(b"%PDF-1.7 of " + OWNER.encode(), "application/pdf").endswith(OWNER.encode())


@pytest.mark.parametrize("kind", sorted(metadata.STRIPPED))
def test_what_is_not_built_as_its_format_says_is_said_so(kind: str) -> None:
    with pytest.raises(NotReadableError):
        metadata.without(b"\xff\xd8MM\0*\0\0\0\x08\xff\xff" if kind != "image/webp" else b"", kind)


@given(st.sampled_from(MADE), st.data())
def test_a_broken_picture_breaks_nothing(one: tuple[str, Callable[[], bytes]], data: st.DataObject) -> None:
    kind, make = one
    content = bytearray(make())
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    with contextlib.suppress(NotReadableError):
        metadata.without(bytes(content[:cut]), kind)


@pytest.mark.db
class TestTaken:
    def test_the_store_has_it_bare_and_the_facts_name_both(self, taken: Callable[..., Attachment]) -> None:
        content = jpeg()
        row = taken("photo.jpg", content)
        with store().opened(row.file.sha256) as kept:
            bare = kept.read()
        assert DEVICE.encode() not in bare
        assert (row.file.sha256, row.file.size) == (hashlib.sha256(bare).hexdigest(), len(bare))
        data = Fact.objects.get(kind="file_stored").data
        assert (data["sha256"], data["metadata"]) == (row.file.sha256, "removed")
        assert data["received_sha256"] == hashlib.sha256(content).hexdigest()

    def test_the_same_photo_twice_is_one(self, taken: Callable[..., Attachment]) -> None:
        assert taken("photo.jpg", jpeg()).pk == taken("photo.jpg", jpeg()).pk

    def test_a_picture_that_tells_nothing_is_kept_as_it_came(self, taken: Callable[..., Attachment]) -> None:
        content = makers.picture("JPEG")
        assert taken("photo.jpg", content).file.sha256 == hashlib.sha256(content).hexdigest()
        assert "metadata" not in Fact.objects.get(kind="file_stored").data

    def test_one_that_is_not_built_so_is_kept_and_it_is_said(self, taken: Callable[..., Attachment]) -> None:
        honest = bytearray(makers.picture("PNG"))
        odd = bytes(honest[:-12])
        row = taken("photo.png", odd)
        assert row.file.size == len(odd)
        assert Fact.objects.get(kind="file_stored").data["metadata"] == "unreadable"
