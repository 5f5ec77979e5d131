"""One more telephone engine with its switchboard, on this machine or another one: a node beside the instance's own."""

import asyncio
import time

from kindline.runtime import instance as instances
from kindline.runtime.instance import Instance
from kindline.runtime.start import NODES_MAX, Start, StartRefusedError, Wish, say

STATE_FILE = "processes-{}.json"


class StartNode(Start):
    """A start of the engine and the switchboard of one node; data and pages are elsewhere."""

    def __init__(self, wish: Wish, instance: Instance) -> None:
        super().__init__(wish, instance, STATE_FILE.format(instance.node))

    async def _come_up(self) -> None:
        began = time.monotonic()
        engine = asyncio.create_task(self._engine(self.instance))
        await self._calls([(self.instance, engine)])
        if not engine.result():
            raise StartRefusedError("without its engine a node is nothing (see above)")
        self.supervisor.announce()
        sip = f"{self.instance.content()['sip_address']}:{self.instance.ports.sip}"
        say(f"Node {self.instance.node} takes calls on sip:{sip} ({time.monotonic() - began:.1f} s).")


def run(wish: Wish, node: int) -> int:
    """Start a node of an instance and stay with it until it is told to stop.

    Raises: InstanceMissingError; StartRefusedError when the number is none of a further node.
    """
    if not 2 <= node <= NODES_MAX:
        raise StartRefusedError(f"{node} is no further node: the first is started by `kindline run`, others are 2 to 9")
    folder = wish.folder.resolve()
    instances.read(folder)
    with instances.locked(folder / f"node-{node}"):
        known = instances.read(folder).with_node(node)
        known.save()
        prepared = known.at(node)
        for path in (prepared.log_folder, prepared.paths["spool"]):
            path.mkdir(exist_ok=True)
        say(f"Kindline {prepared.profile}, node {node} of {prepared.folder}")
        return asyncio.run(StartNode(wish, prepared).run())
