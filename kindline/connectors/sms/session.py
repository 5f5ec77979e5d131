"""One session with a centre by SMPP 3.4: the library keeps the line, we keep what is asked and what is told.

The library's own reading of receipts and parts is not used: it keeps parts in memory only, and a receipt written in an
unusual way ends its session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from struct import pack_into, unpack_from

from aiosmpplib import ESME, DeliverSm, PhoneNumber, SubmitSm
from aiosmpplib.broker import AbstractBroker
from aiosmpplib.correlator import AbstractCorrelator
from aiosmpplib.hook import AbstractHook
from aiosmpplib.protocol import GenericNack, SmppMessage, SubmitSmResp
from aiosmpplib.retrytimer import SimpleExponentialBackoff
from aiosmpplib.state import NPI, TON, PduHeader, SmppCommand, SmppCommandStatus
from aiosmpplib.throttle import AbstractThrottleHandler

from kindline.connectors.sms import deliveries
from kindline.notifications.errors import RefusedError, UnknownOutcomeError, UnreachableError
from kindline.notifications.wires import News, Piece

HEADER = 16
UDHI = 0b01000000
LATER = frozenset(
    {
        SmppCommandStatus.ESME_RTHROTTLED, SmppCommandStatus.ESME_RMSGQFUL, SmppCommandStatus.ESME_RSYSERR,
        SmppCommandStatus.ESME_RX_T_APPN, SmppCommandStatus.ESME_RINVBNDSTS,
    }
)  # fmt: skip
"""Refusals that may change by themselves: surely not taken, tried again."""
STATUSES = {status.value for status in SmppCommandStatus}
COMMANDS = {command.value for command in SmppCommand}


@dataclass(eq=False)
class Asked:
    """A message that was given to the session, and whether it has left us."""

    message: SubmitSm
    answer: asyncio.Future[str]
    has_left: bool = False


class Session(ESME):
    """A transceiver that hands every message over once and takes nothing before it is kept."""

    def __init__(
        self, host: str, port: int, user: str, password: str, keep: Callable[[News], Awaitable[None]], pause_ms: int
    ) -> None:
        self.keep = keep
        self.waiting: asyncio.Queue[Asked] = asyncio.Queue()
        self.asked: dict[int, Asked] = {}
        self.line: asyncio.StreamWriter | None = None
        super().__init__(
            smsc_host=host, smsc_port=port, system_id=user, password=password, enquire_link_interval=30.0,
            log_level="WARNING", hook=_Ear(self), broker=_Row(self), correlator=_Book(self),
            throttle_handler=_Unhurried(), socket_timeout=20.0,
            retry_timer=SimpleExponentialBackoff(min_delay=pause_ms, max_increases=5),
        )  # fmt: skip

    @property
    def is_bound(self) -> bool:
        """Whether the centre has let us in."""
        return bool(self._bound.is_set())

    async def submit(self, piece: Piece, sender: str, patience_s: float) -> str:
        """Hand over one message and wait for its id. Raises: UnreachableError, RefusedError, UnknownOutcomeError."""
        asked = Asked(_message(piece, sender), asyncio.get_running_loop().create_future())
        await self.waiting.put(asked)
        try:
            return await asyncio.wait_for(asked.answer, patience_s)
        except TimeoutError as error:
            if asked.has_left:
                raise UnknownOutcomeError("the centre has not answered") from error
            raise UnreachableError("the centre is not there") from error

    async def connect(self) -> None:
        """Connect anew; what had left us on the old line and was not answered is known no more."""
        for asked in self.asked.values():
            _fail(asked, UnknownOutcomeError("the line was cut before the centre answered"))
        self.asked.clear()
        self.hang_up()
        try:
            await super().connect()
        finally:
            self.line = self._writer

    def hang_up(self) -> None:
        """Close the line; the library leaves it half open."""
        if self.line is not None:
            self.line.close()
        self.line = None

    async def _get_pdu(self) -> tuple[bytes, PduHeader]:
        """The next message of the centre; statuses of its own making are read as an unknown error."""
        head = bytearray(await self._reader.readexactly(HEADER))
        length, command, status, _ = unpack_from("!IIII", head)
        body = await self._reader.readexactly(length - HEADER)
        if status not in STATUSES:
            pack_into("!I", head, 8, SmppCommandStatus.ESME_RUNKNOWNERR)
        if command not in COMMANDS:
            raise ValueError(f"the centre speaks of {command:#x}")
        return bytes(head) + body, self.header(bytes(head))

    @staticmethod
    def header(head: bytes) -> PduHeader:
        """The first sixteen octets."""
        return SmppMessage.parse_header(head)

    async def _handle_request(self, pdu: bytes, header: PduHeader) -> SmppMessage | None:
        """News is kept before the centre is told that it was taken; else the line is cut, and it comes again."""
        if header.smpp_command != SmppCommand.DELIVER_SM:
            return await super()._handle_request(pdu, header)
        await self.keep(deliveries.news(pdu))
        return DeliverSm(sequence_num=header.sequence_num, short_message="-")


def _message(piece: Piece, sender: str) -> SubmitSm:
    content, esm_class = deliveries.encoded(piece.text, piece.coding), 0
    if piece.total > 1:
        content = bytes([5, 0, 3, piece.reference, piece.total, piece.number]) + content
        esm_class = UDHI
    made = SubmitSm(
        short_message=piece.text, source=_source(sender), log_id=str(piece.key), esm_class=esm_class,
        destination=PhoneNumber(piece.phone.lstrip("+"), TON.INTERNATIONAL, NPI.ISDN),
        encoding=None if piece.coding == "gsm" else "ucs2", registered_delivery=1,
    )  # fmt: skip
    made.set_encoded_message(content)
    return made


def _source(sender: str) -> PhoneNumber:
    plain = sender.lstrip("+")
    if not plain.isdecimal():
        return PhoneNumber(plain, TON.ALPHANUMERIC, NPI.UNKNOWN)
    return PhoneNumber(plain, TON.INTERNATIONAL if len(plain) > 6 else TON.ABBREVIATED, NPI.ISDN)


def _fail(asked: Asked, error: Exception) -> None:
    if not asked.answer.done():
        asked.answer.set_exception(error)


class _Row(AbstractBroker):
    """The messages that wait to be handed over; who gave up waiting is passed by."""

    def __init__(self, session: Session) -> None:
        self.session = session

    async def enqueue(self, message: SmppMessage) -> None:
        raise NotImplementedError("messages come by Session.submit")

    async def dequeue(self) -> SmppMessage:
        while True:
            asked = await self.session.waiting.get()
            if not asked.answer.done():
                asked.message.kindline_asked = asked
                return asked.message


class _Ear(AbstractHook):
    """What leaves, and what the centre answers."""

    def __init__(self, session: Session) -> None:
        self.session = session

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:  # noqa: ARG002
        asked = getattr(smpp_message, "kindline_asked", None)
        if asked is not None:
            asked.has_left = True
            self.session.asked[smpp_message.sequence_num] = asked

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:  # noqa: ARG002
        if not isinstance(smpp_message, SubmitSmResp | GenericNack):
            return
        asked = self.session.asked.pop(smpp_message.sequence_num, None)
        if asked is None or asked.answer.done():
            return
        status = smpp_message.command_status
        if isinstance(smpp_message, SubmitSmResp) and status == SmppCommandStatus.ESME_ROK:
            asked.answer.set_result(smpp_message.message_id)
        elif status in LATER:
            _fail(asked, UnreachableError(f"the centre refuses for now: {status.description}"))
        else:
            _fail(asked, RefusedError(status.description))

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:  # noqa: ARG002
        asked = getattr(smpp_message, "kindline_asked", None)
        if asked is None:
            return
        if isinstance(error, ValueError):
            _fail(asked, RefusedError(f"it cannot be written as a short message: {error}"))
        elif not asked.has_left:
            _fail(asked, UnreachableError(str(error)))


class _Book(AbstractCorrelator):
    """Which request an answer belongs to; parts and receipts are none of its business."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.requests: dict[int, SmppMessage] = {}

    def get_cumulated_status(self, ref_num: int) -> int:  # noqa: ARG002
        return 0

    async def expired(self, smpp_message: SmppMessage) -> None:
        """Nothing expires here: who asks has patience of his own."""

    async def put(self, smpp_message: SmppMessage) -> None:
        self.requests[smpp_message.sequence_num] = smpp_message
        while len(self.requests) > BOOK_MAX:
            self.requests.pop(next(iter(self.requests)))

    async def put_delivery(self, smsc_message_id: str, submit_sm: SubmitSm) -> None:
        """Receipts are matched in the database."""

    async def put_delivery_segmented(self, deliver_sm: DeliverSm) -> DeliverSm | None:
        return deliver_sm

    async def get(self, response: SmppMessage) -> SmppMessage | None:
        asked = self.session.asked.get(response.sequence_num)
        return self.requests.pop(response.sequence_num, None) or (asked.message if asked else None)

    async def get_segmented(self, smpp_seq_num: int, remove: bool = False) -> tuple[None, int]:  # noqa: ARG002
        return None, 0

    async def get_delivery(self, receipt: DeliverSm) -> SubmitSm | None:  # noqa: ARG002
        return None


BOOK_MAX = 1000


class _Unhurried(AbstractThrottleHandler):
    """A centre that asks for less is given less by the outbox, which puts off what was not taken."""

    async def throttled(self) -> None:
        """The outbox learns it by the refusal itself."""

    async def not_throttled(self) -> None:
        """Nothing to remember."""

    async def allow_request(self) -> bool:
        return True

    async def throttle_delay(self) -> float:
        return 0.0
