"""Run as a program: recognise one sound by faster-whisper, and print what was said as JSON.

    python -m kindline.connectors.speech.listener FOLDER LANGUAGE CHANNELS THREADS SOUND

Its own process, so that a sound at which the engine dies or never ends costs nothing else. It opens no connection: the
model lies in FOLDER. The language is always given, silence is skipped, the temperature is 0 and one stretch does not
lead to the next: what the engine is not sure of it leaves, it does not invent.
"""

from __future__ import annotations

import json
import math
import os
import sys
from typing import Any

BEAM = 5


def main(folder: str, language: str, channels: int, threads: int, sound: str) -> None:
    """Print `[[segment, ...], ...]`: a list for each channel."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    import faster_whisper  # noqa: PLC0415 - an extra, and heavy

    model = faster_whisper.WhisperModel(
        folder, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
    )
    heard = faster_whisper.decode_audio(sound, split_stereo=channels == 2)
    sides = heard if channels == 2 else (heard,)
    print(json.dumps([_recognised(model, side, language) for side in sides], ensure_ascii=False))


def _recognised(model: Any, side: Any, language: str) -> list[dict[str, Any]]:
    found, _ = model.transcribe(
        side, language=language, beam_size=BEAM, temperature=0.0, condition_on_previous_text=False, vad_filter=True,
        word_timestamps=True,
    )  # fmt: skip
    return [_plain(segment) for segment in found if segment.text.strip()]


def _plain(segment: Any) -> dict[str, Any]:
    words = [
        {"start": word.start, "end": word.end, "text": word.word.strip(), "confidence": word.probability}
        for word in segment.words or ()
    ]
    said = {"start": segment.start, "end": segment.end, "text": segment.text.strip()}
    return {**said, "confidence": math.exp(segment.avg_logprob), "words": words}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
