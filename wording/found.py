"""What the code asks to be translated: in Python by syntax, in templates by tags."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
# A sentence, or the forms for one and for many.
Wording = str | tuple[str, str]
# Django writes what a template asks for as calls between filling letters.
_LITERAL = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(n?)(?:gettext|_)\(\s*{_LITERAL}\s*(?:,\s*{_LITERAL})?")


def found() -> dict[Wording, list[str]]:
    """Every wording of the site with the files that hold it, in the order of both."""
    places: dict[Wording, list[str]] = {}
    for path in sorted([*_below("readerstudy", "*.py"), *_below("templates", "*")]):
        name = str(path.relative_to(ROOT))
        reading = _in_python if path.suffix == ".py" else _in_template
        for wording in reading(path.read_text()):
            files = places.setdefault(wording, [])
            if name not in files:
                files.append(name)
    return places


def _below(folder: str, pattern: str) -> list[Path]:
    return [path for path in (ROOT / folder).rglob(pattern) if path.is_file()]


def _in_python(source: str) -> Iterator[Wording]:
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if not isinstance(call.func, ast.Name):
            continue
        words = [
            argument.value
            for argument in call.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if call.func.id in SINGULAR and words:
            yield words[0]
        elif call.func.id in PLURAL and len(words) > 1:
            yield words[0], words[1]


def _in_template(source: str) -> Iterator[Wording]:
    for is_plural, first, second in _CALL.findall(templatize(source)):
        one = str(ast.literal_eval(first))
        yield (one, str(ast.literal_eval(second))) if is_plural else one
