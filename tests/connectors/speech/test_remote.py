"""A server of the organisation's own, asked over HTTP: a real one of the test, in the common form of transcription."""

import json
import threading
import wave
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from kindline.connectors.speech.remote import Remote
from kindline.recordings.engines import SpeechError, UnreadableSoundError


class Server(HTTPServer):
    """What it is told to answer, and what it was asked."""

    answer: Any
    status = 200
    asked: list[dict[str, Any]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = [part for part in BytesParser().parsebytes(head + body).get_payload() if isinstance(part, Message)]
        fields = {str(part.get_param("name", header="content-disposition")): _payload(part) for part in parts}
        self.server.asked.append({"path": self.path, "key": self.headers["Authorization"], **fields})
        said = json.dumps(self.server.answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        """Quietly."""


def _payload(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    assert isinstance(found, bytes)
    return found


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.asked = []
    thread = threading.Thread(target=made.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.shutdown()
    thread.join(10)
    made.server_close()


def engine(server: Server) -> Remote:
    return Remote(f"http://127.0.0.1:{server.server_port}/", "large-v3", "secret")


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Two sides: the left one is all ones, the right one all twos."""
    path = tmp_path / "talk.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\x01\x00\x02\x00" * 800)
    return path


def test_each_side_is_sent_by_itself_and_its_words_are_told(server: Server, sound: Path) -> None:
    word = {"start": 0.1, "end": 0.4, "word": " Алло", "probability": 0.25}
    server.answer = {"segments": [{"start": 0, "end": 1, "text": " Алло", "avg_logprob": 0.0}], "words": [word]}
    found = engine(server).transcribe(sound, "uk", ["client", "operator"])
    assert [(one.speaker, one.text, one.confidence) for one in found] == [
        ("client", "Алло", 1),
        ("operator", "Алло", 1),
    ]
    assert [(one.text, one.confidence) for one in found[0].words] == [("Алло", 0.25)]
    first, second = server.asked
    assert (first["path"], first["key"], first["model"]) == ("/v1/audio/transcriptions", "Bearer secret", b"large-v3")
    assert (first["language"], first["response_format"], first["temperature"]) == (b"uk", b"verbose_json", b"0")
    assert (first["file"][44:48], second["file"][44:48]) == (b"\x01\x00\x01\x00", b"\x02\x00\x02\x00")


def test_what_a_server_says_no_confidence_of_is_not_sure(server: Server, sound: Path) -> None:
    server.answer = {"segments": [{"start": 0, "end": 1, "text": "Алло"}, {"start": 1, "end": 2, "text": " "}]}
    found = engine(server).transcribe(sound, "uk", ["client", "operator"])
    assert [(one.text, one.confidence, one.words) for one in found] == [("Алло", 0.5, ())] * 2


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (200, [], SpeechError),
        (200, {"segments": [{"text": "x"}]}, SpeechError),
        (503, {}, SpeechError),
        (401, {}, SpeechError),
        (415, {"error": "no sound"}, UnreadableSoundError),
    ],
)
def test_a_failure_says_whether_it_is_the_sounds(
    status: int, answer: Any, kind: type[SpeechError], server: Server, sound: Path
) -> None:
    server.status, server.answer = status, answer
    with pytest.raises(SpeechError) as told:
        engine(server).transcribe(sound, "uk", ["client", "operator"])
    assert type(told.value) is kind


def test_a_server_that_is_away_is_asked_again_later(server: Server, sound: Path) -> None:
    port = server.server_port
    server.server_close()
    with pytest.raises(SpeechError) as told:
        Remote(f"http://127.0.0.1:{port}", "m").transcribe(sound, "uk", ["client", "operator"])
    assert type(told.value) is SpeechError
