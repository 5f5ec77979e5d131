"""Run as a program at each start: bring the database to today's shape, gather static files, load the demonstration.

Prints one line a step; prints nothing that is secret.
"""

import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

from kindline.standard.faults import ProfileFaults

MANY_STEPS = ("wagtailcore", "wagtailadmin")
"""A migration costs by the number of tables known by then: with these before ours a first start needs 13 s, not 21."""


def step(name: str, work: Callable[[], str]) -> None:
    """Do one step and say how it went."""
    began = time.monotonic()
    detail = work()
    print(f"  {name:<12} {detail}  ({time.monotonic() - began:.1f} s)", flush=True)


def standard() -> str:
    """Read the standard before anything is made by it. Raises: ProfileFaults."""
    from django.conf import settings

    from kindline.standard import loader

    profile = loader.load(settings.KINDLINE["profile"])
    return f"{profile.id}, version {profile.version}, {len(profile.clauses)} clauses"


def migrate() -> str:
    """Apply the migrations that are missing; a new database of our own may get its tables otherwise (ADR 50)."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from kindline.runtime import shape
    from kindline.runtime.settings import INSTANCE
    from kindline.site.account import wall as walls

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return "up to date"
    is_ours, is_new = INSTANCE.database_url == INSTANCE.embedded_url, not executor.loader.applied_migrations
    if is_ours and is_new:
        if shape.give(INSTANCE.embedded_url, _apply):
            return "tables as at an earlier first start"
    else:
        if not is_new:
            walls.take_down()
        _apply()
    return f"{len(plan)} migrations applied"


def _apply() -> None:
    from django.core.management import call_command

    for app in [*MANY_STEPS, ""]:
        call_command("migrate", *filter(None, [app]), interactive=False, verbosity=0)


def _stamp(files: list[Path]) -> str:
    lines = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in sorted(files)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def static_files() -> str:
    """Gather what browsers fetch; nothing is done when nothing changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    found = [Path(storage.path(path)) for finder in get_finders() for path, storage in finder.list([])]
    root = Path(settings.STATIC_ROOT)
    stamp, mark = _stamp(found), root / ".stamp"
    if mark.is_file() and mark.read_text(encoding="ascii") == stamp:
        return f"{len(found)} files, unchanged"
    root.mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    mark.write_text(stamp, encoding="ascii")
    return f"{len(found)} files"


def demonstration() -> str:
    """Load the demonstration organisation into an empty instance."""
    from kindline.runtime import demonstration as organisation

    return organisation.load()


def forms() -> str:
    """Put the demonstration's forms on the pages of the site."""
    from django.conf import settings
    from django.utils import timezone

    from kindline.runtime.demonstration import blanks
    from kindline.standard import loader

    return f"{blanks.publish(loader.load(settings.KINDLINE['profile']), timezone.now())} published"


def sections() -> str:
    """Make the sections of the site that the standard demands, and index what the search does not know yet."""
    from django.conf import settings

    from kindline.site import layout
    from kindline.site.searching import indexing
    from kindline.standard import loader

    made = layout.lay_out(profile=loader.load(settings.KINDLINE["profile"]))
    return f"{made} pages made, {indexing.catch_up()} more indexed"


def wall() -> str:
    """Let the database hold back what is not the client's own, where we may make its role (ADR 77)."""
    from kindline.site.account import wall as walls

    return "stands" if walls.build() else f"off ({walls.lacking()} of {walls.ROLE} is lacking), see kindline doctor"


def main(words: list[str]) -> None:
    """All the steps, in order; a standard with faults ends them, and every fault is said."""
    django.setup()
    try:
        step("standard", standard)
    except ProfileFaults as faults:
        sys.exit(f"! the standard cannot be used: {faults}")
    step("database", migrate)
    step("wall", wall)
    step("static", static_files)
    step("sections", sections)
    if "--empty" not in words:
        step("demo", demonstration)
        step("forms", forms)


if __name__ == "__main__":
    main(sys.argv[1:])
