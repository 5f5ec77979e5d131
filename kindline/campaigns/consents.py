"""Who is not to be told by a campaign: asked when its list is read, and again before each try."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kindline.campaigns import purposes
from kindline.campaigns.models import Campaign
from kindline.clients import wishes
from kindline.clients.models import Client
from kindline.standard.profile import Profile

NO_SUBSCRIPTION = "no_subscription"


class Consents:
    """What these people wish, read at once; `client` is the id of a card."""

    def __init__(
        self, campaign: Campaign, profile: Profile, *, numbers: Collection[str], clients: Collection[int | None]
    ) -> None:
        self._needed = purposes.consent_of(campaign, profile)
        needs_consent = self._needed == purposes.SURVEYS
        self._barred = wishes.hindrances([one for one in numbers if one], needs_consent=needs_consent)
        rows = Client.objects.filter(pk__in=[one for one in clients if one])
        self._wishes = {one[0]: one[1:] for one in rows.values_list("pk", "do_not_call", "survey_consent", "notices")}

    def hindrance(self, phone: str, client: int | None, ways: Sequence[str]) -> str:
        """Why nobody is told by these ways: do_not_call, no_consent, no_subscription; empty where he may be.

        Clause: krc-5.5.2-06, krc-5.5.2-07, krc-5.5.2-08, krc-5.7.1-39.
        """
        is_barred, has_agreed, notices = self._wishes.get(client or 0, (False, False, []))
        if is_barred or phone in self._barred:
            return wishes.DO_NOT_CALL if is_barred else self._barred[phone]
        if self._needed == purposes.SURVEYS and not (phone or has_agreed):
            return wishes.NO_CONSENT
        wanted = self._needed != purposes.SUBSCRIPTION or set(ways) & set(notices)
        return "" if wanted else NO_SUBSCRIPTION
