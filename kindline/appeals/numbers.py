"""Numbers of appeals: one series a profile and year, given in the transaction that registers, so without gaps.

The series' row is held until the commit, and others wait for it. So the commit does not wait for the disk while it
holds it; who registers waits for the disk right afterwards, together with all others, before anybody is told the
number. What a crash takes away in between nobody was told of, and every later number goes with it: no gap, no double.
"""

from __future__ import annotations

import re

from kindline.journal import prepared
from kindline.standard.profile import Profile

ON_DISK = "SELECT pg_logical_emit_message(true, 'kindline', '')"
"""A transaction of its own, as small as can be: its commit waits for the disk (and the standby) as far as itself."""


def wait_for_disk() -> None:
    """Return once everything committed so far is as safe as a commit of this database is."""
    prepared.run(ON_DISK)


def found_in(text: str, profile: Profile) -> list[str]:
    """Numbers of ours that stand in a text, such as a subject line."""
    return re.findall(rf"\b{re.escape(profile.id)}-\d{{4}}/\d{{5,}}", text.lower())
