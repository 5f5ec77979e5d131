"""How a deadline was derived, said in the profile's language and in English."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kindline.standard.terms import Term

if TYPE_CHECKING:
    from kindline.standard.calendars import WorkingCalendar
    from kindline.standard.deadlines import DeadlineRule
    from kindline.standard.profile import Profile

MONTHS = {
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(),
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня".split(),
    "en": "January February March April May June July August September October November December".split(),
}
WEEKDAYS = {
    "ru": "понедельник вторник среда четверг пятница суббота воскресенье".split(),
    "uk": "понеділок вівторок середа четвер п’ятниця субота неділя".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}
UNITS = {
    "ru": {
        "calendar_days": ("календарный день", "календарных дня", "календарных дней"),
        "working_days": ("рабочий день", "рабочих дня", "рабочих дней"),
        "hours": ("час", "часа", "часов"),
        "minutes": ("минута", "минуты", "минут"),
        "months": ("месяц", "месяца", "месяцев"),
    },
    "uk": {
        "calendar_days": ("календарний день", "календарні дні", "календарних днів"),
        "working_days": ("робочий день", "робочі дні", "робочих днів"),
        "hours": ("година", "години", "годин"),
        "minutes": ("хвилина", "хвилини", "хвилин"),
        "months": ("місяць", "місяці", "місяців"),
    },
    "en": {
        "calendar_days": ("calendar day", "calendar days", "calendar days"),
        "working_days": ("working day", "working days", "working days"),
        "hours": ("hour", "hours", "hours"),
        "minutes": ("minute", "minutes", "minutes"),
        "months": ("month", "months", "months"),
    },
}
Run = tuple[dt.date, dt.date, str]
NAMED_MAX = 8
"""So many days off, or runs of them, are named in a derivation."""
STARTS = {
    "ru": {
        "sent": "отправления",
        "received": "поступления",
        "registered": "регистрации",
        "date_named": "названной даты",
    },
    "uk": {"sent": "надсилання", "received": "надходження", "registered": "реєстрації", "date_named": "названої дати"},
    "en": {"sent": "sending", "received": "receipt", "registered": "registration", "date_named": "the date named"},
}
TEXTS = {
    "ru": {
        "none": "Стандарт не устанавливает срока: нормы нет.",
        "limit": "Срок: {term} с момента {start} ({when}).",
        "target": "Внутренняя цель: {term}, то есть {when}.",
        "not_counted": "День начала не считается.",
        "skipped": "Не считаются нерабочие дни, кроме обычных выходных: {days}.",
        "ends": "Последний день срока: {when}.",
        "moment": "Срок истекает: {when}.",
        "off": "Это нерабочий день{why}: законный срок остаётся, внутренний – рабочий день перед ним, {when}.",
        "end_of_working_day": "Срок: до конца рабочего дня центра; после закрытия и в нерабочий день – следующего.",
        "same_day": "Срок: тот же календарный день ({start}: {when}).",
        "named": "Раньше наступает названный срок: {when}.",
        "date_named": "Срок назван: {when}.",
        "extension": "Продление: не более {times} раз(а) на {term}, не дальше {when}{notice}.",
        "notice": "; заявителя уведомляют до истечения срока",
        "clauses": "Пункты: {clauses}.",
    },
    "uk": {
        "none": "Стандарт не встановлює строку: норми немає.",
        "limit": "Строк: {term} з моменту {start} ({when}).",
        "target": "Внутрішня ціль: {term}, тобто {when}.",
        "not_counted": "День початку не враховується.",
        "skipped": "Не враховуються неробочі дні, крім звичайних вихідних: {days}.",
        "ends": "Останній день строку: {when}.",
        "moment": "Строк спливає: {when}.",
        "off": "Це неробочий день{why}: законний строк залишається, внутрішній – робочий день перед ним, {when}.",
        "end_of_working_day": "Строк: до кінця робочого дня центру; після закриття й у неробочий день – наступного.",
        "same_day": "Строк: той самий календарний день ({start}: {when}).",
        "named": "Раніше настає названий строк: {when}.",
        "date_named": "Строк названо: {when}.",
        "extension": "Продовження: не більше {times} раз(и) на {term}, не далі {when}{notice}.",
        "notice": "; заявника повідомляють до спливу строку",
        "clauses": "Пункти: {clauses}.",
    },
    "en": {
        "none": "The standard sets no limit: there is no norm.",
        "limit": "The limit is {term} from {start} ({when}).",
        "target": "The internal target is {term}: {when}.",
        "not_counted": "The day of the start is not counted.",
        "skipped": "Not counted, besides ordinary weekends: {days}.",
        "ends": "The last day of the term is {when}.",
        "moment": "The term ends {when}.",
        "off": "A day off{why}: the legal limit stays, the internal one is the last working day before it, {when}.",
        "end_of_working_day": "The limit is the end of the working day; after hours or on a day off, of the next one.",
        "same_day": "The limit is the same calendar day ({start}: {when}).",
        "named": "The date named comes first: {when}.",
        "date_named": "The date was named: {when}.",
        "extension": "It may be extended at most {times} time(s) by {term}, no further than {when}{notice}.",
        "notice": "; the applicant is told before the limit passes",
        "clauses": "Clauses: {clauses}.",
    },
}


def plural(count: int, forms: tuple[str, str, str], language: str) -> str:
    """The form that goes with a number: 1 день, 2 дня, 5 дней."""
    if language == "en":
        return forms[0] if count == 1 else forms[1]
    if count % 10 == 1 and count % 100 != 11:
        return forms[0]
    return forms[1] if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else forms[2]


def spoken_term(term: Term, language: str) -> str:
    """A term in words: 30 календарных дней."""
    return f"{term.n} {plural(term.n, UNITS[language][term.unit], language)}"


def spoken_date(day: dt.date, language: str) -> str:
    """A date in words with its day of the week."""
    weekday, month = WEEKDAYS[language][day.weekday()], MONTHS[language][day.month - 1]
    year = {"ru": f"{day.year} г.", "uk": f"{day.year} р.", "en": str(day.year)}[language]
    return f"{day.day} {month} {year}, {weekday}"


def days_off(calendar: WorkingCalendar, first: dt.date, last: dt.date) -> list[Run]:
    """The named days off after `first` up to `last`: from, to, name; those of one name together."""
    runs: list[Run] = []
    for distance in range(1, (last - first).days + 1):
        day = first + dt.timedelta(days=distance)
        why = "" if calendar.is_working_day(day) else calendar.why_off(day)
        if why and runs and runs[-1][2] == why and runs[-1][1] == day - dt.timedelta(days=1):
            runs[-1] = runs[-1][0], day, why
        elif why:
            runs.append((day, day, why))
    return runs


def spoken_days_off(runs: list[Run], language: str) -> str:
    """Days off with their names: 1 января – 6 января (Новогодние каникулы)."""
    more = "…" if len(runs) > NAMED_MAX else ""
    return ", ".join(_spoken_run(*run, language) for run in runs[:NAMED_MAX]) + more


def _spoken_run(first: dt.date, last: dt.date, why: str, language: str) -> str:
    days = [f"{day.day} {MONTHS[language][day.month - 1]}" for day in dict.fromkeys((first, last))]
    return f"{' – '.join(days)} ({why})"


def spoken_moment(moment: dt.datetime, language: str, *, whole: bool) -> str:
    """A date, and the time of the day unless only days count."""
    return spoken_date(moment.date(), language) + ("" if whole else f", {moment:%H:%M}")


def no_norm(language: str) -> str:
    """That the standard has no limit here."""
    return TEXTS[language]["none"]


@dataclass(frozen=True, slots=True)
class Derivation:
    """What was found on the way to a deadline."""

    profile: Profile
    rule: DeadlineRule
    start: dt.datetime
    own: dt.datetime | None
    limit: dt.datetime | None
    target: dt.datetime | None
    whole: bool
    by_name: bool
    internal: dt.date | None
    extended: dt.datetime | None
    skipped: list[Run]

    def steps(self, language: str) -> list[str]:
        """The derivation, a sentence a step."""
        texts = TEXTS[language]
        return [*self._own(texts, language), *self._end(texts, language), *self._after(texts, language)]

    def _own(self, texts: dict[str, str], language: str) -> list[str]:
        rule, started = self.rule, spoken_moment(self.start, language, whole=False)
        start = STARTS[language][rule.start]
        found: list[str] = []
        if rule.rule == "end_of_working_day":
            return [texts["end_of_working_day"]]
        if rule.rule == "same_day":
            return [texts["same_day"].format(start=start, when=started)]
        if rule.limit is not None:
            found.append(texts["limit"].format(term=spoken_term(rule.limit, language), start=start, when=started))
            found += [texts["not_counted"]] if rule.limit.whole_days else []
            found += [texts["skipped"].format(days=spoken_days_off(self.skipped, language))] if self.skipped else []
        elif rule.start == "date_named":
            found.append(texts["date_named"].format(when=started))
        return found

    def _end(self, texts: dict[str, str], language: str) -> list[str]:
        if self.limit is None:
            return [texts["none"]]
        said = spoken_moment(self.limit, language, whole=self.whole)
        if self.by_name:
            return [texts["named"].format(when=said)]
        return [texts["ends" if self.whole else "moment"].format(when=said)]

    def _after(self, texts: dict[str, str], language: str) -> list[str]:
        found = []
        if self.internal is not None and self.limit is not None:
            why = self.profile.calendar.why_off(self.limit.date())
            off = f" ({why})" if why else ""
            found.append(texts["off"].format(why=off, when=spoken_date(self.internal, language)))
        if self.target is not None and self.rule.target is not None:
            said = spoken_moment(self.target, language, whole=self.rule.target.whole_days)
            found.append(texts["target"].format(term=spoken_term(self.rule.target, language), when=said))
        extension = self.rule.extension
        if extension is not None and self.extended is not None:
            term = spoken_term(Term(extension.days, "calendar_days"), language)
            until = spoken_moment(self.extended, language, whole=self.whole)
            notice = texts["notice"] if extension.notice_before else ""
            found.append(texts["extension"].format(times=extension.times, term=term, when=until, notice=notice))
        if self.rule.clauses:
            found.append(texts["clauses"].format(clauses=", ".join(self.rule.clauses)))
        return found
