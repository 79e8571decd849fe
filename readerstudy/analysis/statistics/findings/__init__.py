"""Findings that a model reports, scored against a reference: label by label, averaged.

Knows no Django. A caller reads tables (`read_label_table`), scores them (`score`, or
`score_readers` for several human readers) and makes files of the results
(`readerstudy.analysis.documents.findings.finding_files` and `write_files`).
What everything means: docs/reference/finding-scores.md.
"""

from readerstudy.analysis.statistics.findings.kinds import (
    check_readers as check_readers,
)
from readerstudy.analysis.statistics.findings.label_csv import (
    check_id_column as check_id_column,
)
from readerstudy.analysis.statistics.findings.label_csv import (
    read_label_table as read_label_table,
)
from readerstudy.analysis.statistics.findings.label_tables import BadLabels as BadLabels
from readerstudy.analysis.statistics.findings.label_tables import (
    LabelTable as LabelTable,
)
from readerstudy.analysis.statistics.findings.policies import POLICIES as POLICIES
from readerstudy.analysis.statistics.findings.presets import PRESETS as PRESETS
from readerstudy.analysis.statistics.findings.published import PUBLISHED as PUBLISHED
from readerstudy.analysis.statistics.findings.results import SCHEMA as SCHEMA
from readerstudy.analysis.statistics.findings.results import score as score
from readerstudy.analysis.statistics.findings.results import (
    score_readers as score_readers,
)
from readerstudy.analysis.statistics.findings.settings import BadSettings as BadSettings
from readerstudy.analysis.statistics.findings.settings import Origin as Origin
from readerstudy.analysis.statistics.findings.settings import (
    ScoreSettings as ScoreSettings,
)
from readerstudy.analysis.statistics.findings.wide_table import wide_csv as wide_csv
