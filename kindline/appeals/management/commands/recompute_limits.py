"""`manage recompute_limits --profile krc --why "…"`: the limits of open appeals anew, with progress."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from kindline.appeals import recomputing
from kindline.staff import workdays_followed
from kindline.standard import calendars, loader


class Command(BaseCommand):
    """Compute the limits of open appeals anew, after the calendar or the standard changed."""

    help = "Compute the limits of open appeals anew, after the calendar or the standard changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which profile, why, how many in one transaction."""
        parser.add_argument("--profile", required=True, choices=loader.profile_ids())
        parser.add_argument("--why", required=True, help="the reason, kept with every change")
        parser.add_argument("--batch", type=int, default=recomputing.BATCH, help="appeals in one transaction")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it by the calendar with its edits, telling how far it is."""
        profile = loader.load(options["profile"])
        workdays_followed.read(profile.id)
        edits = len(calendars.edits_of(profile.id).days)
        self.stdout.write(f"by the profile's calendar and {edits} edits of the page Calendar")
        changed = recomputing.recompute(
            profile=profile, why=options["why"], employee=None, now=timezone.now(), batch=options["batch"],
            progress=lambda done, of: self.stderr.write(f"{done} of {of}"),
        )  # fmt: skip
        self.stdout.write(f"{changed} limits changed")
