"""Employees, units, roles and skills."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from kindline.staff.entry_models import RefusedEntry
from kindline.staff.factor_models import EmployeeCode, EmployeeFactor, EmployeePasskey, SpentChallenge
from kindline.staff.order_models import CalendarEdit, DayKind, Deputy, FollowedStandard, Signer
from kindline.staff.phone_models import PhoneSetup
from kindline.staff.session_models import EmployeeSession
from kindline.staff.shift_models import BreakKind, Shift, ShiftBreak

__all__ = [
    "Acknowledgement",
    "BreakKind",
    "CalendarEdit",
    "ControlOrder",
    "DayKind",
    "Deputy",
    "Employee",
    "EmployeeCode",
    "EmployeeFactor",
    "EmployeePasskey",
    "EmployeeSession",
    "EmployeeSkill",
    "FollowedStandard",
    "Gender",
    "PhoneSetup",
    "RefusedEntry",
    "Role",
    "Scope",
    "Shift",
    "ShiftBreak",
    "Signer",
    "Skill",
    "SpentChallenge",
    "Token",
    "Unit",
]


class Role(models.TextChoices):
    OPERATOR = "operator"
    COUNTER = "counter"
    SPECIALIST = "specialist"
    SITE_ADMINISTRATOR = "site_administrator"
    SUPERVISOR = "supervisor"
    UNIT_HEAD = "unit_head"
    DIRECTOR = "director"
    ADMINISTRATOR = "administrator"
    SECURITY = "security"


class Gender(models.TextChoices):
    FEMALE = "f"
    MALE = "m"
    UNKNOWN = "u"


class MailWish(models.TextChoices):
    """What an employee wants to get by e-mail; what the standard demands always goes at once."""

    AT_ONCE = "at_once"
    DIGEST = "digest"  # the rest once a working day
    DEMANDED = "demanded"  # nothing beyond it


class Unit(models.Model):
    """An organisational unit; units that interact with clients are in scope of every check (krc-1-01)."""

    code = models.SlugField(unique=True)
    name = models.TextField()
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    interacts_with_clients = models.BooleanField(default=True)
    phone = models.TextField(blank=True)
    address = models.TextField(blank=True)
    hours = models.TextField(blank=True)
    is_office = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """What an operator can serve; a queue asks for skills."""

    code = models.SlugField(unique=True)
    title = models.TextField()

    def __str__(self) -> str:
        return self.title


class Employee(AbstractUser):
    """A member of staff who logs in."""

    number = models.PositiveIntegerField(unique=True, null=True, blank=True)  # the operator number said aloud
    surname = models.TextField(blank=True)
    given_name = models.TextField(blank=True)
    patronymic = models.TextField(blank=True)
    gender = models.CharField(max_length=1, choices=Gender, default=Gender.UNKNOWN)
    position = models.TextField(blank=True)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="employees")
    deputy = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="deputises")
    roles = ArrayField(models.CharField(max_length=24, choices=Role), default=list, blank=True)
    language = models.CharField(max_length=2, default="uk")  # of the interface: uk, ru, en
    phone = models.TextField(blank=True)
    competences = ArrayField(models.TextField(), default=list, blank=True)  # topic codes
    mail_wish = models.CharField(max_length=10, choices=MailWish, default=MailWish.AT_ONCE)
    entry_stamp = models.CharField(max_length=16, blank=True)  # another one ends every session, as a password does
    first_password_until = models.DateTimeField(null=True, blank=True, editable=False)  # another knows it too (ADR 78)
    phone_page = models.CharField(max_length=16, blank=True)  # the open page that has his browser's phone

    def __str__(self) -> str:
        return " ".join(p for p in (self.surname, self.given_name, self.patronymic) if p) or self.username

    def has_role(self, *roles: str) -> bool:
        """Whether the employee holds any of `roles`."""
        return bool(set(roles) & set(self.roles))

    def set_password(self, raw_password: str | None) -> None:
        """Another password is one's own, also by `manage changepassword`; whoever sets a first one says so after it."""
        super().set_password(raw_password)
        self.first_password_until = None

    def check_password(self, raw_password: str | None) -> bool:
        """As Django does; where it only hashes the same password anew, a first one stays a first one."""
        until = self.first_password_until
        is_right = super().check_password(raw_password)
        self.first_password_until = until
        return is_right

    def get_session_auth_hash(self) -> str:
        """What a session carries: it ends with another password, or another second factor."""
        return self.entry_stamp + super().get_session_auth_hash()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under earlier keys of the installation."""
        yield from (self.entry_stamp + one for one in super().get_session_auth_fallback_hash())


class EmployeeSkill(models.Model):
    """How well an employee serves a skill: 1 (learner) to 5 (expert)."""

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="skills", db_index=False)
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE)
    level = models.PositiveSmallIntegerField(default=3)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employee", "skill"], name="employee_skill_once")]

    def __str__(self) -> str:
        return f"{self.employee} {self.skill} {self.level}"


class ControlOrder(models.Model):
    """An order that names those who control the standard; the latest in force holds (krc-7-03)."""

    profile = models.CharField(max_length=16)
    number = models.TextField()
    signed_on = models.DateField()
    valid_from = models.DateField()
    persons = models.ManyToManyField(Employee, related_name="control_orders")
    by = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="entered_orders")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "number", "signed_on"], name="control_order_once")]

    def __str__(self) -> str:
        return self.number


class Acknowledgement(models.Model):
    """An employee has read a version of the standard, and answers for keeping it (krc-7-01, krc-7-02)."""

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="acknowledgements", db_index=False)
    profile = models.CharField(max_length=16)
    version = models.CharField(max_length=32)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["employee", "profile", "version"], name="acknowledgement_once")]

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.profile} {self.version}"


class Scope(models.TextChoices):
    """What a token may be used for; what its owner may do bounds it as well."""

    CREATE = "appeals:create"  # register appeals, read and add to those
    READ = "appeals:read"  # read every appeal
    WRITE = "appeals:write"  # add to every appeal
    WEBHOOKS = "webhooks"  # be told of what happens
    READINGS = "readings:send"  # send meter readings, and answer what is asked back of one's own


class Token(models.Model):
    """A personal token: what a program shows in an employee's name. Only its hash is kept."""

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="tokens")
    title = models.TextField()  # which program uses it
    scopes = ArrayField(models.CharField(max_length=24, choices=Scope), default=list)
    sha256 = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)  # how it begins, to tell one from another
    requests_a_minute = models.PositiveIntegerField(default=600)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)  # to the minute

    def __str__(self) -> str:
        return f"{self.title} ({self.hint}…)"
