"""Calls under way, operators' states, reservations, commands to the engine, recordings, voicemail."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from kindline.switchboard import browser_models, dialling_models, floor_models  # noqa: F401  # their tables belong to it


class OperatorState(models.TextChoices):
    OFFLINE = "offline"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    HOLD = "hold"
    WATCHING = "watching"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"


class Operator(models.Model):
    """An employee as the dispatcher sees him. `epoch` grows with every change, so that late news is refused."""

    employee = models.OneToOneField(
        "staff.Employee", primary_key=True, on_delete=models.CASCADE, related_name="operator"
    )
    state = models.CharField(max_length=8, choices=OperatorState, default=OperatorState.OFFLINE)
    reason = models.TextField(blank=True)  # of a pause
    since = models.DateTimeField()
    idle_since = models.DateTimeField(null=True, blank=True)  # for longest idle
    until = models.DateTimeField(null=True, blank=True)  # end of wrap-up
    contact_id = models.UUIDField(null=True, blank=True)
    wanted = models.CharField(max_length=8, blank=True)  # paused or offline: asked for in a talk, comes after it
    forced_by = models.ForeignKey(  # who put him into this state, or the wanted one, when it was not himself
        "staff.Employee", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    registered = models.BooleanField(default=False)  # a phone is there
    phones = ArrayField(models.TextField(), default=list, blank=True)  # each as endpoint@node, at which engine it is
    sip_password = models.TextField(blank=True)
    epoch = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.employee_id} {self.state}"


class Call(models.Model):
    """The state of one call in the machine; its id is the contact's id and the client's channel id."""

    id = models.UUIDField(primary_key=True)
    state = models.CharField(max_length=24)
    data = models.JSONField(default=dict)
    owner = models.TextField()  # application name of the switchboard
    node = models.TextField(default="1")  # the engine that carries it; a call lives and dies with it
    queue = models.TextField(blank=True)
    priority = models.SmallIntegerField(default=0)
    enqueued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["queue", "-priority", "enqueued_at"], condition=Q(ended_at=None), name="call_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class Switchboard(models.Model):
    """A process that leads calls; the calls of one that no longer beats are taken over by another."""

    app = models.TextField(primary_key=True)
    host = models.TextField()
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()  # by the clock of the database
    node = models.TextField(default="1")  # the engine that it leads
    address = models.TextField(blank=True)  # host:port where it is asked
    sip = models.TextField(blank=True)  # host:port at which its engine takes calls
    socket = models.TextField(blank=True)  # host:port at which browsers' phones register at its engine
    serving = models.BooleanField(default=False)  # engine and database are there: it can give out calls
    has_left = models.BooleanField(default=False)  # it was stopped, and will be back or not
    skew_s = models.FloatField(default=0)  # how far its machine's clock is ahead of the database's

    def __str__(self) -> str:
        return self.app


class Guess(models.Model):
    """Somebody typed into the menu what is not so: a number that nobody has, a proof that does not agree."""

    caller = models.TextField(blank=True)  # E.164; empty for a hidden number
    service = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at", "caller"], name="guess_lately")]

    def __str__(self) -> str:
        return f"{self.caller} {self.service} {self.at:%F %T}"


class Reservation(models.Model):
    """One operator kept for one call, under a lease; a colleague who is consulted is kept beside him."""

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE)
    call = models.ForeignKey(Call, on_delete=models.CASCADE)
    role = models.CharField(max_length=8, default="operator")  # operator | third
    epoch = models.BigIntegerField()
    made_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator"], condition=Q(released_at=None), name="one_call_an_operator"),
            models.UniqueConstraint(fields=["call", "role"], condition=Q(released_at=None), name="one_operator_a_call"),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} for {self.call_id}"


class Intent(models.Model):
    """A command to the engine: written before it is sent, closed by its outcome, swept when unknown."""

    id = models.UUIDField(primary_key=True)
    call = models.ForeignKey(Call, null=True, blank=True, on_delete=models.CASCADE, related_name="intents")
    command = models.TextField()
    target = models.TextField(blank=True)
    params = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True)  # done | gone | refused | failed | unknown
    outcome_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["made_at"], condition=Q(outcome=""), name="intent_open")]

    def __str__(self) -> str:
        return f"{self.command} {self.target} {self.outcome}"


class Recording(models.Model):
    """One leg of a talk on its own channel (krc-5.5.2-11..14)."""

    contact = models.ForeignKey("conversations.Contact", on_delete=models.PROTECT, related_name="recordings")
    leg = models.CharField(max_length=12)  # client | operator | specialist | supervisor | voicemail
    employee = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT)
    name = models.TextField(unique=True)
    path = models.TextField(blank=True)  # below the instance's recordings folder
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)  # the engine ended it by itself, the talk went on
    duration_s = models.FloatField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    complete = models.BooleanField(default=False)
    retention_until = models.DateField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_there(self) -> bool:
        """Whether it can be heard: it has come to its place, and is not removed."""
        return bool(self.path) and self.removed_at is None


class Reassignment(models.Model):
    """An operator serves another queue for a time, with the levels that it asks for; it ends by itself."""

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="reassignments")
    queue = models.TextField()
    levels = models.JSONField(default=dict)  # skill -> level
    only = models.BooleanField(default=True)  # nothing else meanwhile; else beside his own skills
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator"], condition=Q(ended_at=None), name="one_reassignment_an_operator"
            )
        ]

    def __str__(self) -> str:
        return f"{self.operator_id}: {self.queue} until {self.until:%F %T}"


class Threshold(models.Model):
    """Beyond which value a figure of the wallboard is coloured; set by a person, in place of the profile's own."""

    profile = models.CharField(max_length=16)
    queue = models.TextField(blank=True)  # empty: all queues together
    measure = models.CharField(max_length=16)
    warn = models.FloatField(null=True, blank=True)
    alarm = models.FloatField(null=True, blank=True)
    by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "queue", "measure"], name="threshold_once")]

    def __str__(self) -> str:
        return f"{self.queue}/{self.measure}: {self.warn} {self.alarm}"


