"""`manage reset_second_factor NAME`: at the machine itself, where no administrator can log in to help."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from kindline.staff import factors
from kindline.staff.models import Employee


class Command(BaseCommand):
    """Take away app and passkeys of who has lost them: the password is enough again, and his sessions end."""

    help = "Take away app and passkeys of who has lost them: the password is enough again, and his sessions end."

    def add_arguments(self, parser: CommandParser) -> None:
        """Of whom."""
        parser.add_argument("username", help="the name by which he logs in")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it; the journal tells it. Raises: CommandError for a name that nobody has."""
        name = options["username"]
        employee = Employee.objects.filter(username=name).first()
        if employee is None:
            raise CommandError(f"nobody logs in as {name}: look at the names in the administration, Employees")
        if factors.reset(employee=employee, by=None, now=timezone.now()):
            self.stdout.write(f"{name} has no second factor any more: he logs in by the password and sets up another")
        else:
            self.stdout.write(f"{name} had no second factor: nothing was changed")
