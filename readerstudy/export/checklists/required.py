"""CLAIM, TRIPOD-LLM and GRRAS: those that go with every acceptability study."""

from readerstudy.export.checklists.item import (
    Checklist,
    authors,
    computed,
    done,
    items,
    planned,
    unfit,
)

_SIZE = planned("sample_size", "protocol.json: analysis, sample_size", "no plan stored")
_AGREEMENT = computed("agreement", "agreement.csv", "agreement can't be estimated")
_TRAINING = authors("the model came ready made; cite its description")

CLAIM = Checklist(
    "claim",
    "CLAIM 2024 (imaging AI)",
    "https://doi.org/10.1148/ryai.240300",
    "Items follow the numbering of 2020, with 42 items; wording and numbering of the "
    "2024 update were not verified: check against the official form.",
    items(
        ("Title or abstract names the kind of AI", authors()),
        ("Structured abstract with design, methods, results, conclusion", authors()),
        ("Background: the clinical role that the AI is to have", authors()),
        ("Aims and hypotheses of the study", authors("see methods.md for the margin")),
        (
            "Prospective or retrospective",
            authors("reports are finished before reading"),
        ),
        ("Goal: feasibility, comparison, non-inferiority", done("methods.md")),
        ("Sources of the data", done("cases.csv: collection; reports.csv: provenance")),
        ("Who and what was eligible; places and dates", authors("cases.csv has codes")),
        ("Preparation of the data", done("reports.csv: raw and presented text")),
        ("Choice of subsets", done("protocol.json: sampling of cases and its seed")),
        ("Data elements are defined", done("codebook.csv")),
        ("De-identification", authors("imports drop identifying DICOM attributes")),
        (
            "Missing data and how they were handled",
            done("missing.csv, sensitivity.csv"),
        ),
        ("Definition of the reference standard", done("protocol.json: arms, scale")),
        ("Why that reference standard", authors()),
        ("Who annotated, and their qualification", authors("readers are pseudonymous")),
        ("Tool of the annotation", done("methods.md; manifest.json: software")),
        ("Variability within and between annotators", _AGREEMENT),
        ("Intended sample size and how it was found", _SIZE),
        ("Data partitions", unfit("no model is trained in this study")),
        ("Level at which partitions are disjoint", unfit("as the item before")),
        ("Full description of the model", done("reports.csv: fingerprint, provenance")),
        ("Libraries and frameworks", done("reports.csv: provenance")),
        ("Initialisation of the parameters", _TRAINING),
        ("Training approach", _TRAINING),
        ("How the final model was chosen", _TRAINING),
        ("Ensembling", _TRAINING),
        ("Measures of performance", done("methods.md, table5.csv, pairs.csv")),
        ("Measures of uncertainty", done("pairs.csv: intervals, those of readers too")),
        ("Robustness and sensitivity", done("sensitivity.csv, left_out.csv")),
        ("Explainability", authors("the platform's self-test tells if pixels matter")),
        ("Validation on external data", authors()),
        ("Flow of participants or cases", done("flow.csv")),
        ("Demographics and clinical characteristics", authors("strata: cases.csv")),
        ("Performance of the model", done("table5.csv, estimands.csv")),
        ("Diagnostic accuracy with its precision", unfit("acceptability is graded")),
        ("Analysis of failures", done("marks.csv, errors.csv, by_case.csv")),
        ("Limits of the study", authors()),
        ("Meaning for practice", authors()),
        ("Registration", authors("protocol SHA-256: manifest.json")),
        ("Where the full protocol can be had", done("protocol.json, deviations.csv")),
        ("Funding and the funders' role", authors()),
    ),
    is_required=True,
)

TRIPOD_LLM = Checklist(
    "tripod-llm",
    "TRIPOD-LLM 2025 (language models)",
    "https://tripod-llm.vercel.app",
    "The 19 main items in our words; the 50 sub-items and their wording were not "
    "verified: check against the official form.",
    items(
        ("Title: a language model, the task, the people", authors()),
        ("Abstract by the guideline's own list", authors()),
        ("Background and why this use of a language model", authors()),
        ("Objectives", authors("methods.md has estimand and margin")),
        ("Data: sources, dates, preparation", done("cases.csv, reports.csv")),
        (
            "Analysis methods: model, version, date, settings, prompts",
            done("reports.csv: fingerprint and provenance"),
        ),
        (
            "Output of the model and how it was handled",
            done("reports.csv: raw and presented text"),
        ),
        (
            "Annotation: who graded, instructions, agreement",
            done("protocol.json: instructions, scale; agreement.csv"),
        ),
        ("Prompting and how prompts came about", done("reports.csv: provenance")),
        (
            "Summarising and other changes of the text",
            done("protocol.json: presentation; reports.csv: presented"),
        ),
        ("Instruction tuning or alignment", _TRAINING),
        ("Compute", authors()),
        ("Ethics approval and consent", authors("consents of readers: sessions.csv")),
        (
            "Open science: funding, registration, protocol, data, code",
            authors("protocol.json, reads.csv, analysis.py and analysis.R are here"),
        ),
        ("Public involvement", authors()),
        ("Results: participants and data", done("flow.csv, by_stratum.csv")),
        (
            "Results: performance with intervals, human evaluation",
            done("table5.csv, pairs.csv, estimands.csv"),
        ),
        ("Updating of the model", unfit("one frozen version was studied")),
        ("Discussion: interpretation, limits, use in care", authors()),
    ),
    is_required=True,
)

GRRAS = Checklist(
    "grras",
    "GRRAS (reliability and agreement)",
    "https://doi.org/10.1016/j.jclinepi.2010.03.002",
    "All 15 items in our words; check against the official form.",
    items(
        (
            "Title or abstract: agreement between or within readers was studied",
            authors(),
        ),
        ("Name and describe the instrument", done("protocol.json: scale, instruments")),
        ("Population of the subjects", authors("cases.csv has collection, stratum")),
        ("Population of the raters", authors()),
        ("What is known of agreement, and why this study", authors()),
        ("How the numbers of subjects, raters, replicates were chosen", _SIZE),
        ("Sampling of subjects and raters", done("protocol.json: sampling of cases")),
        (
            "The rating: time between ratings, blinding, clinical information",
            done("protocol.json: reading rules; allocation.csv; sessions.csv"),
        ),
        (
            "Independence of the ratings",
            done("each reader sees an own list and no other's grades; allocation.csv"),
        ),
        ("Statistical analysis", done("methods.md, codebook.csv: agreement.csv")),
        (
            "Actual numbers of raters, subjects and replicates",
            done("agreement.csv: raters, units; repeats.csv: pairs"),
        ),
        ("Characteristics of raters and subjects", authors()),
        ("Estimates with their uncertainty", _AGREEMENT),
        ("Practical relevance", authors()),
        ("Detailed results where they can be had", done("reads.csv, by_case.csv")),
    ),
    is_required=True,
)
