"""`python -m kindline.standard.check profiles/krc`: everything wrong in profile folders, at once."""

from __future__ import annotations

import sys
from pathlib import Path

from kindline.standard import loader
from kindline.standard.faults import errors


def main(arguments: list[str]) -> int:
    """Prints the faults of each folder (all shipped profiles without arguments); 1 if any is an error."""
    wrong = 0
    for path in [Path(argument) for argument in arguments] or [
        loader.profiles_dir() / name for name in loader.profile_ids()
    ]:
        faults = loader.check(path)
        for fault in faults:
            print(fault)
        count = len(errors(faults))
        print(f"{path}: {count} fault(s), {len(faults) - count} warning(s)")
        wrong += count
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
