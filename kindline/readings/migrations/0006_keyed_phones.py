"""Marks of telephones were bare hashes, out of which a number is found by trying all: they become keyed ones."""

from typing import Any

from django.db import migrations

from kindline.readings import marks


def key_all(apps: Any, schema_editor: Any) -> None:
    """Each mark once, however many sendings bear it: the same telephone keeps one mark."""
    rows = apps.get_model("readings", "Sending").objects.filter(channel="sms").exclude(network="")
    for network in list(rows.values_list("network", flat=True).distinct()):
        rows.filter(network=network).update(network=marks.keyed(network))


class Migration(migrations.Migration):
    """No way back: the bare hashes are gone, which is what it is for."""

    dependencies = [("readings", "0005_what_replaces_is_few")]
    operations = [migrations.RunPython(key_all, migrations.RunPython.noop)]
