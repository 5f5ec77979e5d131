"""What the environment says of files: where they lie, what people may attach, and how much one giver may give."""

from __future__ import annotations

import os
from typing import Any

MB = 1024 * 1024
TYPES = (
    "application/pdf,image/jpeg,image/png,image/gif,image/webp,image/tiff,image/bmp,image/heic,text/plain,"
    "application/rtf,application/docx,application/xlsx,application/pptx,application/odf,application/x-ole,"
    "application/zip,application/pkcs7-mime"
)


def files(far: dict[str, Any]) -> dict[str, Any]:
    """Who looks for viruses in files, what people may attach, and how much; `far`: where contents are carried to."""
    scanned, days = os.environ.get("KINDLINE_CLAMAV", ""), _number("KINDLINE_CLAMAV_AGE_DAYS", 7)
    clamav = {"class": "kindline.connectors.scanning.clamav.ClamAV", "address": scanned, "age_days_max": days}
    return {
        "store": {},
        "far": far,
        "scanner": clamav if scanned else {},
        "size_max": _number("KINDLINE_FILES_SIZE_MB", 30) * MB,
        "many_max": _number("KINDLINE_FILES_MANY", 50),
        "quotas": quotas(),
        "types": [one.strip() for one in os.environ.get("KINDLINE_FILES_TYPES", TYPES).split(",") if one.strip()],
    }


def quotas() -> dict[str, dict[str, int]]:
    """How much one giver of each sort may give: files a day, bytes a day and a year."""
    return {
        "client": {
            "day_many": _number("KINDLINE_FILES_DAY_MANY", 60),
            "day_size": _number("KINDLINE_FILES_DAY_MB", 300) * MB,
            "year_size": _number("KINDLINE_FILES_YEAR_MB", 3_000) * MB,
        },
        "employee": {
            "day_many": _number("KINDLINE_FILES_EMPLOYEE_DAY_MANY", 1_500),
            "day_size": _number("KINDLINE_FILES_EMPLOYEE_DAY_MB", 5_000) * MB,
            "year_size": _number("KINDLINE_FILES_EMPLOYEE_YEAR_MB", 200_000) * MB,
        },
        "program": {
            "day_many": _number("KINDLINE_FILES_PROGRAM_DAY_MANY", 5_000),
            "day_size": _number("KINDLINE_FILES_PROGRAM_DAY_MB", 20_000) * MB,
            "year_size": _number("KINDLINE_FILES_PROGRAM_YEAR_MB", 1_000_000) * MB,
        },
    }


def _number(name: str, default: int) -> int:
    return int(os.environ.get(name, str(default)))
