"""The cues: what denies, leaves open or describes, and what ends their reach."""

from inference.labeler.cue import Cue, Rank, Reach

_LY = r"(?:\w+ly )?"
_FULLY = r"(?:(?:\w+ly|yet|with certainty) )?"
# Behind "difficult to exclude" these show that what is hard to exclude came before.
_NO_OBJECT = (
    r"(?= *(?:$|[.,;)]|(?:on|by|in|at|and|but|as|given|due|because|without|with|"
    r"entirely|\w+ly)\b))"
)
_NOT = "(?:not|cannot|isn't|aren't|wasn't|weren't|doesn't|don't|hasn't|haven't|can't)"
_SEEN = (
    "(?:seen|identified|present|evident|visualized|visible|demonstrated|noted|found|"
    "detected|apparent|appreciated)"
)
_DISEASE = (
    "(?:calcif|consolidat|collaps|fractur|prominen|pneumo|effusion|pleural effusion|"
    "edema|atelecta|opaci|infiltrat|infect|nodul|cardiomegal)"
)
_POORLY = "(?:poorly|incompletely|suboptimally) (?:seen|visualized|evaluated|assessed)"
# "No evidence of:", "negative for the following:", and then a list.
LIST_DENIED = (
    r"(?:no|without|negative)(?: for)?(?: (?:evidence|signs?|suggestion) (?:of|for))?"
    r"(?: any)?(?: of)?(?: the following)?(?: findings?)? ?:"
)
_CHANGE = "(?:changed?|increase|decrease|progression|worsening|improvement|difference)"
_NONE = rf"(?:none|no|negative|absent|nil|not present|false|no evidence)(?: {_SEEN})?"
_UNSURE = (
    "(?:uncertain|unclear|unsure|indeterminate|equivocal|questionable|maybe|n/?a|"
    "not (?:applicable|available|assessed|assessable|evaluated))"
)
_LOW = "(?:low|lower|small|minimal|little) (?:likelihood|probability|suspicion)"
# Between what a structured report asks for and its answer.
_MARKS = (":", "=", "-", r"\|", r"\?", r"\([^()]{1,40}\) ?[:=]")

