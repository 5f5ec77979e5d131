"""Notices in browsers in words: what the page says while it asks the browser, and what is wanted in one."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from kindline.notifications.push_models import PushSubscription

SAID = {
    "off": _("This browser gets no notices from us."),
    "on": _("This browser gets our notices about:"),
    "asking": _("Your browser asks you whether it may show notices: please allow it."),
    "denied": _(
        "You have not allowed notices. If you want them after all, allow them for this site in the settings of the"
        " browser."
    ),
    "cannot": _(
        "This browser cannot show push notices. On an iPhone or iPad add this site to the home screen first and open it"
        " from there."
    ),
    "insecure": _("Push notices need an address that begins with https://."),
    "failed": _("The browser's push service did not answer. Try again a little later."),
    "many": _("Too many requests came from your network. Try again in an hour."),
    "lost": _("Our site did not answer. Try again a little later."),
    "topics": _("Choose at least one topic of which you want to be told."),
    "left": _("Done: no more notices are sent to this browser."),
    "kept": _("Done: this browser gets our notices about:"),
}  # fmt: skip


def said() -> dict[str, str]:
    """What the page may say, in its language."""
    return {name: gettext(text) for name, text in SAID.items()}


def wanted(row: PushSubscription, topics: Mapping[str, str]) -> str:
    """What is wanted in a browser: an account's notices, a place, or everything; of which topics, unless of all."""
    if row.client is not None:
        return gettext("the accounts of %(who)s") % {"who": row.client}
    place = ", ".join(filter(None, [row.street, row.house])) or gettext("all streets")
    chosen = [topics[one] for one in row.topics if one in topics]
    return place if len(chosen) in (0, len(topics)) else f"{place}: {'; '.join(chosen)}"
