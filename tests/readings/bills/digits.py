"""Check digits of the requisites by which bills are paid."""

from __future__ import annotations

WEIGHTS = (7, 1, 3)
INN_WEIGHTS = (2, 4, 10, 3, 5, 9, 4, 6, 8)


def is_russian_account(account: str, bank: str) -> bool:
    """Whether the key of a settlement account agrees with the bank's code (three sevens, ones and threes)."""
    return len(account) == 20 and _weighed(bank[-3:] + account) == 0


def is_russian_bank_account(account: str, bank: str) -> bool:
    """The same of a bank's own account at the central bank."""
    return len(account) == 20 and _weighed("0" + bank[4:6] + account) == 0


def _weighed(digits: str) -> int:
    return sum(int(digit) * WEIGHTS[place % 3] for place, digit in enumerate(digits)) % 10


def is_inn(code: str) -> bool:
    """Whether the last digit of a firm's ИНН agrees with the others."""
    return len(code) == 10 and sum(int(a) * b for a, b in zip(code, INN_WEIGHTS, strict=False)) % 11 % 10 == int(
        code[9]
    )


def is_iban(account: str) -> bool:
    """Whether the number is whole: the remainder of ISO 13616 is one."""
    return len(account) == 29 and int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1


def is_edrpou(code: str) -> bool:
    """Whether the last digit of a Ukrainian firm's code agrees with the others."""
    weights = range(1, 8) if not 30_000_000 <= int(code) <= 60_000_000 else (7, 1, 2, 3, 4, 5, 6)
    rest = sum(int(a) * b for a, b in zip(code, weights, strict=False)) % 11
    if rest == 10:
        rest = sum(int(a) * (b + 2) for a, b in zip(code, weights, strict=False)) % 11 % 10
    return len(code) == 8 and rest == int(code[7])
