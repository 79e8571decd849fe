"""The study, its arms and people, and what happened to its protocol."""

from readerstudy.export.moving.declared.rules import (
    COPIED,
    COPY_REMADE,
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

MODELS: dict[str, Declared] = dict(
    [
        model(
            "studies.Study",
            numbered(),
            group(
                "allocation reader_groups anchor_cases arm_order hidden_repeats "
                "minimum_pair_distance",
                COPIED,
                MOVED,
                "The design: who reads what, and in which order.",
            ),
            group(
                "presentation instruments amending undo_seconds session_reads "
                "washout_days idle_seconds break_minutes guess_sample display_check "
                "consent show_other_images allow_small_screens instructions "
                "show_indication reminder_days",
                COPIED,
                MOVED,
                "The rules of reading, and what readers are told.",
            ),
            group(
                "redaction layout_profile",
                COPIED,
                MOVED,
                "How reports are laid out. A copy is audited for blinding anew.",
            ),
            group(
                "scale primary_outcome reader_inference planned_analyses alpha "
                "margin_points sample_size",
                COPIED,
                MOVED,
                "The scale, and the plan of what is analysed.",
            ),
            group("code title", COPY_REMADE, MOVED, "A copy has names of its own."),
            group(
                "seed",
                COPY_REMADE,
                MOVED,
                "Whoever knows the lists of the original would know those of the "
                "copy; the same lists are dealt only where a person asks for them.",
            ),
            group("ends_on", NOT_COPIED, MOVED, "A date of the original's reading."),
            group(
                "created_by created_at state",
                COPY_REMADE,
                MOVED,
                "A copy is a new draft of the person who copies.",
            ),
            group(
                "protocol protocol_sha256 frozen_at opened_at pause_message closed_at",
                NOT_COPIED,
                MOVED,
                "The lock and the life of the original; a copy is a draft.",
            ),
            key="code",
        ),
        model(
            "studies.Arm",
            numbered(),
            group("study", COPY_REMADE, MOVED, "A copy has arms of its own."),
            group(
                "position name label source is_reference",
                COPIED,
                MOVED,
                "The same sources are compared.",
            ),
            key="study name",
        ),
        model(
            "studies.Membership",
            numbered(),
            group("study", COPY_REMADE, MOVED, "A role belongs to one study."),
            group(
                "user role reader_code",
                COPIED,
                MOVED,
                "Roles, if the person who copies asks for them; no reader's results.",
            ),
            key="study user",
        ),
        record(
            "studies.Amendment",
            "study number at author reason field before after",
            "The protocol of a copy is written anew, as it was amended.",
            key="study number",
        ),
        record(
            "studies.Unblinding",
            "study reason author at",
            "A copy has no results that could have been opened.",
            key="study",
        ),
        record(
            "studies.Withdrawal",
            "reader rule reason author at",
            "Whoever left the original is not asked to read the copy.",
            key="reader",
        ),
        left(
            "studies.Invitation",
            "study role name email key_sha256 created_by created_at expires_at sent_at "
            "failure used_at used_by revoked_at refusals",
            "A link opens one study on one server, and holds an address.",
        ),
        left(
            "studies.Webhook",
            "study receiver kinds secret_sealed created_by created_at told_until "
            "failures off_at off_because removed_at",
            "The receivers are those that this server's administrator names.",
        ),
        left(
            "studies.WebhookDelivery",
            f"{WORK} webhook public_id sequence kind at due_at answered milliseconds",
            "A message that this server sent, or not.",
        ),
    ]
)
