"""The demonstration's radiographs: drawn, written as DICOM, imported like any other."""

import logging

logger = logging.getLogger(__name__)

SIZE = 512
_SMALLEST = 64
_WORDING = 21
