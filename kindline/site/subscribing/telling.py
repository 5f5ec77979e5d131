"""Subscribers are told of what is published and of outages: once each, within the hours, through the outboxes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from kindline.campaigns.pacing import Window
from kindline.correspondence import actions as mail
from kindline.correspondence.errors import CorrespondenceError
from kindline.correspondence.norms import Draft
from kindline.journal import actions as journal
from kindline.journal import strain
from kindline.notifications import actions as texts
from kindline.notifications import browsers, pushing, topics
from kindline.notifications.errors import NotificationError
from kindline.notifications.push_models import Push, PushSubscription
from kindline.notifications.topic_models import NoticeSource, NoticeSubscription
from kindline.site import here
from kindline.site.models import ItemPage, NewsPage
from kindline.site.subscribing import offer, outage_news
from kindline.site.subscribing.news import News
from kindline.standard.notice_data import NoticePlan, NoticeTopic
from kindline.standard.profile import Profile

BATCH = 200
FRESH = dt.timedelta(days=3)
"""What was published longer ago is no news any more."""
TEXT_MAX, TITLE_MAX = 2000, 120


def sweep(*, profile: Profile, now: dt.datetime) -> int:
    """Tell those who wait for it; how many messages were queued. What is over before its hour comes is not told.

    What is published waits while requests wait on this machine, an outage does not (faults O1).
    Clause: krc-5.7.1-39. Late or twice changes nothing.
    """
    plan = offer.plan_of(profile) or offer.in_browsers(profile)
    if plan is None:
        return 0
    window = Window(plan.start, plan.end, profile.zone)
    seen = [(news, _seen(news, now)) for news in _several(profile, plan, now)]
    if not window.holds(now):
        return 0
    due = [(news, source) for news, source in seen if not source.done_at and not _waits(news)]
    return sum(_tell(source, news, profile, window.closes(now), now) for news, source in due)


def _waits(news: News) -> bool:
    return not news.is_urgent and strain.holds(strain.BULK)


def _seen(news: News, now: dt.datetime) -> NoticeSource:
    since = news.after.seen_at if news.after else now
    row, _made = NoticeSource.objects.get_or_create(key=news.key, defaults={"topic": news.topic, "seen_at": since})
    return row


def _several(profile: Profile, plan: NoticePlan, now: dt.datetime) -> Iterator[News]:
    for topic in plan.topics.values():
        if topic.outages:
            yield from outage_news.several(profile, topic.id, now)
        yield from _pages(profile, topic, now)


def _pages(profile: Profile, topic: NoticeTopic, now: dt.datetime) -> Iterator[News]:
    """Pieces of news, once; other pages each time they are published anew."""
    slots = profile.publication.slots if profile.publication else {}
    for holder in ItemPage.objects.live().filter(slot__in=topic.slots):
        if slots[holder.slot].news:
            fresh = NewsPage.objects.child_of(holder).live().filter(first_published_at__gt=now - FRESH)
            for page in fresh:
                yield News(f"page:{page.pk}", topic.id, page.title, page.words, page.url)
        elif holder.last_published_at and holder.last_published_at > now - FRESH:
            key = f"page:{holder.pk}:{holder.last_published_at.isoformat()}"
            yield News(key, topic.id, holder.title, holder.words, holder.url)


@transaction.atomic
def _tell(source: NoticeSource, news: News, profile: Profile, closes: dt.datetime, now: dt.datetime) -> int:
    """The next who wait for it, in one transaction with how far it has come."""
    held = NoticeSource.objects.select_for_update(skip_locked=True).filter(pk=source.pk, done_at=None).first()
    if held is None:
        return 0
    if not (news.after or held.last or held.last_browser):
        held.seen_at = now  # only now its turn has come: what has changed before is no news to anybody
    rows = topics.wanting(held, BATCH) if offer.plan_of(profile) else []
    wanted = browsers.wanting(held, BATCH)
    told = [row for row in rows if news.concerns(row)]
    silent = topics.hindered(told)
    count = sum(_queued(row, held, news, profile, closes, now) for row in told if row.pk not in silent)
    count += sum(_pushed(one, held, news, profile, closes, now) for one in wanted if news.concerns(one))
    held.last, held.told = rows[-1].pk if rows else held.last, held.told + count
    held.last_browser = wanted[-1].pk if wanted else held.last_browser
    if len(rows) < BATCH and len(wanted) < BATCH:
        held.done_at = now
        data = {"topic": held.topic, "told": held.told}
        journal.record(kind="notices_told", subject_type="notice_source", subject_id=held.pk, data=data, at=now)
    held.save(update_fields=["seen_at", "last", "last_browser", "told", "done_at"])
    return count


def _pushed(
    one: PushSubscription, source: NoticeSource, news: News, profile: Profile, closes: dt.datetime, now: dt.datetime
) -> bool:  # fmt: skip
    """One notice for a browser, however many of its places the news is about; False for a further place."""
    key = f"notice {source.pk} browser {one.address_id}"
    if Push.objects.filter(key=key).exists():
        return False
    more = [f"{settings.SITE_URL}{news.path}"] if settings.SITE_URL else []
    with translation.override(one.address.language):
        title, text = news.heading(profile), news.words(profile)[:TEXT_MAX]
    pushing.queue_push(
        key=key, title=title, text="\n\n".join([text or title, *more]), to=one.address,
        about=f"notice:{source.pk}", expires_at=closes, now=now,
    )  # fmt: skip
    return True


def _queued(
    row: NoticeSubscription, source: NoticeSource, news: News, profile: Profile, closes: dt.datetime, now: dt.datetime
) -> bool:  # fmt: skip
    """One message into its outbox; an address that takes none is passed over."""
    key, about = f"notice {source.pk} {row.pk}", f"notice:{source.pk}"
    leave = f"{row.site}{reverse('notices_leave', args=[row.leave_code])}"
    try:
        with transaction.atomic(), translation.override(row.language):
            if row.way == topics.SMS:
                texts.queue_sms(
                    key=key, phone=row.address, text=_short(row, news, leave, profile), about=about,
                    country=profile.calendar.country, expires_at=closes, employee=None, now=now,
                )  # fmt: skip
            else:
                said = _letter(row, news, leave, profile)
                draft = Draft(news.heading(profile), said, row.language, is_automatic=True, leave_at=leave)
                mail.queue_message(
                    profile=profile, key=key, recipient=row.address, draft=draft, about=about, employee=None, now=now
                )
    except (NotificationError, CorrespondenceError):
        return False
    return True


def _letter(row: NoticeSubscription, news: News, leave: str, profile: Profile) -> str:
    why = gettext("You have subscribed to notices of %(company)s. To get no more of them, open this page: %(link)s")
    said = why % {"company": here.company(profile), "link": leave}
    return "\n\n".join(filter(None, [news.words(profile)[:TEXT_MAX], f"{row.site}{news.path}", said]))


def _short(row: NoticeSubscription, news: News, leave: str, profile: Profile) -> str:
    """Title and page, and how one leaves: by the page, or by the standard's word in an answer."""
    stop = [str(word) for word in (profile.variable("sms", {}) or {}).get("stop") or []]
    end = gettext("No more: answer %(word)s or %(link)s") if stop else gettext("No more: %(link)s")
    words = {"word": stop[0] if stop else "", "link": leave}
    return f"{news.heading(profile)[:TITLE_MAX]}: {row.site}{news.path} {end % words}"
