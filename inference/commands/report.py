"""`python -m inference report --images FILE...`: write a report on each radiograph."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from inference.answers import Answers
from inference.identity import DecodingSettings, file_sha256, fingerprint
from inference.prompts import Message, report_conversation

if TYPE_CHECKING:
    from PIL import Image

    from inference.engine import ReportEngine

DEMONSTRATION = Path(__file__).resolve().parent.parent / "demonstration"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the checkpoint, the images and how answers are chosen."""
    default = DecodingSettings()
    parser.add_argument(
        "--checkpoint",
        default=str(DEMONSTRATION),
        help="a folder, or a hub id as owner/name@revision "
        "(default: the demonstration model, which knows drawn phantoms only)",
    )
    parser.add_argument(
        "--images",
        nargs="+",
        type=Path,
        required=True,
        metavar="FILE",
        help="PNG or JPEG radiographs with 8 bits per grey level",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE.jsonl",
        help="write here, and skip what is here already (default: standard output)",
    )
    parser.add_argument(
        "--batch",
        type=_positive,
        default=1,
        metavar="N",
        help="images computed together; 1 is what a study's worker does (default: 1)",
    )
    parser.add_argument("--device", help="cpu, cuda or cuda:1 (default: a GPU if any)")
    parser.add_argument(
        "--temperature",
        type=float,
        default=default.temperature,
        help="above 0 the answer is drawn by chance (default: 0, the likeliest)",
    )
    parser.add_argument("--seed", type=int, default=default.seed, help="of that chance")
    parser.add_argument(
        "--max-new-tokens", type=int, default=default.max_new_tokens, metavar="N"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the reports; status 1 if an image failed, 2 if nothing can be done."""
    return answer_images(arguments, report_conversation())


def answer_images(arguments: argparse.Namespace, conversation: list[Message]) -> int:
    """Answer one conversation about every image of the command line."""
    try:
        settings = DecodingSettings(
            temperature=arguments.temperature,
            seed=arguments.seed,
            max_new_tokens=arguments.max_new_tokens,
        )
        answers = Answers(arguments.out)
        engine = _loaded(arguments)
        answers.require(fingerprint(engine.revision, conversation, settings))
        images = list(dict.fromkeys(arguments.images))
        with answers:
            failed = _answer_all(
                engine, answers, images, conversation, settings, arguments.batch
            )
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    if failed:
        sys.stderr.write(f"{failed} of {len(images)} images failed.\n")
    return 1 if failed else 0


def _loaded(arguments: argparse.Namespace) -> "ReportEngine":
    """Load the model, and the libraries under it only now."""
    from transformers.utils.logging import disable_progress_bar

    from inference.engine import load_engine

    disable_progress_bar()  # type: ignore[no-untyped-call]
    return load_engine(arguments.checkpoint, device=arguments.device)


def _answer_all(
    engine: "ReportEngine",
    answers: Answers,
    images: Sequence[Path],
    conversation: list[Message],
    settings: DecodingSettings,
    batch: int,
) -> int:
    """Write one line for every image that has none yet; return how many failed."""
    provenance = engine.provenance(settings=settings, conversation=conversation)
    identity = fingerprint(engine.revision, conversation, settings)
    failed = 0
    # Without a terminal there is nobody to watch a bar.
    with tqdm(total=len(images), unit="image", file=sys.stderr, disable=None) as bar:
        for group in _groups(images, batch):
            pictures: dict[Path, Image.Image] = {}
            for path in group:
                try:
                    if not _is_done(answers, path):
                        pictures[path] = _opened(path)
                except ValueError as problem:
                    failed += 1
                    answers.add({"image": str(path), "error": str(problem)})
                    tqdm.write(f"{path}: {problem}", file=sys.stderr)
            written = engine.answer(
                list(pictures.values()),
                [conversation] * len(pictures),
                settings=settings,
            )
            for path, report in zip(pictures, written, strict=True):
                answers.add(
                    {
                        "image": str(path),
                        "image_sha256": file_sha256(path),
                        "fingerprint": identity,
                        **asdict(report),
                        "provenance": provenance,
                    }
                )
            bar.update(len(group))
    return failed


def _is_done(answers: Answers, path: Path) -> bool:
    return path.is_file() and answers.has(path, file_sha256(path))


def _opened(path: Path) -> "Image.Image":
    from inference.radiographs import open_radiograph

    return open_radiograph(path)


def _groups(images: Sequence[Path], size: int) -> Iterator[Sequence[Path]]:
    for start in range(0, len(images), size):
        yield images[start : start + size]


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
