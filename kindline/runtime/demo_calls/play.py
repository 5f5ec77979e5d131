"""One demonstration call from the first ring to the verdicts."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.utils import timezone

from kindline.runtime.asterisk.tree import Tree
from kindline.runtime.demo_calls import exchange as exchanges
from kindline.runtime.demo_calls import handset as handsets
from kindline.runtime.demo_calls import line as lines
from kindline.runtime.demo_calls import operator as operators
from kindline.runtime.demo_calls import proof, route
from kindline.runtime.demo_calls.cast import Cast, cast
from kindline.runtime.demo_calls.deeds import topic
from kindline.runtime.demo_calls.errors import DemoError, HungUpError
from kindline.runtime.demo_calls.exchange import Exchange
from kindline.runtime.demo_calls.handset import Handset
from kindline.runtime.demo_calls.keys import Keys
from kindline.runtime.demo_calls.line import Line
from kindline.runtime.demo_calls.office import Office
from kindline.runtime.demo_calls.operator import REFUSALS, ScriptedOperator
from kindline.runtime.demo_calls.proof import Proof
from kindline.runtime.demo_calls.route import Press, Route
from kindline.runtime.demo_calls.scenario import Scenario
from kindline.runtime.demo_calls.talk import Talk
from kindline.runtime.demo_calls.transfer import Transfer
from kindline.runtime.demo_calls.voice import Voices
from kindline.staff.models import Employee
from kindline.switchboard.machine.state import Phase
from kindline.switchboard.models import Call as CallRow
from kindline.switchboard.models import Operator

Tell = Callable[[str], None]
BRISK_S = 1.5
MENU_S = 60.0
RATED = "5"
"""What the client presses who is asked how he was served."""
DEPARTMENT = "department"
MUSIC_S, OFFERED_S = 3.0, 150.0
PERSON_ANSWERS_S = 90.0
PERSON_TALKS_S = 1800.0


@dataclass
class Call:
    """One demonstration: what it is made of, and what came of it."""

    office: Office
    scenario: Scenario
    tree: Tree
    tell: Tell
    brisk: bool = False
    contact: UUID | None = None
    by_person: bool = False
    """Whether a person at the desk took it, who does as he thinks right."""
    proofs: list[Proof] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def make(self) -> None:
        """Make the call, finish the contact, wait for the verdicts. Raises: DemoError."""
        with tempfile.TemporaryDirectory(prefix="kl-said-") as folder:
            voices = Voices(self.office.profile.language, Path(folder), quick=self.brisk)
            try:
                WAYS[self.scenario.reach](self, cast(self.office.profile, self.scenario, self.office.client()), voices)
            except REFUSALS as error:
                raise DemoError(f"refused: {error}") from error
        if self.contact is None:
            raise DemoError("no contact came of the call")
        self.office.judged(self.contact)
        self.proofs += proof.kept(self.contact, self.scenario)

    # --- the ways ----------------------------------------------------------------------------------
    def with_person(self, who: Cast, voices: Voices) -> None:
        """The call reaches an operator: a person at the desk if one is ready, else the scripted one."""
        way = route.to_person(self.office.profile)
        person = self.office.person_ready(way.queue)
        if person is not None:
            self._to_real_person(who, voices, way, person)
            return
        crowd = self.office.crowd
        with crowd.staff(lambda: self._staff(way), _employees) as staff, self._outside(staff) as (exchange, line):
            first, second = staff[0], staff[1] if len(staff) > 1 else None
            who.colleague = str(second.employee) if second else ""
            operator = ScriptedOperator(self.office, first.employee, exchange, line)
            colleague = ScriptedOperator(self.office, second.employee, exchange, line) if second else None
            with operator.at_work(), _away_afterwards(colleague):
                self._talk(who, voices, way, operator, Transfer(colleague, self.scenario.to == DEPARTMENT))
            self.refusals += operator.refusals

    def to_voicemail(self, who: Cast, voices: Voices) -> None:
        """Nobody serves now: the client leaves a message."""
        way = route.to_message(self.office.profile)
        with self._outside([]) as (exchange, line):
            with self._called(exchange, line, who, way) as client:
                with client.hearing() as heard:
                    self._through_menu(client, way)
                    self.office.fact(self._contact, "recording_started", 30, leg="voicemail")
                self.proofs.append(proof.heard("the client heard the centre", heard.file, wanted=True))
                client.say(voices.of_client(self.scenario.words("message", voices.language)))
                client.press("#")
                client.ended(30)
            self.office.fact(self._contact, "contact_closed", 30)

    def given_up(self, who: Cast, _voices: Voices) -> None:
        """Nobody is free: the client hears music and hangs up."""
        way = self._way_where_nobody_is()
        with self._outside([]) as (exchange, line):
            with self._called(exchange, line, who, way) as client, self._at_the_head(client, way):
                self._choose(client, way)
                self.office.fact(self._contact, "queue_entered", MENU_S)
                with client.hearing() as heard:
                    client.ended(MUSIC_S)
                self.proofs.append(proof.heard("the client heard music", heard.file, wanted=True))
            self.office.fact(self._contact, "contact_closed", 30)

    def called_instead(self, who: Cast, _voices: Voices) -> None:
        """Nobody is free: after a while the client is offered a call, keeps his place for it, and is let go.

        Nobody can call this telephone: the place is given up at the end.
        """
        way = self._way_where_nobody_is()
        with (
            self._outside([]) as (exchange, line),
            self._called(exchange, line, who, way) as client,
            self._at_the_head(client, way),
        ):
            self._choose(client, way)
            try:
                self._ask_for_a_call(client, who, way.queue)
            finally:
                self.office.give_up_place(self._contact)

    def _ask_for_a_call(self, client: Handset, who: Cast, queue: str) -> None:
        with client.hearing() as heard:
            self.office.fact(self._contact, "callback_offered", OFFERED_S)
            Keys(self.office, self._contact, client, who, self.tell).ask_for_a_call(queue)
            client.ended(30)
        self.proofs.append(proof.heard("the client heard music and the offer", heard.file, wanted=True))
        self.office.fact(self._contact, "contact_closed", 30)

    def by_keys(self, who: Cast, _voices: Voices) -> None:
        """The menu takes what the client types; he hangs up when it has said so."""
        way = route.to_service(self.office.profile, self.scenario.service)
        with self._outside([]) as (exchange, line):
            with self._called(exchange, line, who, way) as client, client.hearing() as heard:
                self._through_menu(client, way)
                Keys(self.office, self._contact, client, who, self.tell).type(self.scenario.service)
            self.proofs.append(proof.heard("the client heard the menu", heard.file, wanted=True))
            self.office.fact(self._contact, "contact_closed", 30)

    def _way_where_nobody_is(self) -> Route:
        """The way to operators none of whom is ready. Raises: DemoError where somebody is."""
        way = route.to_person(self.office.profile)
        person = self.office.person_ready(way.queue)
        if person is not None:
            raise DemoError(f"{person} is ready and would be called: nobody has to wait")
        return way

    # --- the talk ----------------------------------------------------------------------------------
    def _talk(self, who: Cast, voices: Voices, way: Route, operator: ScriptedOperator, transfer: Transfer) -> None:
        script = self.office.script(way.line)
        if script is None:
            raise DemoError(f"the profile {self.office.profile.id} has no guide for calls on {way.line}")
        since = operator.line.mark()
        with self._called(operator.exchange, operator.line, who, way) as client:
            with self._at_the_head(client, way):
                operator.is_now("ready")
                self._choose(client, way)
                phone = operator.pick_up(since)
            phone.brisk_s = client.brisk_s
            operator.contact = self._contact
            self.office.fact(self._contact, "call_answered")
            self.tell(f"answered by {operator.me}")
            operator.begins()
            parts = (self.office, self.scenario, script, who, operator, client, voices, transfer, self.tell)
            talk = Talk(*parts)
            self._lead(talk, client, phone)
            self._end(talk, client)
        self._close(talk, operator)

    def _lead(self, talk: Talk, client: Handset, phone: Handset) -> None:
        with client.hearing() as by_client, phone.hearing() as by_operator:
            talk.opening()
        self.proofs += [
            proof.heard("the client heard the operator", by_client.file, wanted=True),
            proof.heard("the operator heard the client", by_operator.file, wanted=self.scenario.client_speaks),
        ]
        talk.rest()

    def _end(self, talk: Talk, client: Handset) -> None:
        if not talk.over and self.scenario.ends == "operator":
            talk.operator.do("hangup")
            self._rate(client)
        elif not talk.over:
            talk.client_says("thanks")
            client.hang_up()
        client.ended(15)
        self.office.fact(self._contact, "call_ended")
        self.office.wait(lambda: self.office.contact(self._contact).ended_at, 10, "the end of the call to be kept")

    def _rate(self, client: Handset) -> None:
        """The client is asked how he was served, where the profile says so, and answers by a key."""
        if self.office.profile.menu is None or self.office.profile.menu.rating is None:
            return
        asked = CallRow.objects.filter(pk=self._contact, data__opinion__asked=True)
        over = CallRow.objects.filter(pk=self._contact, state=Phase.ENDED)
        self.office.wait(lambda: asked.exists() or over.exists() or None, 10, "the client to be asked or let go")
        if asked.exists():
            client.press(RATED)
            self.tell(f"the client rates the talk: {RATED}")

    def _close(self, talk: Talk, operator: ScriptedOperator) -> None:
        state = operator.guide()
        outcome = self.scenario.outcome_of(talk.script, {one.id: bool(one.lacks) for one in state.outcomes})
        matter = talk.cast.value("matter")
        with self.office.crowd.head:
            operator.do(
                "close", outcome=outcome, topic=topic(talk), summary=matter, skip_reason=self.scenario.skip_reason
            )
            operator.leaves()
        self.tell(f"closed as {outcome}")

    def _to_real_person(self, who: Cast, voices: Voices, way: Route, person: Employee) -> None:
        self.by_person = True
        self.tell(f"{person} is ready at the desk: the call goes to that person (not to the scripted operator)")
        with self._outside([]) as (exchange, line):
            with self._called(exchange, line, who, way) as client:
                self._through_menu(client, way)
                self.office.fact(self._contact, "call_answered", PERSON_ANSWERS_S)
                self.tell("answered: the talk lasts until one of the two hangs up at the desk")
                with client.hearing() as heard, contextlib.suppress(HungUpError):
                    for said in (self.scenario.words("begin", voices.language), who.value("matter")):
                        client.say(voices.of_client(said))
                    client.ended(PERSON_TALKS_S)
                self.proofs.append(proof.heard("the client heard the operator", heard.file, wanted=True))
            self.tell("the call is over: finish the contact at the desk")
            self.office.fact(self._contact, "contact_closed", PERSON_TALKS_S)

    # --- the telephones ----------------------------------------------------------------------------
    @property
    def _contact(self) -> UUID:
        if self.contact is None:
            raise DemoError("no contact came of the call")
        return self.contact

    def _staff(self, way: Route) -> list[Operator]:
        """Who takes the call, and the colleague where the scenario needs one. Raises: DemoError."""
        taken = self.office.crowd.employees
        first = self.office.free_operator(way.queue, but=taken)
        needed = "transfer" in self.scenario.turn
        if not needed:
            return [first]
        of_department = self.scenario.to == DEPARTMENT
        return [first, self.office.colleague(but={*taken, first.employee_id}, of_department=of_department)]

    @contextlib.contextmanager
    def _outside(self, staff: list[Operator]) -> Iterator[tuple[Exchange, Line]]:
        phones = [operators.extension(one) for one in staff]
        port = self.office.instance.ports.sip
        with exchanges.running(self.tree, port, phones) as exchange, lines.connected(exchange) as line:
            yield exchange, line

    @contextlib.contextmanager
    def _called(self, exchange: Exchange, line: Line, who: Cast, way: Route) -> Iterator[Handset]:
        """The client's call, up; hung up at the end whatever happens."""
        began = timezone.now()
        headers = self.office.claimed(self.scenario.moment, way.line, began)
        self.tell(f"{who.client} calls {way.line} from {who.caller}")
        client = handsets.call(exchange, line, way.line, who.caller, headers)
        client.brisk_s = BRISK_S if self.brisk else None
        try:
            client.up()
            self.contact = self.office.contact_from(who.caller, began)
            yield client
        finally:
            client.hang_up()

    def _through_menu(self, client: Handset, way: Route) -> None:
        """Press each key once its level is reached."""
        for press in way.presses:
            self._reach(press)
            self._press(client, press)

    @contextlib.contextmanager
    def _at_the_head(self, client: Handset, way: Route) -> Iterator[None]:
        """Through the menu but for its last key, and then the only one of us who waits in the queue."""
        for press in way.presses[:-1]:
            self._reach(press)
            self._press(client, press)
        for last in way.presses[-1:]:
            self._reach(last)
        with self.office.crowd.head:
            yield

    def _choose(self, client: Handset, way: Route) -> None:
        """The last key, which leads into the queue."""
        for last in way.presses[-1:]:
            self._press(client, last)

    def _reach(self, press: Press) -> None:
        self.office.fact(self._contact, "menu_entered", MENU_S, node=press.node)

    def _press(self, client: Handset, press: Press) -> None:
        client.press(press.digit)
        self.office.fact(self._contact, "menu_choice", 10, node=press.node)
        self.tell(f"pressed {press.digit} at {press.node}")


def _employees(staff: list[Operator]) -> set[int]:
    return {one.employee_id for one in staff}


@contextlib.contextmanager
def _away_afterwards(colleague: ScriptedOperator | None) -> Iterator[None]:
    try:
        yield
    finally:
        if colleague is not None:
            colleague.leaves()


WAYS: dict[str, Callable[[Call, Cast, Voices], None]] = {
    "person": Call.with_person,
    "message": Call.to_voicemail,
    "queue": Call.given_up,
    "callback": Call.called_instead,
    "keys": Call.by_keys,
}
