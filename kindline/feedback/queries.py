"""Ratings by what they are of."""

from __future__ import annotations

from kindline.feedback.models import Rating


def of(subject_type: str, subject_id: object) -> Rating | None:
    """What a client thinks of it; None where he has not said."""
    return Rating.objects.filter(subject_type=subject_type, subject_id=str(subject_id)).first()
