"""Small groups are not told apart: who is one of few could be known by the number alone."""

from __future__ import annotations

from collections.abc import Mapping

OTHER = ""
Counts = Mapping[str, int]


def merged(groups: Mapping[str, Counts], least: int, size: str) -> dict[str, dict[str, int]]:
    """The groups of at least so many people (`size`); smaller ones become one group, `OTHER`.

    Where the others together are still too few, the smallest of the rest joins them, so that nobody can subtract. A
    whole of fewer people is not told at all. The sums stay what they were.
    """
    kept = {key: dict(counts) for key, counts in groups.items() if counts[size] >= least and key != OTHER}
    small = [counts for key, counts in groups.items() if key not in kept and counts[size]]
    while small and sum(one[size] for one in small) < least and kept:
        key = min(kept, key=lambda one: (kept[one][size], one))
        small.append(kept.pop(key))
    if small and sum(one[size] for one in small) >= least:
        kept[OTHER] = {name: sum(one[name] for one in small) for name in small[0]}
    return kept
