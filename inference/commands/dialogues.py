"""`python -m inference dialogues`: questions and answers on reports by a chat model.

The paper had GPT-4 write them. Any endpoint that speaks OpenAI's protocol will do; the
key, if it wants one, is taken from OPENAI_API_KEY.
"""

import argparse
import json
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from inference.endpoint import KEY_VARIABLE, Endpoint, Refused, Reply, Unreachable
from inference.train.asked import Asked
from inference.train.asking import (
    INSTRUCTION,
    fingerprint,
    messages_for,
    parse_pairs,
)
from inference.train.manifest import Line, read_lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the manifests, the endpoint and how it is asked."""
    parser.add_argument(
        "--manifest",
        type=Path,
        required=True,
        metavar="IN.jsonl",
        help="studies with reports, as `data` writes them",
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="OUT.jsonl",
        help="the same studies with questions; what is here already is not asked again",
    )
    parser.add_argument(
        "--base-url",
        required=True,
        metavar="URL",
        help="such as https://api.openai.com/v1 or http://127.0.0.1:8000/v1; its key, "
        f"if any, is taken from {KEY_VARIABLE}",
    )
    parser.add_argument("--model", required=True, metavar="NAME", help="who is asked")
    parser.add_argument(
        "--per-study", type=_positive, default=3, metavar="N", help="pairs (default: 3)"
    )
    parser.add_argument(
        "--concurrency",
        type=_positive,
        default=4,
        metavar="N",
        help="requests under way at once (default: 4)",
    )
    parser.add_argument("--temperature", type=float, default=0.7, help="default: 0.7")
    parser.add_argument("--seed", type=int, default=0, help="sent along (default: 0)")
    parser.add_argument(
        "--max-tokens",
        type=_positive,
        metavar="N",
        help="of an answer (default: the endpoint's)",
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="without a word, before a try is given up (default: 120)",
    )
    parser.add_argument(
        "--tries",
        type=_positive,
        default=6,
        metavar="N",
        help="of one request, with growing waits between (default: 6)",
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=1.0,
        metavar="SECONDS",
        help="before the second try; doubled before each further one (default: 1)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the dialogues.

    Status 1 where an answer could not be read or the endpoint failed, 2 where nothing
    can be done.
    """
    try:
        work = _work(arguments)
        lines = list(read_lines(arguments.manifest))
        with Asked(arguments.out, work.fingerprint) as asked:
            return _ask_all(work, lines, asked, arguments.concurrency)
    except Unreachable as problem:
        sys.stderr.write(f"{problem} The same command goes on from here.\n")
        return 1
    except ValueError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


@dataclass(frozen=True)
class Work:
    """Who is asked, and for what."""

    endpoint: Endpoint
    count: int
    settings: dict[str, Any]
    fingerprint: str

    def ask(self, line: Line) -> Reply | Refused:
        """The endpoint's answer on one study, or why it gave none."""
        try:
            messages = messages_for(line.facts, self.count)
            return self.endpoint.ask(messages, **self.settings)
        except Refused as problem:
            return problem

    def prompt(self, line: Line) -> str:
        """What stands for the prompt on a study; nothing where it has no report."""
        if not line.facts.report:
            return ""
        return fingerprint(messages_for(line.facts, self.count))


def _work(arguments: argparse.Namespace) -> Work:
    if arguments.manifest.absolute() == arguments.out.absolute():
        raise ValueError("--out must be another file than --manifest.")
    if not 0 <= arguments.temperature <= 2:
        raise ValueError("The temperature must be from 0 to 2.")
    if arguments.timeout <= 0 or arguments.wait < 0:
        raise ValueError("The timeout must be above 0 and the wait not below it.")
    endpoint = Endpoint(
        arguments.base_url,
        arguments.model,
        timeout=arguments.timeout,
        tries=arguments.tries,
        wait=arguments.wait,
    )
    settings = {"temperature": arguments.temperature, "seed": arguments.seed}
    if arguments.max_tokens:
        settings["max_tokens"] = arguments.max_tokens
    made_by = [arguments.model, arguments.per_study, settings, INSTRUCTION]
    return Work(endpoint, arguments.per_study, settings, fingerprint(made_by))


def _ask_all(work: Work, lines: Sequence[Line], asked: Asked, concurrency: int) -> int:
    """Ask once for every prompt that has no answer yet; images share their study's."""
    waiting: dict[str, list[Line]] = {}
    for line in lines:
        prompt = work.prompt(line)
        known = asked.pairs_of(prompt)
        if asked.has(line, prompt):
            continue
        if not prompt:
            asked.add(line)
        elif known:
            asked.add(line, *known)
        else:
            waiting.setdefault(prompt, []).append(line)
    unread = 0
    side = asked.path.with_name(f"{asked.path.stem}.unread.jsonl")
    with tqdm(
        _answers(work, waiting, concurrency),
        total=len(waiting),
        unit="report",
        file=sys.stderr,
        disable=None,
    ) as bar:
        for prompt, answer in bar:
            unread += not _take(work, asked, prompt, waiting[prompt], answer, side)
            bar.set_postfix(unread=unread, refresh=False)
    if unread:
        sys.stderr.write(
            f"{unread} of {len(waiting)} answers are not the dialogues that were asked "
            f"for; they are kept in {side}, and asked for again by the next run.\n"
        )
    return 1 if unread else 0


def _take(
    work: Work,
    asked: Asked,
    prompt: str,
    lines: Sequence[Line],
    answer: Reply | Refused,
    side: Path,
) -> bool:
    """Write one answer for all images of its study; return whether it could be read."""
    dialogue: dict[str, Any] = {
        "prompt": prompt,
        "fingerprint": work.fingerprint,
        "base_url": work.endpoint.base_url,
        "model": work.endpoint.model,
        **work.settings,
    }
    text = ""
    if isinstance(answer, Refused):
        problem, pairs = str(answer), None
    else:
        text = answer.text
        found = parse_pairs(text, work.count)
        problem, pairs = found.problem, found.values
        if pairs is None and answer.finish == "length":
            problem = f"It was cut off. {problem}"
        dialogue |= {
            "answered_by": answer.model,
            "system_fingerprint": answer.system_fingerprint,
            "usage": dict(answer.usage),
        }
    if pairs is None:
        dialogue["problem"] = problem
        with side.open("a", encoding="utf-8") as stream:
            line = {"image": str(lines[0].image), **dialogue, "text": text}
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    else:
        dialogue["pairs"] = len(pairs)
    for each in lines:
        asked.add(each, pairs or (), dialogue)
    return pairs is not None


def _answers(
    work: Work, waiting: dict[str, list[Line]], concurrency: int
) -> Iterator[tuple[str, Reply | Refused]]:
    """The answers in the order of the prompts, a few requests under way at once."""
    under_way: deque[tuple[str, Future[Reply | Refused]]] = deque()
    with ThreadPoolExecutor(concurrency) as threads:
        try:
            for prompt, lines in waiting.items():
                under_way.append((prompt, threads.submit(work.ask, lines[0])))
                # One slow answer must not keep the others from being asked.
                if len(under_way) >= 4 * concurrency:
                    first, answer = under_way.popleft()
                    yield first, answer.result()
            while under_way:
                first, answer = under_way.popleft()
                yield first, answer.result()
        finally:
            work.endpoint.stop.set()
            threads.shutdown(wait=False, cancel_futures=True)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
