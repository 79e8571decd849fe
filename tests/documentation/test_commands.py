"""Every command and option that a page names is there."""

import argparse
import re
from importlib import import_module

import pytest
from django.core.management import get_commands, load_command_class

from inference.__main__ import COMMANDS
from tests.documentation.pages import ROOT, code, pages

PAGES = [
    path
    for path in pages()
    # What has happened since is told there, also of what is gone.
    if path.name != "CHANGELOG.md"
]
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M))
# Named by patterns there.
TARGETS |= set(re.findall(r"\bcheck-[a-z]+", (ROOT / "Makefile").read_text()))
TARGETS |= {"load-peer", "load", "fuzz", "worker-set", "test-set"}
MAKE = re.compile(r"(?<![\w-])make ((?:[A-Z_]+=\S+ )*)([a-z][a-z-]*)")
MANAGE = re.compile(r"manage\.py ([a-z_]+)([^\n`|;]*)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
NAME = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")
# Of libraries, of the kernel, and the keys of those who sell models.
OF_OTHERS = {
    *("HF_TOKEN", "OPENAI_API_KEY", "GEMINI_API_KEY", "CUDA_VISIBLE_DEVICES"),
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RLIMIT_AS", "RLIMIT_CPU"),
    "COMPOSE_PROFILES",
}
EVERYWHERE = {"--settings", "--help", "--verbosity"}


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_every_command_of_a_page_is_there(path):
    wrong = []
    for piece in code(path.read_text()):
        whole = piece.replace("\\\n", " ")
        wrong += [
            f"make {target}"
            for _, target in MAKE.findall(whole)
            if target not in TARGETS and piece.lstrip().startswith(("make", "$ make"))
        ]
        for name, rest in MANAGE.findall(whole):
            wrong += [f"manage.py {name} {each}" for each in unknown(name, rest)]
        for stage, rest in re.findall(r"python -m inference (\w+)([^\n`|;]*)", whole):
            wrong += [f"inference {stage} {each}" for each in not_taken(stage, rest)]
    assert wrong == []


def unknown(name: str, rest: str) -> list[str]:
    """What of a command of the site is not there: itself, or an option."""
    app = get_commands().get(name)
    if app is None:
        return [name]
    parser = load_command_class(str(app), name).create_parser("manage.py", name)
    taken = {option for action in parser._actions for option in action.option_strings}
    return [each for each in OPTION.findall(rest) if each not in taken | EVERYWHERE]


def not_taken(stage: str, rest: str) -> list[str]:
    """What of a command of the inference library is not there."""
    if stage not in COMMANDS:
        return [] if stage.isupper() else [stage]
    parser = argparse.ArgumentParser()
    import_module(f"inference.commands.{stage}").add_arguments(parser)
    taken = {option for action in parser._actions for option in action.option_strings}
    return [each for each in OPTION.findall(rest) if each not in taken]


def test_every_setting_that_a_page_names_is_there():
    """What is written in capitals with an underscore: ours, make's, or of others."""
    places = [".env.example", "Makefile", ".ci/run", "readerstudy/settings.py"]
    known = {*OF_OTHERS}
    for place in [*places, "tests/migrated.py", "docs/how-to/adapter.py"]:
        known |= set(NAME.findall((ROOT / place).read_text()))
    wrong = {
        name: path.name
        for path in PAGES
        for piece in code(path.read_text())
        if (name := piece.split("=")[0].strip())
        and NAME.fullmatch(name)
        and name not in known
    }
    assert wrong == {}
