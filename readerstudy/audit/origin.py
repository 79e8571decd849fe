"""Who stands behind a command on the server, where nobody is signed in."""

import getpass
import os

_command = ""


def begin(command: str) -> None:
    """Note which command this process carries out; manage.py calls this."""
    global _command
    _command = command


def told() -> dict[str, str]:
    """Command and user of the operating system; empty in the web and the worker."""
    if not _command:
        return {}
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        user = f"uid {os.getuid()}"
    return {"command": _command, "system_user": user}
