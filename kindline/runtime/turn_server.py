"""Whether the TURN servers of the settings carry what two browsers say, for whom, and where to (ASVS 17.1.1)."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from aioice import stun, turn

from kindline.runtime import settings
from kindline.runtime.findings import FAIL, OK, WARN, Finding

SUBJECT = "turn"
ANSWERS_WITHIN_S, REFUSES_WITHIN_S = 5.0, 1.0
ADDRESS = re.compile(r"(turns?):(\[[0-9a-fA-F:]+\]|[^:?/@\[\]]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?", re.ASCII)
"""RFC 7065."""
PORTS = {"turn": 3478, "turns": 5349}
UNAUTHORISED = 401
INSIDE = ("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254")
"""One address of each net that nobody from outside may be carried into: this machine, the house, a cloud's own data."""
DENIED = "docs/administrator.md, `denied-peer-ip`"
Client = turn.TurnClientUdpProtocol | turn.TurnClientTcpProtocol


@dataclass(frozen=True)
class Place:
    """A TURN server as a page names it."""

    url: str
    host: str
    port: int
    is_tcp: bool
    is_tls: bool


class _NoPlaceError(ValueError):
    """What is written is no address of a TURN server."""


def findings(now: dt.datetime) -> Iterator[Finding]:
    """One line a server: each is asked for an allocation, with credentials as the pages hand them out."""
    from kindline.site.consultations.room_pages import ice_servers

    if not settings.ICE["turn"]:
        cure = "for clients at home: run coturn and name it in KINDLINE_TURN_URLS (docs/administrator.md)"
        yield Finding(SUBJECT, OK, "none: two browsers meet in one network or with public addresses only", cure)
    elif not settings.ICE["turn_secret"]:
        yield Finding(SUBJECT, FAIL, "KINDLINE_TURN_SECRET is not set", "set it to coturn's `static-auth-secret`")
    else:
        given = next(one for one in ice_servers("doctor", now) if "credential" in one)
        for url in given["urls"]:
            yield _looked(url, given["username"], given["credential"])


def _looked(url: str, username: str, credential: str) -> Finding:
    """What one server does."""
    try:
        return asyncio.run(_asked(place(url), username, credential))
    except _NoPlaceError:
        cure = "write it as turn:turn.example.org:3478 or turns:turn.example.org:5349 in KINDLINE_TURN_URLS"
        return Finding(SUBJECT, FAIL, f"{url} is no address of a TURN server", cure)
    except stun.TransactionFailed as error:
        return _refused(url, error)
    except ssl.SSLError as error:
        return Finding(SUBJECT, FAIL, f"{url}: {error}", "give it a certificate of this name, with its chain")
    except (OSError, TimeoutError, stun.TransactionError) as error:
        cure = "start it, and let this port through to it; or correct KINDLINE_TURN_URLS"
        return Finding(SUBJECT, FAIL, f"{url} does not answer{_why(error)}", cure)


def _why(error: Exception) -> str:
    return f": {error}" if isinstance(error, OSError) and str(error) else ""


def _refused(url: str, error: stun.TransactionFailed) -> Finding:
    code, reason = error.response.attributes.get("ERROR-CODE", (0, ""))
    if code == UNAUTHORISED:
        cure = "coturn: `use-auth-secret`, `static-auth-secret` as KINDLINE_TURN_SECRET; look at its clock, too"
        return Finding(SUBJECT, FAIL, f"{url} refuses our credentials ({code} {reason})", cure)
    return Finding(SUBJECT, FAIL, f"{url} carries nothing ({code} {reason})", "see its log")


def place(url: str) -> Place:
    """An address of the settings, read. Raises: _NoPlaceError."""
    found = ADDRESS.fullmatch(url)
    if found is None or int(found[3] or 1) not in range(1, 65536):
        raise _NoPlaceError(url)
    scheme, host, port, transport = found.groups()
    is_tls = scheme == "turns"
    return Place(url, host.strip("[]"), int(port or PORTS[scheme]), is_tls or transport == "tcp", is_tls)


async def _asked(where: Place, username: str, credential: str) -> Finding:
    """An allocation, and whom it would carry to. Raises: OSError, TimeoutError, stun.TransactionError."""
    async with asyncio.timeout(ANSWERS_WITHIN_S) as limit, _client(where, username, credential) as client:
        relayed = await client.connect()
        limit.reschedule(asyncio.get_running_loop().time() + ANSWERS_WITHIN_S + len(INSIDE) * REFUSES_WITHIN_S)
        try:
            if client.integrity_key is None:
                cure = "let it ask for credentials: coturn's `use-auth-secret`, no `no-auth`"
                return Finding(SUBJECT, FAIL, f"{where.url} carries for anybody, without a password", cure)
            return _told(where, relayed[0], [one for one in INSIDE if await _carries_to(client, one)])
        finally:
            await client.delete()


@contextlib.asynccontextmanager
async def _client(where: Place, username: str, credential: str) -> AsyncIterator[Client]:
    """A connection to the server."""
    loop, server = asyncio.get_running_loop(), (where.host, where.port)
    words = (server, username, credential, turn.DEFAULT_ALLOCATION_LIFETIME, turn.DEFAULT_CHANNEL_REFRESH_TIME)
    transport: asyncio.BaseTransport
    client: Client
    if where.is_tcp:
        tls = ssl.create_default_context() if where.is_tls else None
        transport, client = await loop.create_connection(lambda: turn.TurnClientTcpProtocol(*words), *server, ssl=tls)
    else:
        transport, client = await loop.create_datagram_endpoint(
            lambda: turn.TurnClientUdpProtocol(*words), remote_addr=server
        )
    try:
        yield client
    finally:
        transport.close()


async def _carries_to(client: Client, peer: str) -> bool:
    """Whether the server would send to this address for us; nothing is sent there. Silence is a refusal too."""
    wish = stun.Message(message_method=stun.Method.CREATE_PERMISSION, message_class=stun.Class.REQUEST)
    wish.attributes["XOR-PEER-ADDRESS"] = (peer, 9)
    try:
        async with asyncio.timeout(REFUSES_WITHIN_S):
            await client.request_with_retry(wish)
    except (stun.TransactionError, TimeoutError):
        return False
    return True


def _told(where: Place, relayed: str, inside: list[str]) -> Finding:
    """What an allocation came to."""
    if inside:
        cure = f"forbid these nets there: {DENIED}"
        return Finding(SUBJECT, WARN, f"{where.url} carries into the house: to {', '.join(inside)}", cure)
    if ipaddress.ip_address(relayed).is_private:
        cure = "coturn behind NAT: `external-ip`; in a house without clients from outside leave it"
        return Finding(SUBJECT, WARN, f"{where.url} gives {relayed}, which no client at home reaches", cure)
    return Finding(SUBJECT, OK, f"{where.url} carries, from {relayed}")
