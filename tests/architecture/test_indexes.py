"""No index is the beginning of another: each costs every write, and the shorter one may be the one that is read by."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import models


def ours() -> Iterator[type[models.Model]]:
    """Every model of the program."""
    return (one for one in apps.get_models() if one.__module__.startswith("kindline."))


def leading(model: type[models.Model]) -> set[str]:
    """The fields with which an index of all rows begins."""
    whole = [
        one.fields for one in model._meta.constraints if isinstance(one, models.UniqueConstraint) and not one.condition
    ]
    whole += [one.fields for one in model._meta.indexes if type(one) is models.Index and not one.condition]
    return {fields[0].removeprefix("-") for fields in whole if len(fields) > 1}


def test_a_field_with_which_an_index_begins_has_none_of_its_own() -> None:
    twice = [
        f"{model._meta.label}.{field.name}"
        for model in ours()
        for field in model._meta.concrete_fields
        if getattr(field, "db_index", False) and not field.unique and field.name in leading(model)
    ]
    assert not twice, "say db_index=False"
