"""Accounts, the audit trail and the workers: what a study only points to."""

from readerstudy.export.moving.declared.rules import (
    COPY_REMADE,
    MOVE_REMADE,
    MOVED,
    NOT_COPIED,
    NOT_MOVED,
    Declared,
    group,
    left,
    model,
)

_ACCOUNT = "Accounts belong to a server; a copy points to the same ones."

MODELS: dict[str, Declared] = dict(
    [
        model(
            "accounts.User",
            group("id", NOT_COPIED, MOVE_REMADE, _ACCOUNT),
            group(
                "username first_name last_name",
                NOT_COPIED,
                MOVED,
                "A move names people; there they are matched by username.",
            ),
            group(
                "password email last_login date_joined",
                NOT_COPIED,
                NOT_MOVED,
                "Private to the person and the server; they are invited there.",
            ),
            group(
                "is_active is_staff is_superuser may_create_studies groups "
                "user_permissions",
                NOT_COPIED,
                NOT_MOVED,
                "Rights are given by each server; who is new there can't sign in yet.",
            ),
            key="username",
        ),
        left(
            "accounts.ApiToken",
            "user name scope key_sha256 first_characters created_at expires_at "
            "last_used_at revoked_at",
            "A key opens the server that gave it.",
        ),
        model(
            "audit.Stream",
            group(
                "name length head_sha256",
                COPY_REMADE,
                MOVED,
                "A copy begins a stream of its own; a move takes the chain along.",
            ),
            key="name",
        ),
        model(
            "audit.Event",
            group("id", COPY_REMADE, MOVE_REMADE, "The database numbers rows itself."),
            group(
                "stream sequence at actor hashed_actor verb subject detail rows "
                "previous_sha256 sha256",
                NOT_COPIED,
                MOVED,
                "What happened to the original happened to it alone.",
            ),
            key="stream sequence",
        ),
        left("work.WorkerPulse", "worker seen_at", "A sign of life of this server."),
    ]
)
