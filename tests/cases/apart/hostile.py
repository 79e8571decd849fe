"""What hostile files do to the process that reads them, without the files."""

import ctypes
import os
import time
from pathlib import Path

from readerstudy.cases.radiograph import Refused


def echo(content, words):
    return {"pid": os.getpid(), **words}, [content]


def refuse(content, words):
    raise Refused("It is not to our taste.")


def fail(content, words):
    return {}[content.decode()], []


def spin(content, words):
    while True:
        pass


def sleep(content, words):
    time.sleep(600)


def eat(content, words):
    eaten = []
    while True:
        eaten.append(bytearray(2**24))


def abort(content, words):
    os.abort()


def crash(content, words):
    ctypes.string_at(0)


def leave(content, words):
    os._exit(0)


def surroundings(content, words):
    open_files = sorted(int(name) for name in os.listdir("/proc/self/fd"))
    return {"environment": sorted(os.environ), "open": open_files}, []


def write(content, words):
    try:
        Path(words["path"]).write_bytes(bytes(2**20))
    except OSError as problem:
        return problem.strerror, []
    return "written", []


KEPT = []


def keep(content, words):
    """Do well, and leave so much behind as a leaking decoder does."""
    KEPT.append(bytearray(words["bytes"]))
    return {"pid": os.getpid()}, []


def need(content, words):
    """Take as much for as long as the file is read."""
    bytearray(words["bytes"])
    return {"pid": os.getpid()}, []


def die_unless_fresh(content, words):
    """End, unless nothing was read before."""
    KEPT.append(b"")
    if len(KEPT) > 1:
        os.abort()
    return {"pid": os.getpid()}, []
