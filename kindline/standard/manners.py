"""Manners of speech that no list can name: diminutives, orders to the client, the familiar "you"."""

from __future__ import annotations

from collections.abc import Iterator

from kindline.standard.tokens import Token, grammemes, is_noun, lemmas

Span = tuple[int, int]  # first token, token after the last

SUFFIXES = {
    "ru": (
        "очка",
        "ечка",
        "ичка",
        "енька",
        "онька",
        "ушка",
        "юшка",
        "ышко",
        "ишко",
        "ечко",
        "очко",
        "очек",
        "ечек",
        "ичек",
        "чик",
        "ик",
        "ок",
        "ек",
    ),
    "uk": (
        "очка",
        "ечка",
        "ичка",
        "енька",
        "онька",
        "інка",
        "ечко",
        "очко",
        "енько",
        "очок",
        "ечок",
        "ичок",
        "чик",
        "ик",
        "ок",
    ),
}
ENDINGS = ("", "а", "я", "о", "е", "ь", "ка", "ок", "к", "ица", "иця", "ія", "ия")
PLAIN_WORDS = frozenset(
    """карточка лампочка бабушка дедушка девочка точка строчка ручка кнопка пачка очередь рассрочка отсрочка
    звездочка решетка копейка трубка рынок участок остаток подарок срок рисунок кусок потолок порядок выходник
    понедельник вторник четверг счетчик датчик чиновник специалист ящик язык мальчик диспетчерик картка рахунок
    будинок ринок строк початок вівторок понеділок податок залишок підсумок висновок випадок зв’язок дзвінок
    лічильник працівник розрахунок платник боржник власник учасник рядок""".split()
)
ADDRESSED = {
    "ru": frozenset(("вы", "если", "когда", "почему", "что")),
    "uk": frozenset(("ви", "якщо", "коли", "чому", "що")),
}
POLITE = {"ru": ("пожалуйста",), "uk": ("ласка", "прошу")}
FORMULAS = {
    "ru": frozenset(
        (
            "здравствуйте",
            "извините",
            "простите",
            "подскажите",
            "скажите",
            "алло",
            "пожалуйста",
            "будьте",
            "давайте",
            "пусть",
        )
    ),
    "uk": frozenset(("вибачте", "перепрошую", "підкажіть", "скажіть", "даруйте", "будьте", "нехай", "будь")),
}
FAMILIAR = {
    "ru": frozenset("ты тебя тебе тобой тобою твой твоя твое твои твоего твоей твоему твою твоих твоим твоими".split()),
    "uk": frozenset("ти тебе тобі тобою твій твоя твоє твої твого твоєї твоєму твою твоїх твоїм твоїми".split()),
}
NOT_VERBS = frozenset(("будь", "три", "мой", "стекли", "дай", "буде"))


def diminutives(words: list[Token], language: str) -> Iterator[Span]:
    """Nouns with a diminutive suffix whose plain noun is in the dictionary and means the same."""
    for index, token in enumerate(words):
        if any(_is_diminutive(lemma, language) for lemma in lemmas(token.word, language)[:1]):
            yield index, index + 1


def _is_diminutive(lemma: str, language: str) -> bool:
    if lemma in PLAIN_WORDS or len(lemma) < 6:
        return False
    for suffix in SUFFIXES.get(language, ()):
        stem = lemma.removesuffix(suffix)
        if stem != lemma and len(stem) >= 3 and any(_is_base(stem + ending, lemma, language) for ending in ENDINGS):
            return True
    return False


def _is_base(word: str, lemma: str, language: str) -> bool:
    return word != lemma and len(word) < len(lemma) and is_noun(word, language)


def imperatives(words: list[Token], language: str) -> Iterator[Span]:
    """Orders in the plural, unless softened by "please" or part of "if you …"."""
    for index, token in enumerate(words):
        marks = grammemes(token.word, language)
        if not any({"impr", "plur"} <= one for one in marks) or token.word in FORMULAS.get(language, ()):
            continue
        before = {word.word for word in words[max(0, index - 3) : index]}
        around = [word.word for word in words[max(0, index - 2) : index + 3]]
        if not before & ADDRESSED.get(language, frozenset()) and not any(
            word in around for word in POLITE.get(language, ())
        ):
            yield index, index + 1


def familiar(words: list[Token], language: str) -> Iterator[Span]:
    """The familiar "you": its pronouns, and verbs that have no other reading."""
    for index, token in enumerate(words):
        if token.word in FAMILIAR.get(language, ()) or _second_person(token.word, language):
            yield index, index + 1


def _second_person(word: str, language: str) -> bool:
    marks = grammemes(word, language)
    return (
        word not in NOT_VERBS
        and len(word) > 3
        and all({"2per", "sing"} <= one or {"impr", "sing"} <= one for one in marks)
    )


MANNERS = {"diminutive": diminutives, "imperative": imperatives, "ty_form": familiar}
