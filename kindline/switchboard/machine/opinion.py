"""How far a client has come who is asked what he thinks of the talk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opinion:
    """The operator has left; the client is asked, or it is seen whether he may be."""

    employee: int
    """With whom he talked."""
    asked: bool = False
    tries: int = 0
    """How often he heard the question and pressed nothing that counts."""
    pressed: bool = False
    """He pressed a key that means nothing."""
    done: bool = False
    """He hears thanks, and is let go."""
