"""A contact is one and the same thing on every channel; remote ones need nobody to come."""

import datetime as dt

import pytest

from kindline.conversations import actions
from kindline.conversations.models import Contact
from kindline.journal.queries import facts_of
from kindline.standard import loader

pytestmark = pytest.mark.db
REMOTE = ["phone", "paper", "email", "web", "account"]


@pytest.mark.clause("krc-2-08")
@pytest.mark.parametrize("channel", REMOTE)
def test_a_remote_contact_says_by_which_way_it_came(channel: str, now: dt.datetime) -> None:
    krc = loader.load("krc")
    contact = actions.open_contact(profile=krc, channel=channel, now=now)
    actions.open_contact(profile=krc, channel="office", now=now)
    kept = Contact.objects.get(channel__in=REMOTE)
    assert (kept, kept.channel, kept.started_at) == (contact, channel, now)
    assert facts_of("contact", contact.pk).get(kind="contact_opened").data["channel"] == channel


@pytest.mark.clause("krc-2-08")
@pytest.mark.parametrize("channel", REMOTE)
def test_a_remote_contact_is_closed_with_its_outcome_on_every_channel(channel: str, now: dt.datetime) -> None:
    contact = actions.open_contact(profile=loader.load("krc"), channel=channel, now=now)
    actions.close_unserved(contact=contact, outcome="abandoned", now=now + dt.timedelta(minutes=1))
    closed = Contact.objects.get(pk=contact.pk)
    assert (closed.outcome, closed.closed_at) == ("abandoned", now + dt.timedelta(minutes=1))
    assert facts_of("contact", contact.pk).get(kind="contact_closed").data["outcome"] == "abandoned"
