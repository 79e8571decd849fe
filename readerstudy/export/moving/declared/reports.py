"""Sources and their reports, with what was found out about them."""

from readerstudy.export.moving.declared.rules import WORK, Declared, left, record

_SHARED = "Reports are shared: a copy compares the same ones, a move takes its own."
_LABELS = (
    "They tell of a collection as a whole, which no study owns; they can be downloaded "
    "and brought in there."
)

MODELS: dict[str, Declared] = dict(
    [
        record(
            "reports.Source",
            "name kind checkpoint address making price_in price_out currency "
            "created_at",
            _SHARED,
            key="name",
        ),
        record(
            "reports.Report",
            "case source findings impression text sha256 fingerprint provenance "
            "created_at",
            _SHARED,
            key="case source fingerprint",
        ),
        record(
            "reports.SelfTestResult",
            "source fingerprint verdict sentence outcome provenance made_at",
            "The evidence that a model looked at pixels, shared by its studies.",
            key="source fingerprint made_at",
        ),
        record(
            "reports.Overruling",
            "study result reason author at",
            "Another study needs a reason of its own.",
            key="study result",
        ),
        record(
            "reports.SignOff",
            "collection by at statement without_scan digest state",
            "Who answered for a collection, and for what; a draft needs it anew.",
            key="collection at",
        ),
        left(
            "reports.SendingConsent",
            "collection source allows address statement by at",
            "Who lets radiographs leave a server answers for that server alone.",
        ),
        left(
            "reports.EndpointAnswer",
            "source case fingerprint is_a_test is_refusal said tokens_in tokens_out "
            "cost currency at",
            "What was spent on this server; reports hold what each of them cost.",
        ),
        left(
            "reports.TextReview",
            "collection source kind findings digest by at",
            "Texts are looked through by those who sign for them on each server.",
        ),
        left(
            "reports.Job",
            f"{WORK} case source fingerprint checkpoint report",
            "Work of this server's workers; its reports hold what came of it.",
        ),
        left(
            "reports.SelfTest",
            f"{WORK} source fingerprint checkpoint cases images written stream "
            "asked_by result",
            "Work of this server's workers; its result moves.",
        ),
        left(
            "reports.TableImport",
            f"{WORK} token collection uploaded_by name size sha256 expires_at encoding "
            "delimiter has_header mapping source making checked leave_out stored",
            "How reports came to this server.",
        ),
        left(
            "reports.LabelSet",
            "collection name subject origin source labeler version making texts_sha256 "
            "file_name file_sha256 labelled unread made_by made_at",
            _LABELS,
        ),
        left(
            "reports.CaseLabels",
            "label_set case values evidence report text_sha256 answer problem",
            _LABELS,
        ),
        left(
            "reports.Labelling",
            f"{WORK} collection source strict total labelled asked_by label_set",
            "Work of this server's workers.",
        ),
        left(
            "reports.MetricTable",
            "collection source columns cases file_name file_sha256 made_by made_at",
            _LABELS,
        ),
        left("reports.MeasuredCase", "table case values", _LABELS),
        left(
            "reports.LabelUpload",
            "token collection kind asked name size sha256 uploaded_by created_at "
            "expires_at",
            "A file on its way in.",
        ),
        left(
            "reports.LabelStoring",
            f"{WORK} upload collection file_name leave_out cases asked_by",
            "Work of this server's workers.",
        ),
        left(
            "reports.Conversation",
            "study case image checkpoint revision started_by started_at",
            "A coordinator's questions to a model, no part of the reading.",
        ),
        left(
            "reports.Turn",
            f"{WORK} conversation number kind question prompt decoding fingerprint "
            "asked_by answer provenance",
            "A coordinator's questions to a model, no part of the reading.",
        ),
    ]
)
