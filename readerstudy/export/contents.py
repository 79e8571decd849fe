"""What each file of a bundle is, in a sentence; README.txt is made of it."""

from collections.abc import Iterable

# By the beginning of a name; the longest that fits counts.
_SENTENCES = {
    "README.txt": "This list",
    "manifest.json": "SHA-256 of every other file, the version of the software",
    "protocol.json": "The locked protocol; its SHA-256 is on the results page",
    "codebook.csv": "Every column of every table, explained",
    "reads.csv": "One row per read: the tidy table behind every number",
    "versions.csv": "Every version of every grade, superseded ones included",
    "marks.csv": "One row per error marked in a report, in each version",
    "visits.csv": "The event logs of the reading pages, one row per event",
    "sessions.csv": "Consents, display checks and guess pages of the readers",
    "allocation.csv": "Who was dealt which report, in which place and session",
    "reports.csv": "The text of every report, raw and as it was presented",
    "cases.csv": "The cases: code, collection, stratum, radiograph",
    "events.csv": "The study's chain of events, each hashed with the one before",
    "deviations.csv": "Amendments of the locked protocol; early unblinding, "
    "withdrawals of readers, exclusions of reads and their liftings",
    "flow.csv": "Counts for a flow diagram, from the cases drawn to the grades",
    "results.json": "The whole result set at full precision",
    "results.xlsx": "Every table of results as a sheet, with the codebook",
    "report.html": "All results on one page that needs no other file",
    "methods.md": "The methods paragraph, from the protocol and the results",
    "table5.tex": "Table 5 for LaTeX; its first line names the packages",
    "table5.docx": "Table 5 for a word processor",
    "tables.docx": "Every table of the results pages for a word processor",
    "mrmc.tex": "Comparisons over readers and cases, for LaTeX",
    "agreement.tex": "Agreement between readers, for LaTeX",
    "without_exclusions.csv": "The comparison had no read been excluded",
    "table5.csv": "Grades per arm as in Table 5, with Cochran's Q",
    "omnibus.csv": "All arms at once: Cochran's Q and clustered Q, both cut-points",
    "pairs.csv": "Arm against arm: differences, intervals, tests",
    "pairs_stringent.csv": "The same with grade A alone as a success",
    "estimands.csv": "Arm minus reference, with non-inferiority where planned",
    "agreement.csv": "Agreement between readers, per arm and over all",
    "by_reader.csv": "Grades per reader and arm",
    "by_stratum.csv": "Grades per stratum and arm",
    "by_case.csv": "Grades per report: what Table 5 alone can't tell",
    "ordinal.csv": "Grades as an ordered scale, arm against arm",
    "strata.csv": "Arm against arm within each stratum",
    "strata_interaction.csv": "Whether the difference depends on the stratum",
    "readers.csv": "Arm against arm for each reader alone",
    "left_out.csv": "The headline with each reader left out",
    "sensitivity.csv": "The difference by other methods, and bounds for missing grades",
    "variance.csv": "Where the variance of the difference comes from",
    "repeats.csv": "Agreement of readers with themselves",
    "time.csv": "Active reading time per arm",
    "time_pairs.csv": "Ratio of reading times, arm against arm",
    "periods.csv": "Success by reading session",
    "order.csv": "Whether it matters which arm of a case was read first",
    "trend.csv": "Change of success along the reading list",
    "errors.csv": "Marked errors by category and arm",
    "errors_pairs.csv": "Marked errors, arm against arm",
    "instruments.csv": "Answers to the questions beside the grade",
    "preference.csv": "Preference in pairs",
    "bradley_terry.csv": "Abilities of the arms from the preferences, with ties",
    "blinding.csv": "Blinding indices of James and Bang from the guesses",
    "missing.csv": "What was not graded, by reader and arm, and why",
    "missing_bounds.csv": "How far missing grades could move a difference",
    "gee.csv": "Marginal logistic models, clustered by case",
    "analysis.R": "Recomputes the main figures from reads.csv in R, no other file of "
    "ours needed: Rscript analysis.R",
    "analysis.py": "The same in Python: python analysis.py",
    "parquet/": "A table with types, for pandas or arrow",
    "parquet/reads.parquet": "reads.csv with types",
    "parquet/versions.parquet": "versions.csv with types",
    "figures/": "A figure",
    "checklists/": "A reporting checklist, filled as far as the platform knows; the "
    "rest is the authors'",
    "interchange/keys.csv": "Which number stands for which reader, case and arm in "
    "this folder's files",
    "interchange/imrmc-success.imrmc": "iMRMC (Java) and RJafroc: success, A or B",
    "interchange/imrmc-stringent.imrmc": "The same with A alone as a success",
    "interchange/imrmc-success.csv": "iMRMC (R), uStat11: score 1 for A or B, else 0",
    "interchange/imrmc-stringent.csv": "The same with 1 for A alone",
    "interchange/imrmc-scores.csv": "iMRMC (R): scores 4 to 1 for A to D",
    "interchange/rjafroc-": "RJafroc workbook of the cases that everyone graded in "
    "every arm",
}


def sentence_of(name: str) -> str:
    """What a file is; a file of a kind that isn't listed is named by its ending."""
    fitting = [each for each in _SENTENCES if name.startswith(each)]
    if fitting:
        return _SENTENCES[max(fitting, key=len)]
    kinds = {"tex": "A table for LaTeX", "docx": "A table for a word processor"}
    return kinds.get(name.rsplit(".", 1)[-1], "Part of the result set")


def readme(title: str, names: Iterable[str]) -> str:
    """README.txt: what each file is, folder by folder."""
    described = sorted(names, key=lambda name: ("/" in name, name))
    width = max(map(len, described))
    lines = [f"{name:{width}}  {sentence_of(name)}" for name in described]
    return "\n".join(
        [
            f"Bundle of the study: {title}",
            "",
            "Anyone can compute the numbers again:",
            "  manage.py analyse_reads reads.csv --out FOLDER",
            "  python analysis.py",
            "  Rscript analysis.R",
            "",
            "In CSV files text that a spreadsheet would run as a formula carries an "
            "apostrophe in front; see csv in manifest.json.",
            "Research software; no claim of clinical validity.",
            "",
            *lines,
            "",
        ]
    )
