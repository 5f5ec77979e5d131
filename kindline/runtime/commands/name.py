"""`kindline name`: how a person is addressed."""

from __future__ import annotations

import argparse
from typing import Any


def add(subparsers: Any) -> None:
    """The command and its options."""
    command = subparsers.add_parser("name", help="how a person is addressed in the language of a standard")
    command.add_argument("--profile", required=True, metavar="P")
    command.add_argument("--form", choices=("salutation", "dative", "vocative"), default="salutation")
    command.add_argument("--gender", choices=("male", "female"), help="where the name does not tell")
    command.add_argument("name", nargs="+", metavar="NAME")
    command.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the name in the form asked for."""
    from kindline.standard import loader, names

    form = {"salutation": names.salutation, "dative": names.dative, "vocative": names.vocative}[chosen.form]
    print(form(loader.load(chosen.profile).language, " ".join(chosen.name), chosen.gender))
    return 0
