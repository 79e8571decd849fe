"""Calls to a DICOMweb server that end: bounded in time and size, and led nowhere else.

A server may be slow, broken or hostile; whatever it does, a call gives an answer of a
known size within a known time, or one of the exceptions below with a sentence.
"""

import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import HTTPError

from readerstudy.cases.pacs.servers import PacsServer
from readerstudy.cases.radiograph import MAXIMUM_FILE_BYTES, NotNow, Refused

CONNECT_SECONDS = 5
# Between two pieces of an answer; a PACS may have to fetch a film from tape first.
SILENCE_SECONDS = 30
ANSWER_BYTES = 32 * 1024**2
# Around an instance stand the lines of its multipart message.
INSTANCE_BYTES = MAXIMUM_FILE_BYTES + 64 * 1024
_PIECE_BYTES = 256 * 1024
_BUSY = {408, 425, 429, 502, 503, 504}


class BoundedSession(requests.Session):
    """A session for one server.

    seconds     how long the calls of this session may take, all together
    most_bytes  how long one answer may be
    """

    def __init__(self, server: PacsServer, *, seconds: float, most_bytes: int) -> None:
        super().__init__()
        self.server = server
        self.deadline = time.monotonic() + seconds
        self.most_bytes = most_bytes
        # Neither proxies nor passwords of the account under which the site runs.
        self.trust_env = False
        self.verify = server.ca_file or True
        if server.user:
            # As UTF-8, which RFC 7617 lets a server expect.
            self.auth = HTTPBasicAuth(server.user.encode(), server.password.encode())
        # dicomweb-client asks several studies at once over one session.
        self.mount(server.url, HTTPAdapter(pool_maxsize=8))

    def request(self, *arguments: Any, **options: Any) -> requests.Response:
        """Call and read the whole answer. Raises NotNow or Refused."""
        headers = {**(options.pop("headers", None) or {})}
        # dicomweb-client names the host without its port.
        headers.pop("Host", None)
        options |= {
            "headers": headers,
            "allow_redirects": False,
            "stream": True,
            "timeout": (CONNECT_SECONDS, SILENCE_SECONDS),
        }
        self._refuse_lateness()
        name = self.server.name
        try:
            with super().request(*arguments, **options) as response:
                self._refuse_status(response.status_code)
                response._content = self._content(response)
                return response
        except requests.exceptions.SSLError:
            raise NotNow(
                f"The certificate of the PACS {name} is not believed by this site."
            ) from None
        except requests.exceptions.Timeout:
            raise NotNow(f"The PACS {name} does not answer in time.") from None
        except requests.exceptions.ConnectionError:
            raise NotNow(f"The PACS {name} does not answer.") from None
        except (requests.exceptions.RequestException, HTTPError):
            # Cut off in the middle, or bytes that are no HTTP.
            raise NotNow(f"The PACS {name} broke off its answer.") from None

    def _refuse_lateness(self) -> None:
        if time.monotonic() > self.deadline:
            raise NotNow(f"The PACS {self.server.name} takes too long to answer.")

    def _refuse_status(self, status: int) -> None:
        name = self.server.name
        if status == 401:
            # Not the fault of what was asked for: the administrator can mend it.
            raise NotNow(
                f"The PACS {name} does not accept this site's user and password."
            )
        if status in _BUSY:
            raise NotNow(f"The PACS {name} is too busy or away (HTTP {status}).")
        if status >= 500:
            raise Failing(name, status)
        if status == 403:
            raise Refused(f"The PACS {name} does not let this site have it.")
        if status in {404, 410}:
            raise Gone(name)
        if not 200 <= status < 300:
            raise Refused(f"The PACS {name} answers in an unknown way (HTTP {status}).")

    def _content(self, response: requests.Response) -> bytes:
        """The body, unpacked; read piece by piece so that no bomb fills the memory."""
        pieces, size = [], 0
        # One read of the socket each: a server that drips cannot outlast the deadline.
        while piece := response.raw.read1(_PIECE_BYTES, decode_content=True):
            size += len(piece)
            if size > self.most_bytes:
                raise TooLarge(self.server.name, self.most_bytes)
            self._refuse_lateness()
            pieces.append(piece)
        return b"".join(pieces)


class Gone(Refused):
    """The server does not have what was asked for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The PACS {name} does not have it, or not any more.")


class TooLarge(Refused):
    """The server's answer is longer than any that is read."""

    def __init__(self, name: str, most_bytes: int) -> None:
        super().__init__(
            f"It is too large: the PACS {name} sends more than "
            f"{most_bytes // 1024**2} MiB."
        )


class Failing(Exception):
    """The server says that it failed, perhaps only at what was asked for."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"The PACS {name} fails at it (HTTP {status}).")
