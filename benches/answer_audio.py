"""bench answer-audio: see kindline.runtime.benches.answer_audio."""

import sys

from kindline.runtime.benches import answer_audio

answer_audio.main(sys.argv[1:])
