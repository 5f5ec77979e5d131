"""`manage bill_codes 2026-09 > codes.csv`: the codes that another system prints on its bills of a month."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kindline.clients.models import Account
from kindline.readings import billcodes
from kindline.readings.bills import month_of
from kindline.readings.errors import NoBillError


class Command(BaseCommand):
    """Write the code of every account's bill of a month, by which its owner registers in the personal account."""

    help = "Write the codes of bills of a month, a line an account: account;month;code."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which month."""
        parser.add_argument("month", help="such as 2026-09")

    def handle(self, *_args: Any, **options: Any) -> None:
        """As the other files of a billing system: divided by `;`, the first line naming the columns."""
        try:
            month = month_of(options["month"])
        except NoBillError as error:
            raise CommandError(f"{options['month']} is no month: write it as 2026-09") from error
        self.stdout.write("account;month;code")
        for account in Account.objects.order_by("number").iterator():
            self.stdout.write(f"{account.number};{month:%Y-%m};{billcodes.code_of(account, month)}")
