"""The tables of the site's editor as they are today: the test database is made sooner than by its history.

A real instance takes the long way, if only the first one of the machine (kindline.runtime.shape).
"""

import sys
from collections.abc import Callable
from pathlib import Path

APPS = ("wagtailcore", "wagtailadmin", "wagtailimages", "wagtaildocs", "wagtailusers", "wagtailsearch")


def take(folder: Path, settings: object) -> None:
    """Write a first migration for each of the apps, and let Django find only these."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.state import ProjectState
    from django.db.migrations.writer import MigrationWriter

    class Loose:
        """No history: the apps begin."""

        leaf_nodes: Callable[..., list[tuple[str, str]]] = staticmethod(lambda *_: [])

    package = folder / "short_way"
    names = {app: f"short_way.{app}" for app in APPS}
    for app in APPS:
        (package / app).mkdir(parents=True)
        (package / app / "__init__.py").touch()
    (package / "__init__.py").touch()
    sys.path.insert(0, str(folder))
    settings.MIGRATION_MODULES = names  # type: ignore[attr-defined]
    found = MigrationAutodetector(ProjectState(), ProjectState.from_apps(apps))
    changes = found.changes(graph=Loose(), trim_to_apps=set(APPS))  # type: ignore[arg-type]
    for app in APPS:
        for migration in changes.get(app, ()):
            file = package / app / f"{migration.name}.py"
            file.write_text(MigrationWriter(migration).as_string(), encoding="utf-8")
