"""Run as a program: examines a file in a process that the kernel kills at its first call of socket() or connect().

`python -m tests.detector.no_network FILE ours|library`. Linux only (seccomp, see prctl(2) and seccomp(2)): the native
library does its networking outside of Python, where patching Python's socket module would prove nothing.
"""

from __future__ import annotations

import ctypes
import io
import platform
import struct
import sys
from pathlib import Path

CALLS = {"x86_64": (41, 42), "aarch64": (198, 203)}  # numbers of socket and connect
NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2
ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06


def forbid_sockets() -> None:
    """Raises OSError where the kernel does not take the filter."""
    socket, connect = CALLS[platform.machine()]
    program = b"".join(
        struct.pack("HBBI", *line)
        for line in (
            (LOAD, 0, 0, 0),
            (JUMP_IF_EQUAL, 2, 0, socket),
            (JUMP_IF_EQUAL, 1, 0, connect),
            (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, KILL_PROCESS),
        )
    )
    lines = ctypes.create_string_buffer(program, len(program))
    table = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", 5, ctypes.addressof(lines)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((NO_NEW_PRIVILEGES, 1, 0, 0, 0), (SET_SECCOMP, FILTER, ctypes.addressof(table), 0, 0)):
        if libc.prctl(*(ctypes.c_ulong(value) for value in call)):
            raise OSError(ctypes.get_errno(), "prctl")


def main(file: str, reader: str) -> None:
    from detector.portrait import read_portrait
    from detector.provenance import content_credentials
    from detector.scene import Scene
    from detector.trust import TrustLists

    data = Path(file).read_bytes()
    try:
        forbid_sockets()
    except (OSError, KeyError):
        print("unsupported")
        return
    if reader == "ours":
        sighting = content_credentials.look(Scene(read_portrait(data), TrustLists()))
        print(sighting.details["state"])
    else:
        import c2pa

        c2pa.Reader.try_create("image/jpeg", io.BytesIO(data))
        print("survived")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
