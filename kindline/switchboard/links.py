"""Links between engines: an operator's phone that is at one of them rings for a call that is at another."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Iterable
from typing import Any

from kindline.switchboard.ari import Ari
from kindline.switchboard.nodes import LINK, Peer

log = logging.getLogger(__name__)


def secret(token: str) -> str:
    """What the engines of one house show each other."""
    return hmac.new(token.encode(), b"link between engines", hashlib.sha256).hexdigest()


def settings_of(peer: Peer, node: str, *, token: str, address: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The engine's objects of a link, in the order in which they must be made: (type, id, fields)."""
    name, password = f"{LINK}{peer.node}", secret(token)
    userpass = {"auth_type": "userpass", "password": password}
    endpoint = {
        "context": "from-node", "transport": "udp", "disallow": "all", "allow": "alaw,ulaw", "dtmf_mode": "rfc4733",
        "direct_media": "no", "rtp_symmetric": "yes", "auth": name, "outbound_auth": f"{name}-out", "aors": name,
        "from_user": f"{LINK}{node}", "trust_id_inbound": "yes", "trust_id_outbound": "yes", "send_pai": "yes",
        "media_address": address, "bind_rtp_to_media_address": "yes", "rtp_timeout": "20", "rtp_timeout_hold": "300",
    }  # fmt: skip
    return [
        ("auth", name, {"username": name, **userpass}),
        ("auth", f"{name}-out", {"username": f"{LINK}{node}", **userpass}),
        ("aor", name, {"contact": f"sip:{peer.sip}"}),
        ("endpoint", name, endpoint),
    ]


async def tell(ari: Ari, peers: Iterable[Peer], node: str, *, token: str, address: str) -> bool:
    """Tell the engine of the other engines; whether it took it all."""
    for peer in peers:
        for type_, name, fields in settings_of(peer, node, token=token, address=address):
            body = {"fields": [{"attribute": key, "value": value} for key, value in fields.items()]}
            answer = await ari.ask("PUT", f"asterisk/config/dynamic/res_pjsip/{type_}/{name}", body=body)
            if not answer.ok:
                log.error("the link to node %s cannot be told to the engine: %s", peer.node, answer.error)
                return False
    return True
