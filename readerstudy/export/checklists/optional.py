"""Checklists that fit some studies: accuracy, live use, trials, observation."""

from readerstudy.export.checklists.item import (
    Checklist,
    authors,
    computed,
    done,
    items,
    planned,
    unfit,
)

_NO_TRIAL = unfit("no patient is allocated to anything")
_NOT_LIVE = unfit("finished reports are read blinded; nothing is used in care")
_NO_ACCURACY = unfit("acceptability is graded, not a target condition")
_SIZE = planned("sample_size", "protocol.json: analysis, sample_size", "no plan stored")
_ERRORS = computed("errors", "errors.csv, marks.csv", "errors were not marked")

STARD_AI = Checklist(
    "stard-ai",
    "STARD-AI 2025 (accuracy of AI)",
    "https://doi.org/10.1038/s41591-025-03953-8",
    "The 30 topics of STARD 2015 in our words; the 18 items that STARD-AI adds or "
    "changes were not verified: check against the official form.",
    items(
        ("Title names a study of accuracy", authors()),
        ("Structured abstract", authors()),
        ("Background, intended use and role of the test", authors()),
        ("Objectives and hypotheses", authors()),
        ("Whether data were planned before the tests", authors()),
        ("Eligibility", authors()),
        ("On what ground people were found eligible", authors()),
        ("Where and when", authors()),
        ("Consecutive, random or convenience series", done("protocol.json: sampling")),
        ("Index test in detail, its version", done("reports.csv: provenance")),
        ("Reference standard in detail", done("protocol.json: arms")),
        ("Why that reference standard", authors()),
        ("Cut-points of the tests", done("methods.md: A or B, and A alone")),
        ("What readers of the tests knew", done("protocol.json: reading rules")),
        ("Methods for accuracy", _NO_ACCURACY),
        ("Indeterminate results", done("missing.csv: cannot_assess")),
        ("Missing data", done("missing.csv, sensitivity.csv")),
        ("Variability in accuracy", _NO_ACCURACY),
        ("Sample size", _SIZE),
        ("Flow diagram", done("flow.csv")),
        ("Baseline characteristics", authors()),
        ("Severity of disease", authors()),
        ("Alternative diagnoses", authors()),
        ("Interval between the tests", unfit("both reports are of one radiograph")),
        ("Cross tabulation of the results", done("pairs.csv")),
        ("Estimates of accuracy", _NO_ACCURACY),
        ("Adverse events", _NOT_LIVE),
        ("Limits", authors()),
        ("Meaning for practice", authors()),
        ("Registration, protocol, funding", authors("protocol.json")),
    ),
)
DECIDE_AI = Checklist(
    "decide-ai",
    "DECIDE-AI 2022 (early live use)",
    "https://doi.org/10.1038/s41591-022-01772-9",
    "Topics of the 17 AI items in our words; the 28 sub-items, 10 generic items and "
    "their wording were not verified: check against the official form.",
    items(
        ("Title: early clinical evaluation of AI support", _NOT_LIVE),
        ("Intended use", authors()),
        ("Participants and users: recruitment, training", authors("sessions.csv")),
        ("The AI system: version, input, output", done("reports.csv: provenance")),
        ("Implementation in the workflow", _NOT_LIVE),
        ("Outcomes", done("methods.md")),
        ("Safety and errors", _ERRORS),
        ("Human factors", authors("reading logs: visits.csv")),
        ("Ethics", authors()),
        ("Participants: numbers and characteristics", authors("flow.csv")),
        ("Implementation: exposure and adherence", _NOT_LIVE),
        ("Main results", done("table5.csv, estimands.csv")),
        ("Agreement of users with the AI", _NOT_LIVE),
        ("Safety results", _ERRORS),
        ("Human factors: results, learning", done("periods.csv, trend.csv")),
        ("Support of the intended use", authors()),
        ("Data and code", authors("reads.csv, analysis.py, analysis.R")),
    ),
)
MI_CLAIM = Checklist(
    "mi-claim",
    "MI-CLAIM (clinical AI modelling)",
    "https://doi.org/10.1038/s41591-020-1041-y",
    "Its six parts in our words; not verified: check against the official form.",
    items(
        ("Study design", done("methods.md, protocol.json")),
        ("Data and their partition", unfit("no model is trained in this study")),
        ("Model: choice and optimisation", authors("reports.csv: provenance")),
        ("Performance", done("table5.csv, pairs.csv")),
        ("Examination of the model", authors("errors and failures: marks.csv")),
        ("Reproducibility", done("reads.csv, analysis.py, analysis.R, manifest.json")),
    ),
)
_TRIAL = (
    ("Title or abstract names the AI and the trial", _NO_TRIAL),
    ("Intended use", authors()),
    ("Eligibility of participants and of input data", authors("cases.csv")),
    ("How the AI enters the trial's place", _NO_TRIAL),
    ("Version of the AI", done("reports.csv: fingerprint, provenance")),
    ("How input was acquired and chosen", authors()),
    ("How poor or missing input was handled", done("missing.csv: cannot_assess")),
    ("Interaction of people and AI, skill asked for", authors()),
    ("Output of the AI", done("reports.csv: raw and presented text")),
    ("How the output leads to decisions", _NOT_LIVE),
    ("Analysis of errors", _ERRORS),
    ("Access to the AI and its code", authors()),
)
CONSORT_AI = Checklist(
    "consort-ai",
    "CONSORT-AI (randomised trial)",
    "https://doi.org/10.1038/s41591-020-1034-x",
    "The topics of its 14 additions in our words, two of them parts of others; not "
    "verified: check against the official form.",
    items(*_TRIAL),
)
SPIRIT_AI = Checklist(
    "spirit-ai",
    "SPIRIT-AI (protocol of a trial)",
    "https://doi.org/10.1038/s41591-020-1037-7",
    "The topics of its 15 additions in our words, some of them parts of others; not "
    "verified: check against the official form.",
    items(*_TRIAL, ("Evidence for the AI before the trial", authors())),
)
STROBE = Checklist(
    "strobe",
    "STROBE (observational part)",
    "https://www.strobe-statement.org/checklists/",
    "Its 22 topics in our words; not verified: check against the official form.",
    items(
        ("Title and abstract", authors()),
        ("Background", authors()),
        ("Objectives", authors()),
        ("Study design", done("methods.md")),
        ("Setting, places, dates", authors("grades are dated: versions.csv")),
        ("Participants", authors("cases.csv; readers by number")),
        ("Variables", done("codebook.csv")),
        ("Data sources and measurement", done("protocol.json")),
        ("Bias", done("protocol.json: blinding and order; blinding.csv, order.csv")),
        ("Study size", _SIZE),
        ("Quantitative variables and their groups", done("methods.md: cut-points")),
        ("Statistical methods", done("methods.md")),
        ("Participants at each stage", done("flow.csv")),
        ("Descriptive data", authors("by_stratum.csv")),
        ("Outcome data", done("table5.csv")),
        ("Main results with intervals", done("pairs.csv, estimands.csv")),
        ("Other analyses", done("strata.csv, sensitivity.csv, readers.csv")),
        ("Key results", authors()),
        ("Limits", authors()),
        ("Interpretation", authors()),
        ("Generalisability", authors("readers like these: pairs.csv")),
        ("Funding", authors()),
    ),
)
