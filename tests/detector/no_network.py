"""Run as a program: reads what files say in a process that the kernel kills at its first call of socket() or connect().

`python -m tests.detector.no_network ours|library FILE...` prints the state of each file's credentials.
Linux only (seccomp, see prctl(2) and seccomp(2)): the native libraries do their networking outside of Python, where
patching Python's socket module would prove nothing.
"""

from __future__ import annotations

import contextlib
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


def main(reader: str, files: list[str]) -> None:
    from detector.observation import CouldNotLook, NotApplicable
    from detector.registry import detectors_by_wing
    from detector.scene import Scene
    from detector.trust import TrustLists
    from tests.detector.provenance_files import portrait_of

    portraits = [portrait_of(Path(file).read_bytes()) for file in files]
    try:
        forbid_sockets()
    except (OSError, KeyError):
        print("unsupported")
        return
    for portrait in portraits:
        if reader == "library":
            import c2pa

            c2pa.Reader.try_create("image/jpeg", io.BytesIO(portrait.data))
            print("survived")
            continue
        scene = Scene(portrait, TrustLists())
        for detector in detectors_by_wing()["provenance"]:
            with contextlib.suppress(CouldNotLook, NotApplicable):
                details = detector.look(scene).details
                print(details["state"]) if detector.name == "content_credentials" else None


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
