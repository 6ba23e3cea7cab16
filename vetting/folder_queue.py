"""The embedded queue: kombu's filesystem transport, with each file written and taken whole.

kombu 5.7 opens a message under its final name and fills it afterwards, and a new table of queues likewise: a worker
that looks in between reads half of it and stops with a JSON error. Here a file gets its name when it is complete, by
rename, and a message is taken by rename, so that exactly one process has it.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem, virtual
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """One folder of messages, named by the time they came in, and one folder of queue tables."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for folder in (self._messages, self.control_folder):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def _messages(self) -> Path:
        return Path(self.data_folder_out)

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # as the parent's
        _write_whole(self._messages / f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg", dumps(payload))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """The oldest message that no other process takes first. Raises Empty."""
        for name in sorted(os.listdir(self._messages)):  # noqa: PTH208 - many times a second, without Path objects
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = self._messages / f"{name}.{uuid.uuid4().hex}"
            try:
                (self._messages / name).rename(taken)
            except FileNotFoundError:
                continue
            text = taken.read_text()
            taken.unlink()
            try:
                return loads(text)
            except ValueError:
                # Cut off by a full disk or a power cut. The row is the truth: the sweep rings for it again.
                log.warning("a message in the queue could not be read and was dropped: %s", name)
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None) -> None:
        bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with _one_process_at_a_time(self.control_folder):
            table = self.get_table(exchange)
            if bound not in table:
                _write_whole(self.control_folder / f"{exchange}.exchange", dumps([bound, *table]))


class Transport(filesystem.Transport):
    """What `folder://` in a broker's address stands for (celery.py)."""

    Channel = Channel
    global_state = virtual.BrokerState()


def _write_whole(path: Path, text: str) -> None:
    part = path.with_name(f".{uuid.uuid4().hex}")
    part.write_text(text)
    part.replace(path)


@contextmanager
def _one_process_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
