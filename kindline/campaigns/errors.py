"""Why something about a campaign is refused; each says what to do."""

from __future__ import annotations


class CampaignError(Exception):
    """What is asked of a campaign cannot be done now."""

    code = "campaign"


class WrongStateError(CampaignError):
    """The campaign is not in a state in which that can be done."""

    code = "state"


class NobodyError(CampaignError):
    """There is nobody to be called: add people first."""

    code = "nobody"


class IncidentOverError(CampaignError):
    """What the campaign tells of is over: nobody is told of it any more."""

    code = "incident_over"


class NotPermittedError(CampaignError):
    """The number must not be called; `reason` is do_not_call or no_consent."""

    code = "not_permitted"

    def __init__(self, reason: str, clauses: tuple[str, ...] = ()) -> None:
        self.reason, self.clauses = reason, clauses
        super().__init__(f"the number must not be called: {reason}")


class NotNowError(CampaignError):
    """People may not be called at this hour, or the person was called meanwhile."""

    code = "not_now"
