"""What subscribers are told of: a page, an outage, and what has become of an outage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext

from kindline.notifications.push_models import PushSubscription
from kindline.notifications.topic_models import NoticeSource, NoticeSubscription
from kindline.site import words
from kindline.standard.profile import Profile

Subscriber = NoticeSubscription | PushSubscription


def everybody(row: Subscriber) -> bool:  # noqa: ARG001 - a test's shape
    """It concerns whoever has subscribed to its topic."""
    return True


@dataclass(frozen=True, slots=True)
class Turn:
    """What has become of an outage: words to be translated for each subscriber, with its title and a moment in them."""

    heading: str
    sentence: str
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """Something to be told: its key is told once; `path` is its page on the site."""

    key: str
    topic: str
    title: str
    text: str
    path: str
    concerns: Callable[[Subscriber], bool] = everybody
    is_urgent: bool = False
    turn: Turn | None = None
    after: NoticeSource | None = None
    """What they must have been told before: nobody else is told of this."""

    def heading(self, profile: Profile) -> str:
        """Its title, in the language that is on."""
        return self._said(self.turn.heading, self.turn, profile) if self.turn else self.title

    def words(self, profile: Profile) -> str:
        """Its text, in the language that is on as far as it is ours."""
        said = self._said(self.turn.sentence, self.turn, profile) if self.turn else ""
        return "\n\n".join(filter(None, [said, self.text]))

    def _said(self, text: str, turn: Turn, profile: Profile) -> str:
        moment = words.moment(profile, turn.at) if turn.at else ""
        return gettext(text) % {"title": self.title, "moment": moment}
