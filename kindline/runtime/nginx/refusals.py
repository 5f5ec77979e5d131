"""What nginx itself refuses, said as a page with a way on, in the reader's language.

The pages stand in the configuration: nothing lies about that nginx must be let read. Each stays below the 4 kB that a
word of its configuration may have.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from kindline.site.reach import Reach

TYPED = _("Go back with the browser’s button: what you typed is kept on the page.")
CALL, WRITE = _("Call us:"), _("Write to us:")
LONGEST = 3900


@dataclass(frozen=True, slots=True)
class Refusal:
    """One page: for which statuses, and what it says; `again_s`: when it may be tried again."""

    name: str
    statuses: tuple[int, ...]
    title: Promise | str
    says: tuple[Promise | str, ...]
    again_s: int = 0


REFUSALS = (
    Refusal(
        "large", (413,), _("This is too large"),
        (
            _("What you sent is larger than is taken at once, so nothing of it came in."),
            TYPED,
            _("Send fewer or smaller files: a photo of lower quality is enough. Further files can be added later."),
        ),
    ),
    Refusal(
        "many", (429,), _("Too much at once"),
        (
            _("More came from your connection than is taken at once. Wait a few seconds."),
            TYPED,
            _("Then send it again."),
        ),
        again_s=10,
    ),
    Refusal(
        "away", (502, 503, 504), _("We will be back in a moment"),
        (
            _("The site cannot answer just now. It is probably being started anew, which takes a minute."),
            TYPED,
            _("Then send it again: what came in twice is counted once."),
        ),
        again_s=30,
    ),
)  # fmt: skip


STYLE = (
    "main{max-width:40rem;margin:12vh auto;padding:0 1rem;font:1.125rem/1.55 system-ui,sans-serif;color:#1b2733}"
    "h1{font-size:1.6em;line-height:1.2;border-top:.35rem solid #0b5394;padding-top:1rem;overflow-wrap:anywhere}"
)
"""The one style of these pages, let through by its hash alone: nothing else can be reached while they are shown."""
STYLE_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"

CLOSED = f"default-src 'none'; style-src {STYLE_HASH}; base-uri 'none'; frame-ancestors 'none'"
"""The policy of such a page: nothing is let in but its style."""


def maps(languages: Iterable[str], default: str, ways: Reach) -> str:
    """The blocks of nginx's http part: each page in each language."""
    known = tuple(languages)
    return "\n".join(_map(one, known, default, ways) for one in REFUSALS)


def places() -> str:
    """The lines of a server: which page is shown when."""
    return "\n".join(_place(one, status) for one in REFUSALS for status in one.statuses)


def page(refusal: Refusal, language: str, ways: Reach) -> str:
    """A page as HTML, without quotation marks that end a word of the configuration."""
    with override(language):
        title, on = html.escape(str(refusal.title)), _ways(ways)
        told = "".join(f"<p>{html.escape(str(one))}</p>" for one in refusal.says)
    return (
        f"<!doctype html><html lang='{language}'><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{title}</title><style>{STYLE}</style><main><h1>{title}</h1>{told}{on}</main></html>"
    )


def _ways(ways: Reach) -> str:
    """How the organisation is reached besides."""
    named = (
        (CALL, f"tel:{ways.tel}", ways.phone),
        (WRITE, f"mailto:{ways.email}", ways.email),
    )
    links = (
        f"{html.escape(str(word))} <a href='{html.escape(to)}'>{html.escape(it)}</a>" for word, to, it in named if it
    )
    return "".join(f"<p>{one}</p>" for one in links)


def _map(refusal: Refusal, languages: tuple[str, ...], default: str, ways: Reach) -> str:
    made = {code: page(refusal, code, ways).replace("$", "&#36;").replace("\\", "&#92;") for code in languages}
    if any(len(text.encode()) > LONGEST for text in made.values()):
        raise ValueError(f"the page {refusal.name} is too long for a configuration of nginx")
    lines = [f'    {"default" if code == default else code} "{text}";' for code, text in made.items()]
    return "\n".join([f"map $kindline_language $kindline_says_{refusal.name} {{", *lines, "}"])


def _place(refusal: Refusal, status: int) -> str:
    again = [f"        add_header Retry-After {refusal.again_s} always;"] if refusal.again_s else []
    lines = [
        f"    error_page {status} @kindline_{status};",
        f"    location @kindline_{status} {{",
        "        internal;",
        '        default_type "text/html; charset=utf-8";',
        "        add_header Cache-Control no-store always;",
        "        add_header X-Content-Type-Options nosniff always;",
        f'        add_header Content-Security-Policy "{CLOSED}" always;',
        *again,
        f"        return {status} $kindline_says_{refusal.name};",
        "    }",
    ]
    return "\n".join(lines)
