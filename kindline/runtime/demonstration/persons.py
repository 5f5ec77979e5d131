"""An invented person."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A name in its parts and the gender that it tells."""

    surname: str
    given_name: str
    patronymic: str
    gender: str

    def fields(self) -> dict[str, str]:
        """As the rows of employees and clients hold it."""
        return asdict(self)
