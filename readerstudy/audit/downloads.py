"""Files that leave the server: every one of results, or of what names people or
hospitals, is in the record with who took it."""

from typing import Literal

from readerstudy.accounts.models import User
from readerstudy.audit.services import SITE, record

Way = Literal["browser", "script", "command"]


def record_download(
    *, actor: User | None, name: str, study_code: str = "", by: Way = "browser"
) -> None:
    """Note that a file left the server, and to whom.

    study_code  the study whose file it is; empty for those of a collection or label set
    """
    record(
        actor=actor,
        verb="study.downloaded" if study_code else "site.downloaded",
        stream=study_code or SITE,
        subject=name,
        detail={"by": by},
    )
