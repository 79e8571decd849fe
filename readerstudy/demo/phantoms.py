"""The demonstration's radiographs: drawn, written as DICOM, imported like any other."""

import logging
from collections.abc import Iterator
from itertools import count

import numpy as np
from inference.phantom.dicom import write_dicom
from inference.phantom.phantom import Phantom, draw
from inference.phantom.text import report

from readerstudy.cases.models import Case, Collection

logger = logging.getLogger(__name__)

SIZE = 512
_SMALLEST = 64
_WORDING = 21
