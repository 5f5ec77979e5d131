"""What a browser may do with our pages: where code comes from, who may frame them, who is told whence one came.

Strict everywhere: no page carries code or styles in itself, so that what a stranger has typed is never run (ADR 32).
The two editors that are not ours, and the API's reading room, get what they cannot do without, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseBase

from kindline.desk import reach
from kindline.files import handing
from kindline.site import sight

CSP, PERMISSIONS = "Content-Security-Policy", "Permissions-Policy"
SELF = "'self'"
STRICT: dict[str, tuple[str, ...]] = {
    "default-src": (SELF,),
    "img-src": (SELF, "data:"),
    "object-src": ("'none'",),
    "base-uri": ("'none'",),
    "form-action": (SELF,),
    "frame-ancestors": ("'none'",),
}
STYLED = STRICT | {"style-src": (SELF, "'unsafe-inline'")}
EDITED = STYLED | {
    "script-src": (SELF, "'unsafe-inline'", "'unsafe-eval'"),  # its templates are functions made of texts
    "img-src": (SELF, "data:", "blob:"),
    "frame-src": (SELF,),
}
CLOSED: dict[str, tuple[str, ...]] = {"default-src": ("'none'",), "frame-ancestors": ("'none'",)}
BY_PLACE = (
    ("/api/v1/docs", STYLED),  # swagger-ui draws with styles in its elements
    ("/api/", CLOSED),
    ("/open311/", CLOSED),
    ("/admin/", STYLED),
    ("/cms/", EDITED),
)
"""What holds below an address, the first that fits; the strict policy everywhere else."""
NEVER = ("display-capture", "geolocation", "payment", "usb")


class Policy:
    """Says on every answer what a browser may do with it; an answer that says so itself (a file) keeps its word.

    ASVS 3.4.3 to 3.4.6.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.answer(request)
        if CSP not in response.headers:
            response.headers[CSP] = said(policy(request))
        if PERMISSIONS not in response.headers:
            response.headers[PERMISSIONS] = permissions(request)
        return response


def policy(request: HttpRequest) -> dict[str, tuple[str, ...]]:
    """What holds for the answer to a request."""
    found = next((one for place, one in BY_PLACE if request.path_info.startswith(place)), STRICT)
    others = origins(reach.addresses(request))
    found = found | {"connect-src": (SELF, *others)} if others else found
    return _with_files(found, handing.origin(request))


def _with_files(found: dict[str, tuple[str, ...]], host: str) -> dict[str, tuple[str, ...]]:
    """Pictures are shown from the host of files, and a form that asks for a file is sent on there."""
    if not host or found is CLOSED:
        return found
    return found | {name: (*found[name], host) for name in ("img-src", "form-action")}


def origins(addresses: Iterable[str]) -> list[str]:
    """Whom addresses belong to, each once."""
    parts = [urlsplit(one) for one in addresses]
    return list(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts if part.netloc))


def said(found: dict[str, tuple[str, ...]]) -> str:
    """A policy as the header says it."""
    return "; ".join(f"{name} {' '.join(words)}" for name, words in found.items())


def permissions(request: HttpRequest) -> str:
    """Which of the machine's senses a page may ask for: the microphone where there is a phone, or a message is said;

    camera and microphone in the room of a consultation by video.
    """
    sees = sight.sees(request)
    camera, microphone = ("(self)" if one else "()" for one in (sees, sees or reach.hears(request)))
    return ", ".join([*(f"{name}=()" for name in NEVER), f"camera={camera}", f"microphone={microphone}"])