class Crossing(models.Model):
    """A figure of the wallboard beyond its threshold, from when it went there until it has stayed back for a while."""

    profile = models.CharField(max_length=16)
    queue = models.TextField(blank=True)
    measure = models.CharField(max_length=16)
    level = models.CharField(max_length=5)  # warn | alarm
    value = models.FloatField()
    limit = models.FloatField()
    began_at = models.DateTimeField()
    back_at = models.DateTimeField(null=True, blank=True)  # within its limit since
    ended_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)  # an e-mail told of it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "queue", "measure", "level"], condition=Q(ended_at=None), name="one_open_crossing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue}/{self.measure} {self.level} {self.value}"


class CrossingNotice(models.Model):
    """A crossing brought to the notice of somebody in charge, once."""

    crossing = models.ForeignKey(Crossing, on_delete=models.CASCADE, related_name="notices", db_index=False)
    employee = models.ForeignKey("staff.Employee", on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["crossing", "employee"], name="crossing_notice_once")]

    def __str__(self) -> str:
        return f"{self.crossing_id} for {self.employee_id}"


class VoicemailOutcome(models.TextChoices):
    REACHED = "reached"  # the client was called back
    REGISTERED = "registered"  # what he asks for is registered: an appeal, readings
    NOT_REACHED = "not_reached"
    NOTHING = "nothing"  # silence, or nothing is asked for


class Voicemail(models.Model):
    """A message left by a client: a piece of work until handled (krc-5.6.6-15, krc-5.6.6-20)."""

    contact = models.ForeignKey("conversations.Contact", on_delete=models.PROTECT, related_name="voicemails")
    box = models.TextField()
    recording = models.ForeignKey(Recording, null=True, blank=True, on_delete=models.PROTECT)
    left_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    overdue_at = models.DateTimeField(null=True, blank=True)  # when it was noticed that its time has passed
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        "staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="voicemails_in_hand"
    )
    callback = models.ForeignKey(
        "conversations.Callback", null=True, blank=True, on_delete=models.PROTECT, related_name="voicemails"
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT)
    outcome = models.CharField(max_length=16, choices=VoicemailOutcome, blank=True)

    def __str__(self) -> str:
        return f"{self.box} {self.left_at:%F %T}"


class MenuState(models.TextChoices):
    DRAFT = "draft"
    APPROVED = "approved"
    DISCARDED = "discarded"


class MenuVersion(models.Model):
    """A voice menu as people have edited it. The first version is the standard's own menu.yaml and has no content."""

    profile = models.CharField(max_length=16)
    number = models.PositiveIntegerField()
    title = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=MenuState, default=MenuState.DRAFT)
    content = models.JSONField(default=dict)  # kindline.standard.menu_drafts
    revision = models.PositiveIntegerField(default=1)  # grows with every change: who edits an older one is told
    based_on = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey("staff.Employee", null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_by = models.ForeignKey("staff.Employee", null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    approved_by = models.ForeignKey("staff.Employee", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "number"], name="menu_version_once"),
            models.CheckConstraint(
                condition=Q(state="approved", approved_at__isnull=False) | ~Q(state="approved"),
                name="menu_version_approved_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile} {self.number}"


class MenuTurn(models.Model):
    """From a moment on a version is the menu that callers hear; a turn that has not come yet can be called off."""

    version = models.ForeignKey(MenuVersion, on_delete=models.PROTECT, related_name="turns")
    from_at = models.DateTimeField()
    set_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    called_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-from_at"], condition=Q(called_off_at=None), name="menu_turn_from")]

    def __str__(self) -> str:
        return f"{self.version} from {self.from_at:%F %T}"


class MenuSound(models.Model):
    """A recorded message of the menu; its file lies among the prompts, named by the hash of what was given."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    way = models.CharField(max_length=12)  # upload | microphone
    name = models.TextField(blank=True)  # of the file that was uploaded
    duration_s = models.FloatField()
    made_by = models.ForeignKey("staff.Employee", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name or self.sha256[:12]


class MenuSwitch(models.Model):
    """An option of a version of the menu switched on or off by hand, without a new version (krc-5.6.6-14)."""

    profile = models.CharField(max_length=16)
    version = models.PositiveIntegerField(default=1)  # its number
    node = models.TextField()
    digit = models.CharField(max_length=1)
    enabled = models.BooleanField()
    employee = models.ForeignKey("staff.Employee", on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "version", "node", "digit"], name="menu_switch_once")]

    def __str__(self) -> str:
        return f"{self.node}/{self.digit} {'on' if self.enabled else 'off'}"
