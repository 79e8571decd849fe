"""What holds for every operation of the API, said once in its OpenAPI document."""

from typing import Any

_REFUSED = {
    "401": "Nobody is signed in, or the token is not in force.",
    "403": "Not with this role, or not before the study is closed; or a browser's "
    "session without its CSRF token.",
    "404": "There is no such thing, or it is somebody else's.",
    "406": "Another form was asked for than there is.",
}
_REFUSED_BODY = {
    "413": "The body is too long.",
    "415": "The body is not called application/json.",
}
# `detail` in a sentence, or what is wrong field by field.
_INVALID = {"type": "object", "additionalProperties": {}}
_SENTENCE = {
    "type": "object",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
}


def add_refusals(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Document the refusals that any operation may answer with."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.setdefault("Refusal", _SENTENCE)
    schemas.setdefault("Invalid", _INVALID)
    for path in result["paths"].values():
        for operation in path.values():
            _add(operation)
    return result


def _add(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    refused = dict(_REFUSED)
    if "requestBody" in operation:
        refused |= _REFUSED_BODY
        responses["400"] = _response(
            "A sentence under `detail`, or what is wrong field by field.", "Invalid"
        )
    for status, description in refused.items():
        responses.setdefault(status, _response(description, "Refusal"))
    operation["responses"] = dict(sorted(responses.items()))


def _response(description: str, schema: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    content = {"application/json": {"schema": reference}}
    return {"description": description, "content": content}
