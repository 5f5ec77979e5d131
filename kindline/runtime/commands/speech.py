"""`kindline speech`: the words in a text that a standard forbids; the engine and the model that recognise talks."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def add(subparsers: Any) -> None:
    """The command and its options."""
    command = subparsers.add_parser("speech", help="check what was said; install what recognises it")
    verbs = command.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = verbs.add_parser("check", help="reads a text from standard input; prints the hits with their clauses")
    check.add_argument("--profile", required=True, metavar="P")
    check.add_argument("--speaker", choices=("operator", "client"), default="operator")
    check.add_argument("--channel", default="phone", metavar="C")
    check.add_argument(
        "--position", choices=("opening", "any"), default="any", help="opening: the first words of the talk"
    )
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run)
    put = verbs.add_parser("install", help="the optional engine (340 MB) and model (150 MB) that recognise speech")
    put.set_defaults(run=install)
    heard = verbs.add_parser("transcribe", help="prints what is said in a wave file: a trial of the engine")
    heard.add_argument("sound", type=Path, metavar="WAV")
    heard.add_argument("--language", required=True, metavar="L", help="ru or uk")
    heard.set_defaults(run=transcribe)


def install(_chosen: argparse.Namespace) -> int:
    """Bring the engine and the model here; 1 where that is not possible."""
    from kindline.runtime import speech_model

    try:
        speech_model.install(speech_model.folder(), lambda line: print(f"  {line}", flush=True))
    except speech_model.ModelMissingError as error:
        print(f"kindline speech: {error}", file=sys.stderr)
        return 1
    print("now start Kindline with KINDLINE_SPEECH=whisper (docs/how-to/transcripts.md)")
    return 0


def transcribe(chosen: argparse.Namespace) -> int:
    """Print each stretch of speech with its seconds and its confidence; 1 where it cannot be recognised."""
    from kindline.connectors.speech.whisper import Whisper
    from kindline.recordings.engines import SpeechError
    from kindline.runtime import speech_model

    try:
        found = Whisper(str(speech_model.folder())).transcribe(chosen.sound, chosen.language, [""])
    except SpeechError as error:
        print(f"kindline speech: {error}", file=sys.stderr)
        return 1
    for one in found:
        print(f"{one.start:7.1f} {one.end:7.1f} {one.confidence:.2f} {one.text}")
    return 0


def run(chosen: argparse.Namespace) -> int:
    """Print the hits; 1 if there are any that the standard forbids."""
    from kindline.standard import lexicons, loader

    text = sys.stdin.read()
    profile = loader.load(chosen.profile)
    hits = lexicons.check(profile, text, chosen.speaker, chosen.channel, chosen.position)
    if chosen.json:
        print(json.dumps([hit.as_json() for hit in hits], ensure_ascii=False))
    else:
        for hit in hits:
            named = ", ".join([hit.list, hit.clause or "no clause", *([] if hit.role == "forbidden" else [hit.role])])
            print(f"{hit.start}-{hit.end}: {hit.word!r} ({named})")
        print(f"{len(hits)} hit(s)")
    return 1 if any(hit.role == "forbidden" for hit in hits) else 0
