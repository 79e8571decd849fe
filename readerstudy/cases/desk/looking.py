"""Looking at radiographs whose look and flags are not known yet.

Imports look at each radiograph; this catches up with those that came before, and with
those whose pixels were changed since.
"""

import numpy as np
from django.db import transaction

from readerstudy.cases.desk.flags import image_flags
from readerstudy.cases.desk.looks import look_of
from readerstudy.cases.desk.thumbnails import small_picture
from readerstudy.cases.models import Collection, Image
from readerstudy.cases.services import RadiographLost

AT_ONCE = 40


def look_at_some(collection: Collection, most: int = AT_ONCE) -> int:
    """Look at some radiographs of a collection; returns how many are left to look at.

    May be stopped at any time: what was looked at is stored one by one.
    """
    waiting = Image.objects.not_looked_at().filter(case__collection=collection)
    for image in waiting.select_related("case").order_by("pk")[:most]:
        _look_at(image)
    return waiting.count()


@transaction.atomic
def _look_at(image: Image) -> None:
    digest = image.frame_sha256
    try:
        look = look_of(np.asarray(small_picture(image)))
    except RadiographLost as problem:
        code, flags = "", {"lost": str(problem)}
    else:
        code = look.code
        flags = image_flags(
            header=image.header, rows=image.rows, columns=image.columns, look=look
        )
    # Were the pixels changed meanwhile, it is looked at once more.
    Image.objects.filter(pk=image.pk, frame_sha256=digest).update(
        look=code, flags=flags, looked_sha256=digest
    )
