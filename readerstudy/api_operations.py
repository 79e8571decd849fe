"""The API's document taken apart for a page that people read."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """A field of a body or an answer: what may stand in it, in words."""

    name: str
    kind: str
    is_required: bool
    about: str


@dataclass(frozen=True)
class Answer:
    """What an operation may answer; the example is JSON, or empty."""

    status: str
    about: str
    kinds: tuple[str, ...]
    fields: tuple[Field, ...]
    example: str


@dataclass(frozen=True)
class Operation:
    """One operation: how it is asked, and what it answers."""

    name: str
    method: str
    path: str
    about: tuple[str, ...]
    parameters: tuple[str, ...]
    fields: tuple[Field, ...]
    body: str
    answers: tuple[Answer, ...]
    refusals: tuple[tuple[str, str], ...]


def operations_of(document: Schema) -> list[Operation]:
    """Every operation in the order of addresses."""
    return [
        _operation(document, method, path, said)
        for path, methods in sorted(document["paths"].items())
        for method, said in methods.items()
    ]


def _operation(document: Schema, method: str, path: str, said: Schema) -> Operation:
    answers = {
        status: each
        for status, each in said["responses"].items()
        if status.startswith("2")
    }
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        name=said["operationId"],
        method=method.upper(),
        path=path,
        about=_paragraphs(said.get("description", "")),
        parameters=tuple(each["name"] for each in said.get("parameters", ())),
        fields=tuple(_fields(document, body.get("schema", {}))),
        body=_shown(body),
        answers=tuple(_answer(document, *each) for each in answers.items()),
        refusals=tuple(
            (status, each["description"])
            for status, each in said["responses"].items()
            if not status.startswith("2")
        ),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    """A description without its line breaks and its marks of code."""
    found = (" ".join(each.split()) for each in text.split("\n\n"))
    return tuple(each.replace("`", "") for each in found)


def _answer(document: Schema, status: str, said: Schema) -> Answer:
    content = said.get("content", {})
    as_json = content.get("application/json", {})
    return Answer(
        status=status,
        about=said.get("description", ""),
        kinds=tuple(content),
        fields=tuple(_fields(document, as_json.get("schema", {}))),
        example=_shown(as_json),
    )


def _shown(content: Schema) -> str:
    if "example" not in content:
        return ""
    return json.dumps(content["example"], indent=2, ensure_ascii=False)


def _resolved(document: Schema, schema: Schema) -> Schema:
    """What a schema refers to; of several that all hold, or one of which, the first."""
    while True:
        reference = schema.get("$ref")
        if reference is not None:
            schema = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
        elif choices := schema.get("allOf") or schema.get("oneOf"):
            schema = choices[0]
        else:
            return schema


def _fields(document: Schema, schema: Schema, above: str = "") -> Iterator[Field]:
    """The fields of an object, or of the objects of a list, and those a list below."""
    found = _element(document, schema)
    required = found.get("required", ())
    for name, said in found.get("properties", {}).items():
        about = said.get("description") or _resolved(document, said).get("description")
        # Of choices the document repeats the values; they stand under the kind already.
        words = "" if not about or about.startswith("* `") else about
        kind = _kind(document, said)
        yield Field(f"{above}{name}", kind, name in required, words or "")
        if kind.startswith("list of object") and not above:
            yield from _fields(document, said, f"{name}[].")


def _element(document: Schema, schema: Schema) -> Schema:
    """An object, or what a list is made of."""
    found = _resolved(document, schema)
    if found.get("type") == "array":
        return _resolved(document, found["items"])
    return found


def _kind(document: Schema, schema: Schema) -> str:
    """The type of a field with its limits, in words."""
    found = _resolved(document, schema)
    kind = str(found.get("type", "any"))
    if kind == "array":
        return f"list of {_kind(document, found['items'])}"
    if "enum" in found:
        values = [str(each) for each in found["enum"] if each not in ("", None)]
        return f"one of {', '.join(values)}"
    if found.get("format"):
        kind = f"{kind}, {found['format']}"
    limits = {"minLength": "at least", "maxLength": "at most"}
    words = [f"{word} {found[key]}" for key, word in limits.items() if key in found]
    if words:
        kind = f"{kind}, {' and '.join(words)} characters"
    return f"{kind} or null" if schema.get("nullable") else kind
