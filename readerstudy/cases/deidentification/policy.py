"""The site's secret at work: pseudonyms, UIDs made anew, and the shift of dates.

All come of one key by HMAC-SHA-256, so the same original gives the same replacement in
every file, and none leads back without the key.
"""

import hmac
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Literal

Dates = Literal["dropped", "shifted"]
MOST_DAYS = 365


@dataclass(frozen=True)
class Policy:
    """How values that may not be kept are replaced for one collection.

    dates   whether dates of a study are dropped, or shifted by the patient's own days
    """

    key: str = field(repr=False)
    dates: Dates = "dropped"

    def __call__(self, value: str) -> str:
        """The pseudonym of a patient or accession number."""
        return f"P{self._digest(value).hex()[:12]}"

    def uid(self, original: str) -> str:
        """Another UID in place of one, of the form that DICOM has for UUIDs."""
        number = int.from_bytes(self._digest(f"uid:{original}")[:16], "big")
        return f"2.25.{number}"

    def days(self, patient: str) -> int:
        """By how many days a patient's dates go back: 1 to 365."""
        digest = self._digest(f"days:{patient}")
        return 1 + int.from_bytes(digest[:8], "big") % MOST_DAYS

    def shifted(self, day: str, patient: str) -> str:
        """A date of DICOM, shifted; "" where dates are dropped, or can't be shifted.

        Without a patient's number there is no shift that his other files share.
        """
        if self.dates != "shifted" or not patient or not _is_day(day):
            return ""
        try:
            was = date(int(day[:4]), int(day[4:6]), int(day[6:]))
            return f"{was - timedelta(self.days(patient)):%Y%m%d}"
        except (ValueError, OverflowError):
            return ""

    def _digest(self, text: str) -> bytes:
        return hmac.new(self.key.encode(), text.encode(), sha256).digest()


def _is_day(text: str) -> bool:
    return len(text) == 8 and text.isascii() and text.isdecimal()
