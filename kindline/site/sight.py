"""Which pages may ask for camera and microphone, as their views say; `runtime.policy` tells the browser."""

from __future__ import annotations

from django.http import HttpRequest

CAMERA = "kindline.camera"


def may_see(request: HttpRequest) -> None:
    """The page may ask for camera and microphone."""
    request.META[CAMERA] = True


def sees(request: HttpRequest) -> bool:
    """Whether the page may ask for camera and microphone."""
    return CAMERA in request.META
