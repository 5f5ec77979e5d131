"""Sixty ugly letters: encodings, nesting, lies, bombs; each with what must be found in it."""

import base64
import io
import quopri
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from kindline.correspondence.automatic import LOOP_HEADER

UK = "Доброго дня! Чому в рахунку за опалення знову п’ять тисяч? Їжак під ґанком, є ще питання."
RU = "Здравствуйте! Прошу пересчитать плату за отопление: счётчик стоит, а начислено по нормативу. Объясните."
HEAD = "From: =?utf-8?B?0JjQstCw0L0=?= <ivan@example.org>\r\nTo: info@center.example\r\n"


@dataclass(frozen=True)
class Ugly:
    """A raw letter and what must come of it."""

    name: str
    raw: bytes
    text: str = ""
    subject: str = ""
    fault: str = ""
    kind: str = "message"
    attachments: tuple[str, ...] = ()


def plain(body: bytes, label: str, *, more: str = "", how: str = "8bit") -> bytes:
    """A letter of one part."""
    kind = f"text/plain; charset={label}" if label else "text/plain"
    head = f"{HEAD}{more}MIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {how}\r\n\r\n"
    return head.encode() + body


def parts(*several: bytes, boundary: str = "b", kind: str = "mixed") -> bytes:
    """A letter of several parts."""
    head = f"{HEAD}MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary={boundary}\r\n\r\n".encode()
    mark = f"--{boundary}\r\n".encode()
    return head + b"".join(mark + part + b"\r\n" for part in several) + f"--{boundary}--\r\n".encode()


