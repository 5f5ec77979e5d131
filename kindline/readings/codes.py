"""What the QR code of a bill says to the payer's bank, in each form that banks read; and its picture.

`gost_56042`: ГОСТ Р 56042-2014, named fields with the separator told in the head. `nbu_002`: the payment code of the
National Bank of Ukraine, format 002, thirteen lines behind a link, with the sign of the hryvnia in the middle.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from functools import partial

from kindline.readings.billing import Bill
from kindline.readings.money import Requisites

NBU_LINK = "https://bank.gov.ua/qr/"
SEPARATORS = "|~^#$*!"
LONGEST = {"Name": 160, "BankName": 45, "Purpose": 210}
NBU_NAME, NBU_PURPOSE = 70, 140
NBU_VERSION_MIN = 10
MARGIN = 4
SIGN = "₴"


def text(bill: Bill, requisites: Requisites | None) -> str:
    """What the code of a bill says; empty where nothing is to be paid or no form is named."""
    if requisites is None or requisites.qr not in FORMS or bill.to_pay <= 0:
        return ""
    return FORMS[requisites.qr](bill, requisites)


def picture(said: str) -> str:
    """The code as SVG, of error correction M."""
    import segno  # noqa: PLC0415 - only where a bill is made

    is_nbu = said.startswith(NBU_LINK)
    make = partial(segno.make, said, error="m", mode="byte", encoding="utf-8", micro=False, boost_error=False)
    code = make()
    if is_nbu and int(code.version) < NBU_VERSION_MIN:
        code = make(version=NBU_VERSION_MIN)
    out = io.BytesIO()
    code.save(out, kind="svg", border=MARGIN, xmldecl=False, svgns=True, omitsize=True, nl=False)
    drawn = out.getvalue().decode("utf-8")
    return drawn.replace("</svg>", f"{_sign(code.symbol_size(border=MARGIN)[0])}</svg>") if is_nbu else drawn


def purpose(bill: Bill, requisites: Requisites) -> str:
    """What the payment is for, in the organisation's words."""
    return requisites.purpose.format(account=bill.account, month=f"{bill.month:%m.%Y}")


def _gost(bill: Bill, requisites: Requisites) -> str:
    fields = {
        "Name": requisites.name,
        "PersonalAcc": requisites.account,
        "BankName": requisites.bank_name,
        "BIC": requisites.bank_code,
        "CorrespAcc": requisites.bank_account or "0",
        "PayeeINN": requisites.code,
        "KPP": requisites.kpp,
        "Sum": f"{bill.to_pay * 100:.0f}",
        "Purpose": purpose(bill, requisites),
        "PersAcc": bill.account,
        "PaymPeriod": f"{bill.month:%m%Y}",
    }
    told = {name: _one_line(value)[: LONGEST.get(name)] for name, value in fields.items() if value}
    used = "".join(told.values())
    separator = next(sign for sign in SEPARATORS if sign not in used)
    return separator.join(["ST00012", *(f"{name}={value}" for name, value in told.items())])


def _nbu(bill: Bill, requisites: Requisites) -> str:
    lines = [
        "BCD", "002", "1", "UCT", "", _one_line(requisites.name)[:NBU_NAME], requisites.account,
        f"UAH{bill.to_pay:.2f}", requisites.code, "", "", _one_line(purpose(bill, requisites))[:NBU_PURPOSE], "",
    ]  # fmt: skip
    return NBU_LINK + base64.urlsafe_b64encode("\n".join(lines).encode()).decode().rstrip("=")


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _sign(size: float) -> str:
    """The sign of the hryvnia in a white circle, small enough for the code to be read around it."""
    middle, radius = size / 2, size / 14
    circle = f'<circle cx="{middle}" cy="{middle}" r="{radius:.2f}" fill="#fff"/>'
    place = f'x="{middle}" y="{middle + radius * 0.5:.2f}" font-size="{radius * 1.4:.2f}"'
    return f'{circle}<text {place} text-anchor="middle" font-family="DejaVu Sans, sans-serif">{SIGN}</text>'


FORMS: dict[str, Callable[[Bill, Requisites], str]] = {"gost_56042": _gost, "nbu_002": _nbu}
