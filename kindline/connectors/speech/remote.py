"""A server of the organisation's own that speaks the common form of transcription over HTTP.

`POST <address>/v1/audio/transcriptions`, multipart, answered as `verbose_json`: segments with `start`, `end`, `text`,
`avg_logprob` (missing: 0.5 of confidence), and words with `start`, `end`, `word`, `probability` where it tells them.
Channels are sent one by one, so that who speaks is known.
"""

from __future__ import annotations

import array
import json
import math
import secrets
import tempfile
import urllib.error
import urllib.request
import wave
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kindline.recordings.engines import Said, Segment, SpeechError, UnreadableSoundError

TIMEOUT_S = 600
UNKNOWN = 0.5
"""The confidence of what a server says no confidence of."""
REFUSED = (400, 413, 415, 422)
ANSWER_MAX = 20 * 1024 * 1024


class Remote:
    """A server by its address; `key` is sent as a bearer token."""

    name = "http"

    def __init__(self, url: str, model: str, key: str = "") -> None:
        self.url, self.model, self.key = url.rstrip("/"), model, key

    def lacking(self) -> str:
        """What is missing to work; whether the server answers is seen when it is asked."""
        return "" if self.url.startswith(("http://", "https://")) else f"KINDLINE_SPEECH is no address: {self.url}"

    def transcribe(self, audio: Path, language: str, channels: Sequence[str]) -> list[Segment]:
        """What is said in a sound. Raises: SpeechError; UnreadableSoundError for what the server refuses."""
        with tempfile.TemporaryDirectory(prefix="kindline-speech-") as folder:
            sides = _sides(audio, len(channels), Path(folder))
            found = [one for side, who in zip(sides, channels, strict=True) for one in self._side(side, language, who)]
        return sorted(found, key=lambda segment: (segment.start, segment.speaker))

    def _side(self, audio: Path, language: str, speaker: str) -> list[Segment]:
        told = self._asked(audio.read_bytes(), language)
        try:
            words = [_word(one) for one in told.get("words") or ()]
            found = [_segment(one, words, speaker) for one in told.get("segments") or ()]
        except (KeyError, TypeError, ValueError) as error:
            raise SpeechError(f"{self.url} answers in another form: {error!r}") from error
        return [segment for segment in found if segment.text]

    def _asked(self, sound: bytes, language: str) -> dict[str, Any]:
        fields: dict[str, str | tuple[str, ...]] = {
            "model": self.model, "language": language, "temperature": "0", "response_format": "verbose_json",
            "timestamp_granularities[]": ("segment", "word"),
        }  # fmt: skip
        boundary = secrets.token_hex(16)
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        headers |= {"Authorization": f"Bearer {self.key}"} if self.key else {}
        body = b"".join(_parts(fields, sound, boundary))
        request = urllib.request.Request(f"{self.url}/v1/audio/transcriptions", body, headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - an address of the settings
                told = json.loads(answer.read(ANSWER_MAX))
        except urllib.error.HTTPError as error:
            kind = UnreadableSoundError if error.code in REFUSED else SpeechError
            raise kind(f"{self.url} answers {error.code}: {error.read(300).decode(errors='replace')}") from error
        except (OSError, ValueError) as error:
            raise SpeechError(f"{self.url}: {error}") from error
        if not isinstance(told, dict):
            raise SpeechError(f"{self.url} answers in another form")
        return told


def _parts(fields: dict[str, str | tuple[str, ...]], sound: bytes, boundary: str) -> Iterator[bytes]:
    for name, value in fields.items():
        for one in value if isinstance(value, tuple) else (value,):
            yield f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{one}\r\n'.encode()
    yield f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="talk.wav"\r\n'.encode()
    yield b"Content-Type: audio/wav\r\n\r\n" + sound + f"\r\n--{boundary}--\r\n".encode()


def _sides(audio: Path, channels: int, folder: Path) -> list[Path]:
    """Each channel as a sound of its own. Raises: UnreadableSoundError."""
    if channels == 1:
        return [audio]
    try:
        with wave.open(str(audio)) as file:
            rate, samples = file.getframerate(), array.array("h", file.readframes(file.getnframes()))
    except (OSError, wave.Error, EOFError) as error:
        raise UnreadableSoundError(f"{audio.name} is no sound: {error}") from error
    made = []
    for place in range(channels):
        made.append(folder / f"{place}.wav")
        with wave.open(str(made[-1]), "wb") as side:
            side.setparams((1, 2, rate, 0, "NONE", ""))
            side.writeframes(samples[place::channels].tobytes())
    return made


def _word(told: dict[str, Any]) -> Said:
    text = str(told.get("word", told.get("text", ""))).strip()
    return Said(float(told["start"]), float(told["end"]), text, float(told.get("probability", UNKNOWN)))


def _segment(told: dict[str, Any], words: Sequence[Said], speaker: str) -> Segment:
    start, end = float(told["start"]), float(told["end"])
    sure = math.exp(min(0.0, float(told["avg_logprob"]))) if told.get("avg_logprob") is not None else UNKNOWN
    own = [_word(one) for one in told.get("words") or ()] or [word for word in words if start <= word.start < end]
    return Segment(start, end, str(told["text"]).strip(), speaker, sure, tuple(own))