def file(name: str, content: bytes, kind: str = "application/octet-stream") -> bytes:
    """A part that is a file."""
    head = (
        f"Content-Type: {kind}\r\nContent-Disposition: attachment; {name}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("utf-8", "surrogateescape") + base64.encodebytes(content)


TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + UK.encode()


def encodings() -> Iterator[Ugly]:
    """Labels that codecs know, that none knows, that lie, and none."""
    labelled = (
        ("KOI8-U", "koi8_u", UK), ("koi8-r", "koi8_u", UK), ("KOI8-RU", "koi8_u", UK), ("KOI8-R", "koi8_r", RU),
        ("windows-1251", "cp1251", UK), ("cp-1251", "cp1251", RU), ("win-1251", "cp1251", UK),
        ("x-cp1251", "cp1251", RU),
        ("cp866", "cp866", RU), ("x-mac-cyrillic", "mac_cyrillic", RU), ("mac-ukrainian", "mac_cyrillic", UK),
        ("x-mac-ukrainian", "mac_cyrillic", UK), ("utf8mb4", "utf-8", UK), ("unknown-8bit", "cp1251", UK),
        ("us-ascii", "koi8_u", UK), ("iso-8859-1", "cp1251", RU), ("utf-8", "cp1251", UK),
        ("no-such-thing", "koi8_u", RU),
        ("iso-8859-5", "iso8859_5", RU), ('"windows-1251"', "cp1251", RU), ("utf-16", "utf-16", UK),
    )  # fmt: skip
    for label, codec, text in labelled:
        wanted = text.replace("’", "'") if codec in ("koi8_u", "iso8859_5") else text
        body = base64.encodebytes(wanted.encode(codec))
        yield Ugly(f"label {label} over {codec}", plain(body, label, how="base64"), text=wanted)
    for codec, text in (
        ("koi8_u", UK),
        ("cp1251", UK),
        ("cp866", RU),
        ("mac_cyrillic", UK),
        ("cp1251", RU),
        ("utf-8", UK),
    ):
        wanted = text.replace("’", "'") if codec == "koi8_u" else text
        yield Ugly(f"no label over {codec} {text[:3]}", plain(wanted.encode(codec), ""), text=wanted)
    printable = quopri.encodestring(UK.encode("cp1251"))
    yield Ugly("quoted-printable", plain(printable, "win-1251", how="quoted-printable"), text=UK)


def heads() -> Iterator[Ugly]:
    """Subjects and headers as programs and people break them."""
    subject = "Скарга на їхній відділ ґречності"
    words = base64.b64encode(subject.encode())
    halves = [base64.b64encode(half).decode() for half in (subject.encode()[:15], subject.encode()[15:])]
    joined = f"Subject: =?utf-8?B?{halves[0]}?=\r\n =?utf-8?B?{halves[1]}?=\r\n"
    raw = {
        "raw koi8": b"Subject: " + subject.encode("koi8_u"),
        "raw cp1251": b"Subject: " + subject.encode("cp1251"),
        "raw utf-8": b"Subject: " + subject.encode(),
        "word of an unknown label": b"Subject: =?x-cp1251?B?" + base64.b64encode(subject.encode("cp1251")) + b"?=",
        "word without its padding": b"Subject: =?utf-8?b?" + words.rstrip(b"=") + b"?=",
    }
    for name, line in raw.items():
        yield Ugly(f"subject: {name}", HEAD.encode() + line + b"\r\n\r\nx", text="x", subject=subject)
    yield Ugly("subject: a letter split between words", plain(b"x", "", more=joined), subject=subject)
    yield Ugly("no message id, no date, no from", b"Subject: x\r\n\r\nbody", text="body", subject="x")
    yield Ugly("absurd date", plain(b"x", "", more="Date: Fri, 99 Foo 99999 99:99:99 +9999\r\n"), text="x")
    yield Ugly("only a body", b"\r\n\r\njust words", text="just words")
    yield Ugly("empty header block", b"just words without a colon", text="just words without a colon")
    yield Ugly("nul bytes", plain(b"a\x00b\x00c", ""), text="abc")
    yield Ugly(
        "turning signs in the subject", plain(b"x", "", more="Subject: =?utf-8?Q?a=E2=80=AEb?=\r\n"), subject="ab"
    )
    yield Ugly("bare line feeds", plain(RU.encode(), "utf-8").replace(b"\r\n", b"\n"), text=RU)


def shapes() -> Iterator[Ugly]:
    """Broken and odd MIME."""
    yield Ugly("boundary never closed", parts(TEXT)[:-9], text=UK)
    yield Ugly("boundary not declared", HEAD.encode() + b"Content-Type: multipart/mixed\r\n\r\n" + UK.encode(), text=UK)
    yield Ugly(
        "only html",
        parts(b"Content-Type: text/html; charset=utf-8\r\n\r\n<script>evil()</script><p>" + RU.encode()),
        text=RU,
    )
    yield Ugly(
        "broken base64", plain(base64.encodebytes(RU.encode())[:-6] + b"***=\r\n", "utf-8", how="base64"), text=RU[:60]
    )
    yield Ugly("unknown transfer encoding", plain(RU.encode(), "utf-8", how="x-strange"), text=RU)
    tnef = struct.pack("<I", 0x223E9F78) + b"\x01" * 60
    yield Ugly(
        "winmail.dat",
        parts(TEXT, file('filename="winmail.dat"', tnef, "application/ms-tnef")),
        text=UK,
        attachments=("winmail.dat",),
    )
    yield Ugly(
        "s/mime",
        parts(TEXT, file("filename=smime.p7m", b"\x30\x82" + b"x" * 90, "application/pkcs7-mime")),
        attachments=("smime.p7m",),
    )
    inner = b"Content-Type: message/rfc822\r\n\r\n" + plain(RU.encode(), "utf-8")
    yield Ugly("letter in a letter", parts(TEXT, inner), text=UK, attachments=("letter.eml",))
    yield Ugly(
        "turning name",
        parts(TEXT, file("filename*=utf-8''%E2%80%AEfdp.exe", b"MZ" + b"x" * 50)),
        attachments=("fdp.exe",),
    )
    yield Ugly("name with folders", parts(TEXT, file('filename="../../etc/passwd"', b"x")), attachments=("passwd",))
    named = "filename*0*=koi8-r''%D3%D0%D2%C1; filename*1*=%D7%CB%C1.txt"
    yield Ugly("name in pieces, koi8", parts(TEXT, file(named, b"x")), attachments=("справка.txt",))
    raw = b'filename="' + "акт.txt".encode("cp1251") + b'"'
    yield Ugly(
        "raw name cp1251", parts(TEXT, file(raw.decode("utf-8", "surrogateescape"), b"x")), attachments=("акт.txt",)
    )
    yield Ugly(
        "file without a name", parts(TEXT, file("x=1", b"x")), attachments=("attachment-2",)[:0] or ("attachment-1",)
    )


def bombs() -> Iterator[Ugly]:
    """What is meant to break the reader; the raw letter is kept and a person is told."""
    opening = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    nested = HEAD.encode() + b"".join(opening % (n, n) for n in range(1000)) + b"Content-Type: text/plain\r\n\r\nx"
    yield Ugly("a thousand nested parts", nested, fault="depth")
    yield Ugly(
        "letters in letters", HEAD.encode() + b"Content-Type: message/rfc822\r\n\r\n" * 1500 + b"x", fault="depth"
    )
    yield Ugly("six hundred parts", parts(*[b"Content-Type: text/plain\r\n\r\nx"] * 600), fault="parts")
    many = ", ".join(f"u{n}@example.org" for n in range(20_000))
    yield Ugly("twenty thousand addresses", f"From: a@example.org\r\nTo: {many}\r\n\r\nx".encode(), fault="addresses")
    few = ", ".join(f"u{n}@a.b" for n in range(4000))
    yield Ugly("four thousand addresses", f"From: a@example.org\r\nTo: {few}\r\n\r\nx".encode(), fault="addresses")
    yield Ugly("endless header", b"From: a@example.org\r\nX-A: " + b"a" * 100_000 + b"\r\n\r\nx", fault="headers")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 50_000_000)
    yield Ugly("zip bomb", parts(TEXT, file("filename=a.zip", content.getvalue())), text=UK, attachments=("a.zip",))


