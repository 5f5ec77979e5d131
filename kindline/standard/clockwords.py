"""Days and times in words, as they are read aloud: no digits, quotes or dashes."""

from __future__ import annotations

import datetime as dt

FROM_DAY = {
    "ru": ("понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья"),
    "uk": ("понеділка", "вівторка", "середи", "четверга", "п’ятниці", "суботи", "неділі"),
}
ON_DAY = {
    "ru": ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье"),
    "uk": ("понеділок", "вівторок", "середу", "четвер", "п’ятницю", "суботу", "неділю"),
}
UNITS_OF = {
    "ru": (
        "ноля одного двух трёх четырёх пяти шести семи восьми девяти десяти одиннадцати двенадцати тринадцати "
        "четырнадцати пятнадцати шестнадцати семнадцати восемнадцати девятнадцати"
    ).split(),
    "uk": (
        "нуля однієї двох трьох чотирьох п’яти шести семи восьми дев’яти десяти одинадцяти дванадцяти тринадцяти "
        "чотирнадцяти п’ятнадцяти шістнадцяти сімнадцяти вісімнадцяти дев’ятнадцяти"
    ).split(),
}
TENS_OF = {
    "ru": ("двадцати", "тридцати", "сорока", "пятидесяти"),
    "uk": ("двадцяти", "тридцяти", "сорока", "п’ятдесяти"),
}
HOUR_UK = (
    "нульової першої другої третьої четвертої п’ятої шостої сьомої восьмої дев’ятої десятої одинадцятої дванадцятої "
    "тринадцятої чотирнадцятої п’ятнадцятої шістнадцятої сімнадцятої вісімнадцятої дев’ятнадцятої двадцятої"
).split()
HISSING = "зсшщчж"
DAYS_OF = {
    "ru": (
        "первого второго третьего четвёртого пятого шестого седьмого восьмого девятого десятого одиннадцатого "
        "двенадцатого тринадцатого четырнадцатого пятнадцатого шестнадцатого семнадцатого восемнадцатого "
        "девятнадцатого двадцатого"
    ).split(),
    "uk": (
        "першого другого третього четвертого п’ятого шостого сьомого восьмого дев’ятого десятого одинадцятого "
        "дванадцятого тринадцятого чотирнадцятого п’ятнадцятого шістнадцятого сімнадцятого вісімнадцятого "
        "дев’ятнадцятого двадцятого"
    ).split(),
}
TWENTY, THIRTIETH = {"ru": "двадцать", "uk": "двадцять"}, {"ru": "тридцатого", "uk": "тридцятого"}
THIRTY = {"ru": "тридцать", "uk": "тридцять"}
MONTHS_OF = {
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(),
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня".split(),
}


def number_of(number: int, language: str) -> str:
    """A number below sixty in the genitive: тридцати пяти."""
    if number < 20:
        return UNITS_OF[language][number]
    tens, units = TENS_OF[language][number // 10 - 2], number % 10
    return tens if units == 0 else f"{tens} {UNITS_OF[language][units]}"


def day_of(day: dt.date, language: str) -> str:
    """A day in the genitive: двадцать первого марта."""
    ordinals, tens = DAYS_OF[language], day.day // 10
    if day.day <= 20:
        said = ordinals[day.day - 1]
    elif day.day == 30:
        said = THIRTIETH[language]
    else:
        said = f"{(TWENTY if tens == 2 else THIRTY)[language]} {ordinals[day.day % 10 - 1]}"
    return f"{said} {MONTHS_OF[language][day.month - 1]}"


def until(time: dt.time, language: str, *, midnight: bool = False) -> str:
    """A time after "from" or "to": восьми часов, восьмої години; `midnight` reads 00:00 as the end of the day."""
    hour = 24 if midnight and time == dt.time(0) else time.hour
    if language == "uk":
        named = HOUR_UK[hour] if hour <= 20 else f"двадцять {HOUR_UK[hour - 20]}"
        minutes = f" {number_of(time.minute, 'uk')} хвилин" if time.minute else ""
        return f"{named} години{minutes}"
    hours = "часа" if hour % 10 == 1 and hour != 11 else "часов"
    minutes = f" {number_of(time.minute, 'ru')} минут" if time.minute else ""
    return f"{number_of(hour, 'ru')} {hours}{minutes}"


def between(start: dt.time, end: dt.time, language: str) -> str:
    """An interval: с восьми часов до двадцати часов."""
    return f"{since(until(start, language), language)} до {until(end, language, midnight=True)}"


def since(words: str, language: str) -> str:
    """ "From", in the form that can be pronounced: со среды, із середи."""
    if language == "uk":
        return f"{'із' if words[0] in HISSING else 'з'} {words}"
    return f"{'со' if words.startswith('вт') else 'с'} {words}"


def days(first: int, last: int, language: str) -> str:
    """A run of days: с понедельника по пятницу; or one of them: в среду."""
    if first == last:
        preposition = "у" if language == "uk" else "во" if first == 1 else "в"
        return f"{preposition} {ON_DAY[language][first]}"
    return f"{since(FROM_DAY[language][first], language)} по {ON_DAY[language][last]}"
