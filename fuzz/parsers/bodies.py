"""What a browser sends of a page: drafts and grades."""

import io

from rest_framework.exceptions import APIException

from readerstudy.api_bodies import BoundedJSON
from readerstudy.grading.bodies import DraftBody, GradeBody, page_of_body

REFUSALS = (APIException,)


def parse(content: bytes) -> None:
    sent = BoundedJSON().parse(io.BytesIO(content))
    for body in (DraftBody(data=sent), GradeBody(data=sent)):
        if body.is_valid():
            page_of_body(body.validated_data)
