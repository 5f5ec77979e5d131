"""OpenStack Swift with its S3 interface: a real store of objects, one for the run, in a folder and on ports of its own.

It runs from Debian's library (`python3-swift`) by Debian's Python: the packages of the single servers would begin
services of the machine. One copy on one disk, but the four servers of any installation.
"""

import getpass
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from kindline.runtime import ports
from tests.plugins.rude import until

PYTHON = "/usr/bin/python3"
STORING, PROXY = ("account", "container", "object"), "proxy"
KEY, SECRET, BUCKET = "test:kindline", "a-secret-of-this-run", "talks"
PAGE = 5
"""So few contents are listed at once, that lists have pages."""
UP_WITHIN_S = 60
RINGS = """
import sys
from swift.common.ring import RingBuilder
for told in sys.argv[2:]:
    name, port = told.split("=")
    ring = RingBuilder(1, 1, 0)
    ring.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "disk", "weight": 1.0})
    ring.rebalance()
    ring.get_ring().save(f"{sys.argv[1]}/{name}.ring.gz")
"""
SERVE = """
import sys
from swift.common import utils, wsgi
utils.set_swift_dir(sys.argv[1])
sys.exit(wsgi.run_wsgi(*sys.argv[2:], verbose=True))
"""
EVERY = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
devices = {folder}
mount_check = false
disable_fallocate = true
log_level = ERROR
"""
ONE_STORES = "[pipeline:main]\npipeline = {name}-server\n[app:{name}-server]\nuse = egg:swift#{name}\n"
ONE_LEADS = """[pipeline:main]
pipeline = catch_errors cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{nobody}
[filter:s3api]
use = egg:swift#s3api
max_bucket_listing = {page}
[filter:tempauth]
use = egg:swift#tempauth
user_{user} = {secret} .admin
[filter:slo]
use = egg:swift#slo
"""


@dataclass
class Swift:
    """Its four servers: where they lie and listen, and how to be rude to them."""

    folder: Path
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where S3 is spoken."""
        return f"http://127.0.0.1:{self.ports[PROXY]}"

    @property
    def described(self) -> dict[str, Any]:
        """The bucket, as the settings say it."""
        return {
            "class": "kindline.connectors.storage.s3.S3", "url": self.url, "bucket": BUCKET, "key": KEY,
            "secret": SECRET, "prefix": "recordings/",
        }  # fmt: skip

    def contents(self) -> list[Path]:
        """The files in which it keeps the bytes of objects."""
        return sorted((self.folder / "disk" / "objects").rglob("*.data"))

    def start(self, *names: str) -> None:
        """Begin these servers, and wait until each listens."""
        for name in names:
            words = [PYTHON, "-c", SERVE, str(self.folder), str(self.folder / f"{name}.conf"), f"{name}-server"]
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(words, stdout=log, stderr=log, cwd=self.folder)
        for name in names:
            self._wait_for(name)

    def stop(self, *names: str) -> None:
        """End these servers as a machine does that loses its power."""
        for name in names:
            self.processes[name].kill()
            self.processes.pop(name).wait(20)

    def _wait_for(self, name: str) -> None:
        def listens() -> bool:
            assert self.processes[name].poll() is None, f"{name}: {(self.folder / f'{name}.log').read_text()[-2000:]}"
            with socket.socket() as tried:
                return tried.connect_ex(("127.0.0.1", self.ports[name])) == 0

        until(listens, UP_WITHIN_S, f"{name} does not listen")


def make(folder: Path) -> Swift:
    """Its folder with the rings and the settings of each server; nothing is begun."""
    made = Swift(folder, {name: ports.choose() for name in (*STORING, PROXY)})
    (folder / "disk").mkdir()
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = of-this-run\n")
    rings = [f"{name}={made.ports[name]}" for name in STORING]
    done = subprocess.run([PYTHON, "-c", RINGS, str(folder), *rings], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"is python3-swift installed (requirements/debian.txt)? {done.stderr[-2000:]}"
    for name, port in made.ports.items():
        text = EVERY.format(port=port, user=getpass.getuser(), folder=folder)
        text += (ONE_LEADS if name == PROXY else ONE_STORES).format(
            name=name, nobody=ports.choose(), page=PAGE, user=KEY.replace(":", "_"), secret=SECRET
        )
        (folder / f"{name}.conf").write_text(text)
    return made


def client(server: Swift) -> Any:
    """Whoever may do more than the product: makes the bucket, looks into it."""
    return boto3.client(
        "s3", endpoint_url=server.url, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swift]:
    """The servers of the run, begun when the first test asks for them."""
    server = make(tmp_path_factory.mktemp("swift"))
    try:
        server.start(*STORING, PROXY)
        yield server
    finally:
        server.stop(*server.processes)


@pytest.fixture
def bucket(swift: Swift) -> Iterator[dict[str, Any]]:
    """An empty bucket, described as the settings do."""
    made = client(swift)
    made.create_bucket(Bucket=BUCKET)
    yield swift.described
    for page in made.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for one in page.get("Contents", ()):
            made.delete_object(Bucket=BUCKET, Key=one["Key"])
    made.delete_bucket(Bucket=BUCKET)
    made.close()