CUES = (
    Cue(
        "not excluded",
        Rank.NOT_EXCLUDED,
        Reach.BACK,
        (
            rf"(?:cannot|can't|not) {_FULLY}(?:be |been )?{_FULLY}"
            r"(?:excluded|ruled out)",
            rf"(?:can|could|may) not {_FULLY}(?:be )?{_FULLY}(?:excluded|ruled out)",
            rf"(?:difficult|hard|impossible) to {_FULLY}(?:exclude|rule out)"
            rf"{_NO_OBJECT}",
            rf"may not be {_SEEN}",
        ),
    ),
    Cue(
        "not excluded",
        Rank.NOT_EXCLUDED,
        Reach.AHEAD,
        (
            rf"(?:cannot|can't|not) (?:be )?{_FULLY}(?:exclude|excluding|rule out)",
            rf"(?:can|could|does|do|did|would|will|may) not {_FULLY}"
            r"(?:exclude|rule out)",
            rf"unable to {_FULLY}(?:exclude|rule out)",
            r"(?:no|without) evidence to rule out",
            rf"(?:difficult|hard|impossible) to {_FULLY}(?:exclude|rule out)",
        ),
    ),
    Cue(
        "no new",
        Rank.NOT_EXCLUDED,
        Reach.AHEAD,
        (r"(?:no|without|any) (?:\w+ ){0,2}new",),
    ),
    Cue(
        "denied",
        Rank.DENIED,
        Reach.AHEAD,
        (
            "(?:no|without|w/o|neither|nor|denies|lack of|absence of)",
            rf"{_NOT} (?:\w+ ){{0,2}}(?:show|demonstrate|see|identify|have|reveal|"
            r"indicate|suggest)",
            rf"{_NOT} (?:an?|any|the|evidence|(?:consistent|compatible) with)",
            r"no longer (?:any|an?)",
            rf"no longer(?= {_DISEASE})",
            rf"not(?! only)(?= (?:\w+ly )?{_DISEASE})",
            r"nothing (?:\w+ )?(?:to (?:suggest|indicate)|suggestive of|suggesting)",
            # "Negative for the following: pneumothorax, effusion."
            LIST_DENIED,
        ),
    ),
    Cue(
        "negative for, clear of",
        Rank.DENIED,
        Reach.AHEAD,
        (
            r"negative (?:\w+ )?for",
            r"(?:clear|free|devoid) (?:of|from)",
            r"(?:rather than|instead of)",
        ),
    ),
    Cue(
        "not seen",
        Rank.DENIED,
        Reach.BACK,
        (
            rf"{_NOT} (?:\w+ ){{0,2}}{_SEEN}(?! on (?:the )?(?:prior|previous))",
            rf"{_NOT} {_LY}(?:enlarged|widened|increased)",
            rf"no longer (?:\w+ )?{_SEEN}",
            "no longer",
            "(?:excluded|ruled out)",
            r"free(?= *(?:$|[.,;)]|(?:and|but|at|now|today)\b))",
        ),
    ),
    Cue(
        "answered with none",
        Rank.DENIED,
        Reach.BACK,
        tuple(rf"{mark} *{_NONE}(?= *(?:$|[.,;|]))" for mark in _MARKS),
    ),
    Cue(
        "answered as open",
        Rank.OPEN,
        Reach.BACK,
        tuple(rf"{mark} *{_UNSURE}(?= *(?:$|[.,;|]))" for mark in _MARKS),
    ),
    Cue("absent", Rank.DENIED, Reach.BOTH, ("absent",)),
    Cue(
        "resolved or removed",
        Rank.DENIED,
        Reach.AHEAD,
        (r"(?:resolution|clearing|removal|disappearance|drainage) of",),
    ),
    Cue(
        "resolved or removed",
        Rank.DENIED,
        Reach.BOTH,
        (
            r"(?:resolved|cleared|disappeared|removed)",
            r"(?:interval|complete|completely|near) (?:\w+ )?"
            r"(?:resolution|removal|clearing)",
        ),
    ),
    Cue("resolved or removed", Rank.DENIED, Reach.BACK, ("removal",)),
    Cue(
        "normal",
        Rank.DENIED,
        Reach.BOTH,
        (
            r"(?:within|in) (?:the )?(?:normal|xxxx) (?:\w+ )?limits?",
            r"within limits",
            r"(?:at|within) (?:the )?(?:upper|xxxx) (?:limits? )?(?:of )?normal",
            r"(?:upper|top) (?:limits? )?normal(?: limits?)?",
            r"(?:at|near) (?:the )?top normal(?: limits?)?",
            r"(?:normal|unremarkable|clear|nonenlarged)",
            r"non enlarged",
            r"non-enlarged",
        ),
        organ=True,
    ),
    Cue(
        "possible, suspected",
        Rank.OPEN,
        Reach.BACK,
        (
            rf"(?:has|have|carries|is of|are of) (?:an? )?(?:very )?{_LOW}"
            r"(?! (?:of|for)\b)",
            r"(?:is|are|remains?) (?:also )?(?:in|on) the differential",
            # "Pneumonia?"
            r"\?+(?= *$)",
        ),
    ),
    Cue(
        "possible, suspected",
        Rank.OPEN,
        Reach.AHEAD,
        (
            r"(?:possibly|probably|presumable|presumably|presumed|questionable|"
            r"questionably|question|suspect|equivocal|maybe|perhaps|possibility of|"
            r"suspicion of|suspicion for|suggestion of|favor|favors|favored|favoring|"
            r"consider|considered|doubt|doubtful)",
            r"(?:suspicious|concern|concerning|concerned|worrisome) for",
            r"(?:rule out|r/o|evaluate for|evaluation for|assess for)",
            r"(?:correlate|correlation) (?:\w+ )?for",
            r"differential(?: (?:considerations?|diagnos[ei]s))?(?: ?:)?",
            rf"{_LOW} (?:of|for)",
            r"\?+",
        ),
    ),
    Cue(
        "may be",
        Rank.OPEN,
        Reach.AHEAD,
        (
            rf"(?:may|might|could|can|would) (?:also |well )?{_LY}(?:also )?"
            r"(?:be|represent|reflect|indicate|include|suggest|relate|have|contain|"
            r"obscure|mimic)(?: (?:due|secondary|related|attributed|compatible|"
            r"consistent) (?:to|with))?",
            r"(?:possibly|probably|presumably) (?:\w+ly )?(?:due|secondary|related|"
            r"compatible|consistent|representing|reflecting) ?(?:to|with)?",
        ),
    ),
    Cue(
        "possible, suspected",
        Rank.OPEN,
        Reach.BOTH,
        (r"(?:suspected|possible|questioned|probable|obscured|unlikely|less likely)",),
    ),
    Cue(
        "not well seen",
        Rank.OPEN,
        Reach.BACK,
        (
            rf"{_NOT} (?:\w+ )?(?:well|clearly|adequately|optimally|fully)[ -]"
            r"(?:seen|visualized|evaluated|assessed|demonstrated)"
            r"(?! on (?:the )?(?:prior|previous))",
            _POORLY,
        ),
    ),
    Cue(
        "may be",
        Rank.OPEN,
        Reach.BACK,
        (r"(?:may|might|could) (?:\w+ )?(?:be present|have this appearance)",),
    ),
    Cue("versus", Rank.OPEN, Reach.LIST, (r"(?:versus|vs)\.?", r"v\.(?= ?[a-z])")),
    Cue(
        "one of several",
        Rank.OPEN,
        Reach.LIST,
        (r"and ?/ ?or", "or", "/(?<=[a-z]/)(?=[a-z])"),
    ),
    # An organ only: described as large, or said to be as before without its size.
    Cue(
        "described as large",
        Rank.DESCRIBED,
        Reach.BOTH,
        (
            r"(?:enlarged|enlargement|prominent|prominence|widened|widening|"
            r"borderline|accentuated|abnormal|irregular)",
            r"(?:upper|xxxx) limits? of normal",
            r"on (?:the )?upper limits? of normal",
            rf"not {_LY}normal",
        ),
        organ=True,
    ),
    Cue(
        "unchanged",
        Rank.UNCHANGED,
        Reach.BOTH,
        (
            r"(?:stable|unchanged|similar)",
            rf"(?:no|without|not) (?:\w+ ){{0,3}}{_CHANGE}",
        ),
        organ=True,
    ),
    # What says nothing of a mention, though a part of it would.
    Cue(
        "",
        Rank.NONE,
        Reach.LIST,
        (
            # "No opacity to suggest pneumonia": the denial goes on.
            r"(?:to|that|which|would|could) (?:would |could )?"
            r"(?:suggest|indicate|explain|diagnose)s?",
            rf"not (?:yet )?{_LY}(?:resolved|cleared|removed|disappeared)",
            # "The lungs are not pneumonia free": over the phrase itself.
            rf"not {_LY}{_DISEASE}\w*[ -]free",
            rf"(?:nearly|almost|partially|incompletely) {_LY}(?:resolved|cleared)",
            r"(?:partial|incomplete) (?:\w+ )?(?:resolution|clearing)(?: of)?",
            r"(?:near|nearly) complete (?:resolution|clearing)(?: of)?",
        ),
    ),
    # Boundaries.
    Cue(
        "",
        Rank.NONE,
        Reach.VERB,
        (
            r"(?:is|are|was|were|be|been|being|appear|appears|appeared|remain|remains|"
            r"seem|seems|looks|has|have|had|show|shows|demonstrate|demonstrates|"
            r"suggest|suggests|may|might|could|can|which|that|there|represents|"
            r"reflects|becomes|become|measures)",
        ),
    ),
    Cue(
        "",
        Rank.NONE,
        Reach.END,
        (
            r"(?:but|however|although|though|except|with|because|since|while|whereas|"
            r"given|aside from|other than|apart from|due to|secondary to|after|"
            r"following|status post|s/p|despite)",
            ";",
            r"\(",
            r"\)",
        ),
    ),
    Cue("", Rank.NONE, Reach.COLON, (":",)),
    Cue("", Rank.NONE, Reach.CLAUSE, (r"and(?= (?:there|the|an?)\b)",)),
    Cue(
        "",
        Rank.NONE,
        Reach.LINK,
        (r"(?:consistent|compatible) with", "(?:suggesting|representing|reflecting)"),
    ),
)
