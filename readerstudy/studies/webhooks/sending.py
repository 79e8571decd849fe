"""One call to a receiver that ends: led nowhere else, bounded in time, never read."""

import time
from dataclasses import dataclass

import requests

CONNECT_SECONDS, SILENCE_SECONDS = 5, 10
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


def post(url: str, *, headers: dict[str, str], body: str) -> Answer:
    """Send a body. Neither proxy nor password of the account of the site is used."""
    began = time.monotonic()
    status: int | None = None
    with requests.Session() as session:
        session.trust_env = False
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
                status = response.status_code
                failure = _refusal(status)
        except requests.exceptions.SSLError:
            failure = "The receiver's certificate is not believed by this site."
        except requests.exceptions.Timeout:
            failure = "The receiver does not answer in time."
        except requests.exceptions.RequestException:
            failure = "The receiver does not answer."
    return Answer(status, round((time.monotonic() - began) * 1000), failure)


def _refusal(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"The receiver leads elsewhere (HTTP {status}), which is not followed."
    return f"The receiver answers with HTTP {status}."
