"""Every panel by name, in the order of a report."""

from readerstudy.analysis.panels.agreement import agreement
from readerstudy.analysis.panels.blinding import blinding
from readerstudy.analysis.panels.design import design
from readerstudy.analysis.panels.errors import errors
from readerstudy.analysis.panels.exclusions import exclusions
from readerstudy.analysis.panels.grades import grades
from readerstudy.analysis.panels.headline import headline
from readerstudy.analysis.panels.instruments import instruments
from readerstudy.analysis.panels.learning import learning
from readerstudy.analysis.panels.missing import missing
from readerstudy.analysis.panels.mrmc import mrmc
from readerstudy.analysis.panels.omnibus import omnibus
from readerstudy.analysis.panels.ordinal import ordinal
from readerstudy.analysis.panels.panel import Builder
from readerstudy.analysis.panels.preference import preference
from readerstudy.analysis.panels.readers import readers
from readerstudy.analysis.panels.repeats import repeats
from readerstudy.analysis.panels.sensitivity import sensitivity
from readerstudy.analysis.panels.strata import strata
from readerstudy.analysis.panels.table5 import table5
from readerstudy.analysis.panels.time import time
from readerstudy.analysis.panels.variance import variance

PANELS: dict[str, Builder] = {
    "design": design,
    "headline": headline,
    "exclusions": exclusions,
    "table5": table5,
    "mrmc": mrmc,
    "omnibus": omnibus,
    "grades": grades,
    "readers": readers,
    "strata": strata,
    "ordinal": ordinal,
    "missing": missing,
    "sensitivity": sensitivity,
    "variance": variance,
    "agreement": agreement,
    "repeats": repeats,
    "time": time,
    "learning": learning,
    "errors": errors,
    "instruments": instruments,
    "preference": preference,
    "blinding": blinding,
}
