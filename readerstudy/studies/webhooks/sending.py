"""One call to a receiver that ends: led nowhere else, bounded in time, never read."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import requests

from readerstudy.studies.webhooks.cutting import Cuttable

CONNECT_SECONDS, SILENCE_SECONDS = 5, 10
# Silence is counted between two bytes, and addresses are tried one after the other.
CALL_SECONDS = 15
_THREAD = "webhook"
_USER_AGENT = "readerstudy-webhooks/1"


@dataclass(frozen=True)
class Answer:
    """What came of a call.

    status        of HTTP; None where no answer came
    milliseconds  until the answer's headers, or until it was given up
    failure       why it does not count as received, in a sentence; empty where it does
    """

    status: int | None
    milliseconds: int
    failure: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether the receiver says that it wants no more of it, ever."""
        return self.status == 410


def post(
    url: str, *, headers: dict[str, str], body: str, seconds: float = CALL_SECONDS
) -> Answer:
    """Send a body. Neither proxy nor password of the account of the site is used.

    seconds  after which the call ends, whatever the receiver does
    """
    began = time.monotonic()
    line = Cuttable()
    # A thread, for neither a look at names nor a handshake ends by itself in time.
    calling = ThreadPoolExecutor(1, thread_name_prefix=_THREAD)
    call = calling.submit(_called, line, url, headers, body)
    calling.shutdown(wait=False)
    try:
        status, failure = call.result(seconds)
    except TimeoutError:
        line.cut()
        status, failure = None, f"The receiver gives no answer in {seconds:g} seconds."
    return Answer(status, round((time.monotonic() - began) * 1000), failure)


def _called(
    line: Cuttable, url: str, headers: dict[str, str], body: str
) -> tuple[int | None, str]:
    """The status of an answer, and why it does not count as received."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", line)
        session.mount("http://", line)
        try:
            with session.post(
                url,
                data=body.encode(),
                headers={
                    "Content-Type": "application/json",
                    "User-Agent": _USER_AGENT,
                    **headers,
                },
                allow_redirects=False,
                # The body of an answer says nothing that is asked for.
                stream=True,
                timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
            ) as response:
                return response.status_code, _refusal(response.status_code)
        except requests.exceptions.SSLError:
            return None, "The receiver's certificate is not believed by this site."
        except requests.exceptions.Timeout:
            return None, "The receiver does not answer in time."
        except requests.exceptions.RequestException:
            return None, "The receiver does not answer."


def _refusal(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"The receiver leads elsewhere (HTTP {status}), which is not followed."
    return f"The receiver answers with HTTP {status}."
