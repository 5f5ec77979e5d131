"""Whether a fact fits the vocabulary: its kind, its subject and the types of its fields."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from kindline.standard import vocabulary


class UnfitFactError(ValueError):
    """The fact is not in the vocabulary; add it to kindline/standard/facts.yaml or correct the caller."""


class UnknownKindError(UnfitFactError):
    """No such kind of fact."""


class WrongSubjectError(UnfitFactError):
    """This kind of fact is about another type of subject."""


class WrongFieldError(UnfitFactError):
    """An unknown field, or a value of the wrong type."""


def checked_data(kind: str, subject_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a fact as plain JSON; fields that are None are left out.

    Raises: UnknownKindError, WrongSubjectError, WrongFieldError.
    """
    known = vocabulary.kinds().get(kind)
    if known is None:
        raise UnknownKindError(f"{kind!r} is not a kind of fact: see kindline/standard/facts.yaml")
    if subject_type != known.subject:
        raise WrongSubjectError(f"{kind} is a fact about a {known.subject}, not about a {subject_type}")
    unknown = sorted(set(data) - set(known.fields))
    if unknown:
        raise WrongFieldError(
            f"{kind} has no field {', '.join(unknown)}; its fields: {', '.join(known.fields) or 'none'}"
        )
    return {name: _checked(kind, name, known.fields[name], value) for name, value in data.items() if value is not None}


def _checked(kind: str, name: str, type_: str, value: Any) -> Any:
    try:
        return PLAIN[type_](value)
    except (TypeError, ValueError) as error:
        raise WrongFieldError(f"{kind}.{name} must be {type_}, not {value!r}") from error


def _text(value: Any) -> str:
    if isinstance(value, uuid.UUID):
        return str(value)
    if not isinstance(value, str):
        raise TypeError
    return storable(value)


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot store (NUL, lone surrogates): outside input must not lose a fact."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError
    return round(float(value), 6)


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _time(value: Any) -> str:
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, dt.datetime) or moment.tzinfo is None:
        raise TypeError
    return moment.isoformat()


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple | set | frozenset):
        raise TypeError
    items = sorted(value) if isinstance(value, set | frozenset) else value
    return [_item(item) for item in items]


def _item(item: Any) -> Any:
    if isinstance(item, str):
        return storable(item)
    if isinstance(item, int | float | bool):
        return item
    raise TypeError


PLAIN: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "time": _time,
    "list": _list,
}
