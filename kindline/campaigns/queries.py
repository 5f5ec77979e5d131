"""How campaigns stand: counts by state, who was reached and how, what was answered."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from kindline.appeals.models import Incident
from kindline.campaigns.models import Campaign, CampaignState, Kind, Target, TargetState

DONE = (
    TargetState.REACHED, TargetState.CONFIRMED, TargetState.TO_OPERATOR, TargetState.SENT, TargetState.NOT_REACHED
)  # fmt: skip
REACHED = (TargetState.REACHED, TargetState.CONFIRMED, TargetState.TO_OPERATOR)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many targets of a campaign are in which state."""

    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All targets but those left out."""
        return sum(self.counts.values()) - self.counts.get(TargetState.SKIPPED, 0)

    @property
    def done(self) -> int:
        """Those who are not tried any more."""
        return sum(self.counts.get(state, 0) for state in DONE)

    @property
    def reached(self) -> int:
        """Those who have heard the message or have been asked."""
        return sum(self.counts.get(state, 0) for state in REACHED)

    @property
    def share(self) -> float:
        """The part that is done, in percent."""
        return 100 * self.done / self.total if self.total else 0.0


def campaigns(profile_id: str) -> QuerySet[Campaign]:
    """All campaigns of the standard, the latest first."""
    return Campaign.objects.filter(profile=profile_id).select_related("created_by").order_by("-created_at", "-pk")


def running_surveys(profile_id: str) -> QuerySet[Campaign]:
    """The surveys for which operators call now."""
    return campaigns(profile_id).filter(kind=Kind.SURVEY, state=CampaignState.RUNNING)


def of_incident(incident: Incident) -> QuerySet[Campaign]:
    """The campaigns that tell of an incident, the latest first."""
    return campaigns(incident.profile).filter(incident=incident)


def progress(several: Iterable[Campaign]) -> dict[int, Progress]:
    """How each campaign stands, by its id."""
    ids = [campaign.pk for campaign in several]
    rows = Target.objects.filter(campaign__in=ids).values_list("campaign_id", "state").annotate(n=Count("pk"))
    counts: dict[int, dict[str, int]] = {id_: {} for id_ in ids}
    for campaign, state, n in rows:
        counts[campaign][state] = n
    return {id_: Progress(found) for id_, found in counts.items()}


def targets(campaign: Campaign) -> QuerySet[Target]:
    """The people of a campaign, those called last first, then those who wait."""
    rows = Target.objects.filter(campaign=campaign).select_related("client", "employee")
    return rows.order_by("-called_at", "-written_at", "pk")


def goes_on_at(campaign: Campaign, now: dt.datetime) -> dt.datetime | None:
    """When the next person is tried, where a running campaign waits for hours or a pause; none while one is due."""
    if campaign.state != CampaignState.RUNNING:
        return None
    waiting = campaign.targets.filter(state=TargetState.WAITING)
    earliest = waiting.order_by("next_at").values_list("next_at", flat=True).first()
    return earliest if earliest and earliest > now else None


def by_way(campaign: Campaign) -> list[tuple[str, str, str, int]]:
    """Who was reached and how: for each way and state the last outcome, and how many; none who wait or are left out."""
    done = campaign.targets.filter(state__in=DONE).values_list("way", "state", "outcome").annotate(n=Count("pk"))
    return [(way, state, outcome, n) for way, state, outcome, n in done.order_by("way", "state", "outcome")]


@dataclass(frozen=True, slots=True)
class Tally:
    """A question and how often each answer was given; of free answers only how many."""

    text: str
    answers: Sequence[tuple[str, int]]
    given: int


def tallies(campaign: Campaign) -> Iterator[Tally]:
    """What was answered to each question of a survey."""
    said = list(campaign.targets.exclude(answers={}).values_list("answers", flat=True))
    for number, question in enumerate(campaign.questions):
        counted = Counter(words for answers in said if (words := answers.get(str(number))))
        choices = question.get("choices") or []
        yield Tally(question["text"], [(choice, counted[choice]) for choice in choices], sum(counted.values()))
