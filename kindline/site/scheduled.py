"""Pages that come or go at an hour that their editor has set: Wagtail keeps the hour, and waits to be asked."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial

from wagtail.models import Page, Revision

log = logging.getLogger(__name__)


def sweep(*, now: dt.datetime) -> int:
    """Publish what was to come by now, and take down what was to go; how many. One that fails holds up no other."""
    go, come = "wagtail.unpublish.scheduled", "wagtail.publish.scheduled"
    over = Page.objects.filter(live=True, expire_at__lte=now).order_by("expire_at")
    due = Revision.page_revisions.filter(approved_go_live_at__lte=now).order_by("approved_go_live_at")
    acts = [(str(page), partial(page.unpublish, set_expired=True, log_action=go)) for page in over]
    acts += [(str(draft), partial(draft.publish, log_action=come)) for draft in due]
    return sum(_is_done(name, act) for name, act in acts)


def _is_done(name: str, act: Callable[[], object]) -> bool:
    try:
        act()
    except Exception:
        log.exception("%s is left for the next run", name)
        return False
    return True
