"""Who wants notices by e-mail or SMS without an account, of what and where; and what such notices went out about."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class NoticeSubscription(models.Model):
    """A wish to be told (krc-5.7.1-39): nothing is sent before it is confirmed; who leaves is kept nowhere."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)  # of its page, known to who asked
    leave_code = models.CharField(max_length=32, unique=True)  # in every message: who has it may leave
    way = models.CharField(max_length=5, choices=[("email", "email"), ("sms", "sms")])
    address = models.TextField()  # an e-mail address in small letters, or a number (E.164)
    topics = ArrayField(models.SlugField())  # as the profile names them
    street = models.TextField(blank=True)  # empty: everywhere
    house = models.TextField(blank=True)
    language = models.CharField(max_length=2)
    site = models.TextField()  # by which address he reaches the site: links in messages lead there
    sender = models.CharField(max_length=64, blank=True)  # a keyed hash of the network address
    browser = models.CharField(max_length=64, blank=True)  # the same of the browser there
    digest = models.CharField(max_length=64, blank=True)  # of the code that confirms; the code itself is kept nowhere
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["way", "address", "street", "house"], condition=~Q(confirmed_at=None), name="notices_once"
            ),
            models.CheckConstraint(condition=Q(house="") | ~Q(street=""), name="notices_house_of_a_street"),
        ]
        indexes = [
            models.Index(fields=["address", "-made_at"], name="notices_address"),
            models.Index(fields=["made_at"], condition=Q(confirmed_at=None), name="notices_unconfirmed"),
        ]

    def __str__(self) -> str:
        return f"{self.way} {', '.join(self.topics)}"


class NoticeSource(models.Model):
    """A piece of news or an outage of which subscribers are told, each once; how far that has come."""

    key = models.TextField(unique=True)  # page:12, incident:3
    topic = models.SlugField()
    seen_at = models.DateTimeField()  # it was found, then: its telling began; who had confirmed by then is told
    last = models.BigIntegerField(default=0)  # the subscription up to which it was told
    last_browser = models.BigIntegerField(default=0)  # the same of what is wanted in browsers
    told = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key