def programs() -> Iterator[Ugly]:
    """What programs write, as badly as programs write it; nobody's work but the first is a person's."""
    told = "Автоответ: меня нет"
    raw = HEAD.encode() + b"Subject: " + told.encode("cp1251") + b"\r\n\r\nx"
    yield Ugly("no word of a program in its text", plain(UK.encode(), "utf-8", more="Auto-Submitted: no\r\n"), text=UK)
    yield Ugly("automatic by its subject alone, raw cp1251", raw, text="x", subject=told, kind="automatic")
    yield Ugly(
        "automatic reply that says no and yes", plain(b"x", "", more="Auto-Submitted: No\r\nX-Autoreply: yes\r\n"),
        text="x", kind="auto_reply",
    )  # fmt: skip
    yield Ugly(
        "newsletter", plain(RU.encode("koi8_r"), "koi8-r", more="Precedence: Bulk\r\nList-Id: <a>\r\n"), text=RU,
        kind="automatic",
    )  # fmt: skip
    daemon = b"From: MAILER-DAEMON@example.org\r\nSubject: \r\n\r\n"
    yield Ugly(
        "failure in words alone, raw cp1251", daemon + "Сообщение не доставлено".encode("cp1251"),
        text="Сообщение не доставлено", kind="bounce",
    )  # fmt: skip
    status = b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
    for action, code, kind in (("failed", "5.1.1", "bounce"), ("delayed", "4.4.1", "delay")):
        said = f"Final-Recipient: rfc822; a@example.org\r\nAction: {action}\r\nStatus: {code}\r\n".encode()
        report = parts(TEXT, status + said, kind="report; report-type=delivery-status")
        yield Ugly(f"report never closed, {action}", report[:-9], text=UK, kind=kind)
    marked = f"{LOOP_HEADER}: test-loop-key\r\n"
    yield Ugly("our own, come back", plain(UK.encode(), "utf-8", more=marked), text=UK, kind="loop")


def all_letters() -> list[Ugly]:
    """All of them."""
    return [*encodings(), *heads(), *shapes(), *bombs(), *programs()]
