"""No work for those who have left: a request whose sender hung up is not carried out.

A browser gives up after a while and sends the same again. Where the site is slow for a
moment, the requests that were given up would still wait in the queue before the ones
that somebody waits for; a site that works them off first answers nobody in time, and
stays so. Knows nothing of Django.
"""

import select
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Where gunicorn tells of the line on which a request came.
LINE = "gunicorn.socket"


def for_those_present(
    application: "WSGIApplication",
) -> Callable[["WSGIEnvironment", "StartResponse"], Iterable[bytes]]:
    """Wrap a WSGI application so that it is not asked where nobody waits."""

    def answer(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if has_left(environ.get(LINE)):
            # Nobody reads it; the log of the server may count it.
            start_response("408 Request Timeout", [("Content-Length", "0")])
            return []
        return application(environ, start_response)

    return answer


def has_left(line: Any) -> bool:
    """Whether the other end of a line has hung up; False where that is not known.

    What was sent and not read yet, such as the rest of a long body, counts as being
    there.
    """
    if not isinstance(line, socket.socket):
        return False
    poll = select.poll()
    try:
        poll.register(line, select.POLLIN)
        return bool(poll.poll(0)) and line.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True  # the line was torn down
