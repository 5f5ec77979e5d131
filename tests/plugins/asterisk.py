"""One own Asterisk for the run, in a folder of its own; and more of them for tests that are rude."""

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kindline.runtime import instance, phone
from kindline.runtime.asterisk import engine, layout, provision
from kindline.runtime.asterisk.layout import Values
from kindline.runtime.asterisk.tree import Tree
from kindline.runtime.instance import Instance
from kindline.runtime.launch import Launch


@dataclass
class Asterisk:
    """A running engine of a test."""

    tree: Tree
    instance: Instance
    values: Values
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def folder(self) -> Path:
        """Its configuration, spool and logs."""
        return self.instance.asterisk_folder

    def start(self) -> None:
        """Start it and wait until it takes calls."""
        words = Launch(engine.command(self.tree, self.folder)).words()
        with (self.instance.log_folder / "asterisk.log").open("ab") as log:
            process = subprocess.Popen(words, stdout=log, stderr=log, cwd="/")
        self.process = process
        engine.wait_until_ready(self.tree, self.folder, self.values, alive=lambda: process.poll() is None)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop it (SIGKILL: as a crash)."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(20)

    def ask(self, question: str) -> str:
        """What its console answers."""
        return engine.ask(self.tree, self.folder, question)


def launch(folder: Path, profile: str = "krc") -> Asterisk:
    """An engine of your own in the folder; stop it yourself."""
    try:
        tree = provision.find(lambda _: None)
    except provision.AsteriskMissingError as error:
        pytest.fail(f"tests marked `asterisk` need Asterisk 22: {error}", pytrace=False)
    opened = instance.prepare(folder, profile=profile)
    made = Asterisk(tree, opened, phone.values(opened))
    layout.write(made.folder, tree, made.values)
    made.start()
    return made


@pytest.fixture(scope="session")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    """The engine of this run."""
    made = launch(tmp_path_factory.mktemp("asterisk"))
    yield made
    made.stop()
