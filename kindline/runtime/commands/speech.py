"""`kindline speech check`: the words in a text that a standard forbids."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any


def add(subparsers: Any) -> None:
    """The command and its options."""
    command = subparsers.add_parser("speech", help="check what was said against the word lists of a standard")
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser("check", help="reads a text from standard input; prints the hits with their clauses")
    check.add_argument("--profile", required=True, metavar="P")
    check.add_argument("--speaker", choices=("operator", "client"), default="operator")
    check.add_argument("--channel", default="phone", metavar="C")
    check.add_argument(
        "--position", choices=("opening", "any"), default="any", help="opening: the first words of the talk"
    )
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the hits; 1 if there are any that the standard forbids."""
    from kindline.standard import lexicons, loader

    text = sys.stdin.read()
    profile = loader.load(chosen.profile)
    hits = lexicons.check(profile, text, chosen.speaker, chosen.channel, chosen.position)
    if chosen.json:
        print(json.dumps([hit.as_json() for hit in hits], ensure_ascii=False))
    else:
        for hit in hits:
            named = ", ".join([hit.list, hit.clause or "no clause", *([] if hit.role == "forbidden" else [hit.role])])
            print(f"{hit.start}-{hit.end}: {hit.word!r} ({named})")
        print(f"{len(hits)} hit(s)")
    return 1 if any(hit.role == "forbidden" for hit in hits) else 0
