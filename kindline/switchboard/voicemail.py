"""Messages left by clients: each becomes a piece of work with a time by which to answer (krc-5.6.6-15, krc-2-04)."""

from __future__ import annotations

from kindline.conversations import places
from kindline.standard.profile import Profile
from kindline.switchboard.machine.commands import KeepMessage
from kindline.switchboard.models import Recording, Voicemail


def receive(profile: Profile, contact: str, message: KeepMessage) -> Voicemail:
    """A message was left: it waits for somebody to handle it (krc-5.6.6-20)."""
    found, _ = Voicemail.objects.get_or_create(
        contact_id=contact,
        box=message.box,
        defaults={
            "recording": Recording.objects.filter(name=message.name).first(),
            "left_at": message.left_at,
            "due_at": places.due(profile, message.left_at),
        },
    )
    return found
