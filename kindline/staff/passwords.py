"""Passwords that are guessed before others are refused, however long (ASVS 5.0, 6.2.4, 6.2.11, 6.2.12).

Lists of what leaked hold little of twelve characters or more, and what there is is made of parts: a common word, a
name, a year, a walk over the keyboard, twice the same. So it is counted how many tries the likeliest parts need
(zxcvbn: D. L. Wheeler, USENIX Security 2016), over the password as it is, as its keys, and in Latin letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from kindline.staff.models import Unit

TRIES_MIN = 9.0
"""The logarithm of the tries below which a password is refused: a thousand million."""
SEEN = 32
"""So many characters are looked at: more can only be harder, and cost time that a stranger could make us spend."""
LIST = Path(__file__).with_name("passwords.txt")
KEYS = dict(zip("йцукенгшщзхфывапролджячсмитьбю", "qwertyuiop[asdfghjkl;zxcvbnm,.", strict=True)) | {
    "ъ": "]", "ї": "]", "э": "'", "є": "'", "ё": "`", "і": "s", "ґ": "u",
}  # fmt: skip
LETTERS = dict(zip("абвгдезиійклмнопрстуфыэґ", "abvgdeziiyklmnoprstufyeg", strict=True)) | {
    "ё": "e", "є": "ie", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya",
    "ї": "i", "ъ": "", "ь": "", "'": "",
}  # fmt: skip
UKRAINIAN = str.maketrans("ги", "hy")
WORD = re.compile(r"[^\W\d_]{3,}")
ABOUT = ("username", "surname", "given_name", "patronymic", "first_name", "last_name", "email", "phone", "position")


class NotGuessable:
    """A validator of Django's: what is taken must cost a guesser some effort."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises: ValidationError when it is among what is tried first."""
        if tries(password, words_about(user)) < TRIES_MIN:
            raise ValidationError(
                gettext(
                    "This password is easily guessed: it is made of common words, names, dates or neighbouring keys."
                ),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        """What to take instead."""
        return gettext(
            "Best are several words that have nothing to do with each other: no names, dates or neighbouring keys."
        )


def tries(password: str, about: Iterable[str] = ()) -> float:
    """The logarithm (base 10) of how many tries a guesser needs who knows these words about the owner."""
    from zxcvbn_rs_py import zxcvbn  # noqa: PLC0415 - a password is set seldom

    known = [*dict.fromkeys(one for word in about for one in forms(word)), *common()]
    plain = password[:SEEN].lower()
    views = {password[:SEEN], typed(plain)[:SEEN], spelled(plain)[:SEEN]}
    return min(float(zxcvbn(view, known).guesses_log10) for view in views)


def words_about(user: object) -> list[str]:
    """What a guesser knows: the owner's names, the organisation's units and addresses, the program."""
    own = [str(getattr(user, name, "") or "") for name in ABOUT]
    ours = ["kindline", *settings.ALLOWED_HOSTS, *Unit.objects.values_list("name", flat=True)[:200]]
    return [word for text in (*own, *ours) for word in WORD.findall(text.lower())]


def forms(word: str) -> Iterator[str]:
    """A word as it is, as its keys, and in Latin letters as both languages write it."""
    yield from dict.fromkeys((word, typed(word), spelled(word), spelled(word.translate(UKRAINIAN))))


def typed(text: str) -> str:
    """Cyrillic letters as the Latin ones on the same keys."""
    return "".join(KEYS.get(one, one) for one in text)


def spelled(text: str) -> str:
    """Cyrillic letters in Latin ones, as people write names."""
    return "".join(LETTERS.get(one, one) for one in text) if not text.isascii() else text


@cache
def common() -> tuple[str, ...]:
    """The words of the list in all their forms, the commonest first."""
    lines = [line for line in LIST.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(dict.fromkeys(form for word in " ".join(lines).split() for form in forms(word)))
