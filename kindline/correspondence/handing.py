"""A raw message as a file: closed, under a name of ours; its kind on the host of files."""

from __future__ import annotations

from django.http import FileResponse

from kindline.correspondence import storing
from kindline.correspondence.models import Incoming
from kindline.files import handing

RAW = "mail"


def closed(incoming: Incoming) -> FileResponse:
    """The message as it came, to be saved. Raises: StoreError."""
    content, name = storing.raw().opened(incoming.sha256), f"message-{incoming.pk}.eml"
    return FileResponse(
        content, as_attachment=True, filename=name, content_type="application/octet-stream", headers=handing.SHUT
    )  # fmt: skip


def opened(named: handing.Named) -> FileResponse | None:
    """The message of an address on the host of files; None: there is none. Raises: StoreError."""
    row = Incoming.objects.filter(pk=named.key).first()
    return closed(row) if row else None
