"""The results pages, one by one: what stands on each, in the order of a paper."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One page of the results.

    slug      its place in the address
    intro     a sentence in plain words: what the page answers
    figures   names of figures, each shown above the panels
    panels    names of panels; a page whose panels are all empty says so
    about     a sentence under the tables on how to read them
    """

    slug: str
    title: str
    intro: str
    figures: tuple[str, ...] = ()
    panels: tuple[str, ...] = ()
    about: str = ""


OVERVIEW = Section(
    "overview",
    "Overview",
    "What the study found, how sure that is, and what it rests on.",
    panels=("headline", "exclusions", "design"),
)
SECTIONS: tuple[Section, ...] = (
    OVERVIEW,
    Section(
        "table-5",
        "Table 5",
        "The table of the CXR-LLaVA paper, as it was published: how often each grade "
        "was given to the reports of each arm.",
        panels=("table5",),
        about="Row by row, it treats each reader's grade of the same report as new "
        "information. The comparison of arms counts all grades of a case together; "
        "report that one where they differ.",
    ),
    Section(
        "comparison",
        "Comparison of arms",
        "How far the arms lie apart, and how far cases and readers leave that open.",
        figures=("forest",),
        panels=("mrmc", "omnibus"),
        about="Headline: what to report, never more certain than the design allows.",
    ),
    Section(
        "grades",
        "Grades",
        "Which grades each arm received, from A (acceptable as it stands) to D.",
        figures=("grades",),
        panels=("grades", "ordinal"),
    ),
    Section(
        "readers",
        "Readers",
        "Whether the readers tell the same story, and whether one of them carries it.",
        figures=("heat_map",),
        panels=("readers",),
        about="Left out: the headline without that reader. If one reader's absence "
        "changes the conclusion, say so in the paper.",
    ),
    Section(
        "strata",
        "Strata",
        "Whether the difference between the arms is another in normal and in abnormal "
        "cases.",
        figures=("strata",),
        panels=("strata",),
        about="The interaction test asks whether the strata differ; one stratum being "
        "significant and another not is no answer to that.",
    ),
    Section(
        "agreement",
        "Agreement",
        "How far readers agree with each other, and each with themselves.",
        figures=("agreement",),
        panels=("agreement", "repeats"),
    ),
    Section(
        "time",
        "Time and learning",
        "How long reports took, and whether grades changed as the reading went on.",
        figures=("time", "learning"),
        panels=("time", "learning"),
    ),
    Section(
        "errors",
        "Errors",
        "Which errors readers marked in the reports, and what else they answered.",
        figures=("errors",),
        panels=("errors", "instruments"),
    ),
    Section(
        "preference",
        "Preference and blinding",
        "Which report of a pair was preferred, and whether readers could tell who had "
        "written it.",
        figures=("preference",),
        panels=("preference", "blinding"),
        about="Blinding indices near zero: readers guessed. Near one: they knew.",
    ),
    Section(
        "sensitivity",
        "Sensitivity",
        "Whether the conclusion holds under other methods and for grades that are "
        "missing.",
        figures=("flow",),
        panels=("missing", "sensitivity", "variance"),
    ),
)
BY_SLUG = {section.slug: section for section in SECTIONS}
