"""Collections with their radiographs, and the cases of a study."""

from readerstudy.export.moving.declared.rules import (
    COPIED,
    COPY_REMADE,
    MOVE_REMADE,
    MOVED,
    NOT_COPIED,
    WORK,
    Declared,
    group,
    left,
    model,
    numbered,
    record,
)

_SHARED = "Collections are shared: a copy reads the same rows, a move takes its cases."
_DESK = "Work on a collection as a whole, which stays where the whole collection is."

MODELS: dict[str, Declared] = dict(
    [
        record(
            "cases.Collection",
            "name dates dates_fixed_at created_at",
            _SHARED,
            key="name",
        ),
        record(
            "cases.Case",
            "collection code stratum indication image image_was_chosen created_at",
            _SHARED,
            key="collection code",
        ),
        model(
            "cases.Image",
            group("id", NOT_COPIED, MOVE_REMADE, "The database numbers rows itself."),
            group(
                "case name view view_reason is_prior source_sha256 frame_sha256 rows "
                "columns description header look flags looked_sha256 created_at",
                NOT_COPIED,
                MOVED,
                _SHARED,
            ),
            group(
                "frame_file",
                NOT_COPIED,
                MOVE_REMADE,
                "The pixels move; their file is named by what it holds.",
            ),
            key="case source_sha256",
        ),
        record(
            "cases.HeaderRecord",
            "image profile software dates elements further trailing original_is_kept "
            "made_at",
            "What was removed from a file stays known wherever the radiograph is.",
            key="image",
        ),
        left(
            "cases.TextScan",
            f"{WORK} image frame_sha256 uncovered found asked_by",
            "The search was made here, and can point to pixels that are covered.",
        ),
        left(
            "cases.TextRegion",
            "image frame_sha256 left top width height place marker holds_marker "
            "letters score decision decided_by decided_at",
            "The frame moves as it is shown, with what was covered covered for good.",
        ),
        left("cases.LookedAt", "image frame_sha256 by at", _DESK),
        left(
            "cases.BulkChange",
            "collection what value before changed actor made_at undone_at",
            _DESK,
        ),
        left("cases.SetAside", "case reason actor at", _DESK),
        left("cases.ToldApart", "first second actor at", _DESK),
        left(
            "cases.Delivery",
            f"{WORK} collection origin layout options asked_by note waits_since "
            "touched_at told names_forgotten_at",
            "How files came to this server.",
        ),
        left(
            "cases.DeliveredFile",
            "delivery name address size received state sha256 reason warnings case "
            "archive key mark turn tries",
            "How files came to this server; names can be those of patients.",
        ),
        model(
            "cases.CaseSet",
            numbered(),
            group("study", COPY_REMADE, MOVED, "A copy has a set of its own."),
            group(
                "collection normal abnormal unknown filters",
                COPIED,
                MOVED,
                "What is asked of the cases, and how many.",
            ),
            group(
                "seed available collection_cases candidates left_out excluded drawn_at",
                COPIED,
                MOVED,
                "The draw as it was, unless the person who copies draws anew.",
            ),
            group(
                "is_locked",
                NOT_COPIED,
                MOVE_REMADE,
                "A copy is a draft. A move locks the set when all of it is there.",
            ),
            key="study",
        ),
        model(
            "cases.StudyCase",
            numbered(),
            group("case_set", COPY_REMADE, MOVED, "A copy has a set of its own."),
            group("case", COPIED, MOVED, "The cases drawn, unless drawn anew."),
            key="case_set case",
        ),
        model(
            "cases.CaseExclusion",
            numbered(),
            group("study", COPY_REMADE, MOVED, "An exclusion belongs to one study."),
            group(
                "case reason note after_draw is_replaced",
                COPIED,
                MOVED,
                "What can't be read in one study can't in its copy.",
            ),
            group("actor at", COPY_REMADE, MOVED, "Whoever copies answers for it."),
            key="study case",
        ),
    ]
)
