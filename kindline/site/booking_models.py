"""When specialists consult, what was booked, what two browsers say to each other; how the site's services answered."""

from __future__ import annotations

from django.db import models

from kindline.standard.consultation_data import IN_PERSON, VIDEO

CLIENT, SPECIALIST = "client", "specialist"
SIDES = (CLIENT, SPECIALIST)


class ConsultingHours(models.Model):
    """Hours of a day of the week in which a specialist consults; ended hours stay, so that it is known what held."""

    profile = models.CharField(max_length=16)
    specialist = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="consulting_hours")
    weekday = models.PositiveSmallIntegerField()  # 0: Monday
    start = models.TimeField()
    end = models.TimeField()
    ways = models.JSONField(default=list)  # in_person, video
    centre = models.SlugField(blank=True)  # of the profile, where one comes in person
    subjects = models.JSONField(default=list)  # of the profile; none: all
    since = models.DateField()
    until = models.DateField(null=True, blank=True)  # the last day

    class Meta:
        indexes = [models.Index(fields=["profile", "weekday"], name="consulting_hours_of_day")]

    def __str__(self) -> str:
        return f"{self.specialist_id} {self.weekday} {self.start:%H:%M}-{self.end:%H:%M}"


class Consultation(models.Model):
    """A consultation that a client has booked (krc-5.7.1-42)."""

    key = models.UUIDField(unique=True)  # made with the empty form; who knows it may see, cancel and enter
    profile = models.CharField(max_length=16)
    way = models.CharField(max_length=10, choices=[(IN_PERSON, IN_PERSON), (VIDEO, VIDEO)])
    specialist = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="consultations")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()  # of the slot
    subject = models.SlugField()
    centre = models.SlugField(blank=True)
    surname = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100)
    patronymic = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=254, blank=True)
    problem = models.TextField()
    language = models.CharField(max_length=2)
    address = models.TextField()  # of its page, as the client was told
    sender = models.CharField(max_length=64, blank=True)  # a keyed hash of the network address
    browser = models.CharField(max_length=64, blank=True)  # the same of the browser there
    made_at = models.DateTimeField()
    login = models.ForeignKey(
        "clients.Login", null=True, blank=True, on_delete=models.SET_NULL, related_name="consultations"
    )  # from whose account it was booked
    reminded_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)  # why it was cancelled
    contact = models.OneToOneField(
        "conversations.Contact", null=True, blank=True, on_delete=models.SET_NULL, related_name="consultation"
    )
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    missed_by = models.CharField(max_length=10, blank=True)  # client, specialist, both
    client_page = models.CharField(max_length=36, blank=True)  # the page that is open there: made anew with each
    client_seen_at = models.DateTimeField(null=True, blank=True)
    specialist_page = models.CharField(max_length=36, blank=True)
    specialist_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["specialist", "starts_at"],
                condition=models.Q(cancelled_at=None),
                name="one_consultation_a_slot",
            )
        ]
        indexes = [
            models.Index(fields=["sender", "-made_at"], name="consultation_by_sender"),
            models.Index(
                fields=["starts_at"],
                condition=models.Q(cancelled_at=None, ended_at=None),
                name="consultation_to_come",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Its number, as it is told."""
        return f"{self.profile}-C-{self.pk:05d}"


class VideoSignal(models.Model):
    """What one browser tells the other, so that sound and picture find their way; gone with the session."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="signals", db_index=False)
    side = models.CharField(max_length=10)  # who says it
    page = models.CharField(max_length=36)  # which page of his
    to_page = models.CharField(max_length=36)
    kind = models.CharField(max_length=10)  # offer, answer, candidate
    body = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["consultation", "to_page", "id"], name="video_signal_for_page")]

    def __str__(self) -> str:
        return f"{self.side}: {self.kind}"


class ServiceDay(models.Model):
    """How often a service of the site was looked at on a day, and how often it did not answer (krc-5.7-17)."""

    service = models.SlugField(db_index=False)
    day = models.DateField()
    checks = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True, blank=True)
    down_since = models.DateTimeField(null=True, blank=True)  # it does not answer since then

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "day"], name="service_day_once")]

    def __str__(self) -> str:
        return f"{self.service} {self.day}"
