"""`python -m inference report --images FILE...`: write a report on each radiograph."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from inference.answers import Answers
from inference.identity import DecodingSettings, file_sha256, fingerprint
from inference.prompts import Message, report_conversation

if TYPE_CHECKING:
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
        help="images computed together (default: 1)",
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


def answer_images(
    arguments: argparse.Namespace,
    conversation: list[Message],
    more: Callable[[str], dict[str, Any]] | None = None,
) -> int:
    """Answer one conversation about every image of the command line.

    more: what else a line says of its answer's text.
    """
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
                engine, answers, images, conversation, settings, arguments.batch, more
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
    more: Callable[[str], dict[str, Any]] | None,
) -> int:
    """Write one line for every image that has none yet; return how many failed."""
    from inference.batching import Request, answer_many
    from inference.radiographs import open_radiograph

    provenance = engine.provenance(settings=settings, conversation=conversation)
    identity = fingerprint(engine.revision, conversation, settings)
    requests = [
        Request(path, partial(open_radiograph, path), conversation)
        for path in images
        if not _is_done(answers, path)
    ]
    failed = 0
    # Without a terminal there is nobody to watch a bar.
    with tqdm(
        total=len(images),
        initial=len(images) - len(requests),
        unit="image",
        file=sys.stderr,
        disable=None,
    ) as bar:
        for one in answer_many(engine, requests, settings=settings, batch=batch):
            if one.report is None:
                failed += 1
                answers.add({"image": str(one.key), "error": one.problem})
                tqdm.write(f"{one.key}: {one.problem}", file=sys.stderr)
            else:
                answers.add(
                    {
                        "image": str(one.key),
                        "image_sha256": file_sha256(one.key),
                        "fingerprint": identity,
                        **asdict(one.report),
                        **(more(one.report.text) if more else {}),
                        "provenance": provenance,
                    }
                )
            bar.update()
    return failed


def _is_done(answers: Answers, path: Path) -> bool:
    return path.is_file() and answers.has(path, file_sha256(path))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
