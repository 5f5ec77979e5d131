"""The rig of this folder: started once for tests that leave it whole, anew for those that do not."""

from collections.abc import Iterator

import pytest

from tests.plugins.postgres import Server
from tests.switchboard import rig as rigs
from tests.switchboard.rig import Rig


@pytest.fixture(scope="module")
def rig(pg: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """An engine, a database and two operators; the test starts the switchboard itself."""
    made = rigs.build(tmp_path_factory.mktemp("rig"), pg)
    yield made
    rigs.end(made)
