"""No index is the beginning of another: each costs every write, and the shorter one may be the one that is read by."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import pytest
from django.apps import apps
from django.db import connection, models

Fields = tuple[str, ...]


def ours() -> Iterator[type[models.Model]]:
    """Every model of the program."""
    return (one for one in apps.get_models() if one.__module__.startswith("kindline."))


def indexes(model: type[models.Model]) -> list[Fields]:
    """The fields of each index of all rows that is not a field's own, in their order."""
    rules = [one for one in model._meta.constraints if isinstance(one, models.UniqueConstraint) and not one.condition]
    whole = [tuple(one.fields) for one in rules]
    whole += [tuple(one.fields) for one in model._meta.indexes if type(one) is models.Index and not one.condition]
    return [tuple(name.removeprefix("-") for name in fields) for fields in whole if fields]


def has_own(field: models.Field[object, object]) -> bool:
    """Whether a field has an index of its own that makes nothing unique."""
    return bool(getattr(field, "db_index", False)) and not field.unique


def test_a_field_with_which_an_index_begins_has_none_of_its_own() -> None:
    twice = [
        f"{model._meta.label}.{field.name}"
        for model in ours()
        for field in model._meta.concrete_fields
        if has_own(field) and field.name in {fields[0] for fields in indexes(model)}
    ]
    assert not twice, "say db_index=False"


def test_no_index_is_the_beginning_of_another() -> None:
    unique = {
        (model, tuple(one.fields))
        for model in ours()
        for one in model._meta.constraints
        if isinstance(one, models.UniqueConstraint)
    }
    begun = [
        f"{model._meta.label}: {short}"
        for model in ours()
        for short, long in permutations(indexes(model), 2)
        if long[: len(short)] == short and (model, short) not in unique
    ]
    assert not begun, "the longer one serves both"


def test_a_row_that_others_lead_to_finds_them_by_an_index() -> None:
    """Who is erased or changed is looked for in every table that names him."""
    bare = [
        f"{model._meta.label}.{field.name}"
        for model in ours()
        for field in model._meta.concrete_fields
        if field.is_relation and not field.unique and not has_own(field)
        if field.name not in {fields[0] for fields in indexes(model)}
    ]
    assert not bare, "a foreign key without an index of its own begins one of all rows"


@pytest.mark.django_db
def test_what_the_models_demand_stands_in_the_database() -> None:
    """A migration that alters a field may take away more than it says: rules for some rows are indexes as well."""
    with connection.cursor() as cursor:
        lacking = [
            f"{model._meta.label}: {one.name}"
            for model in ours()
            if model._meta.managed and not model._meta.proxy
            for known in [connection.introspection.get_constraints(cursor, model._meta.db_table)]
            for one in (*model._meta.constraints, *model._meta.indexes)
            if one.name not in known
        ]
    assert not lacking
