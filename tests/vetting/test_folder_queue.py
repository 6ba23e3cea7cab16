"""The embedded queue: real messages in a real folder, several processes at it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.simple import SimpleQueue

from vetting.folder_queue import Transport

PRODUCE = """
import sys
from tests.vetting.test_folder_queue import opened
with opened(sys.argv[1]) as connection, connection.SimpleQueue("bell") as bell:
    for number in range(50):
        bell.put({"id": f"{sys.argv[2]}-{number}"})
"""
CONSUME = """
import sys
from tests.vetting.test_folder_queue import opened
with opened(sys.argv[1]) as connection, connection.SimpleQueue("bell") as bell:
    told = ""
    while told != "stop":
        message = bell.get(timeout=60)
        message.ack()
        told = message.payload["id"]
        print(told)
"""


def opened(folder: str | Path) -> Connection:
    options = dict.fromkeys(("data_folder_in", "data_folder_out"), f"{folder}/messages")
    return Connection(
        "memory://",
        transport=Transport,
        transport_options=options | {"control_folder": f"{folder}/control", "polling_interval": 0.01},
    )


@pytest.fixture
def bell(tmp_path: Path) -> Iterator[SimpleQueue]:
    Transport.global_state.clear()  # a process remembers what it declared; here each test has another folder
    with opened(tmp_path) as connection, connection.SimpleQueue("bell") as bell:
        yield bell


def run(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True)


def take(bell: SimpleQueue, timeout: float = 2) -> Any:
    message = bell.get(timeout=timeout)
    message.ack()
    return message.payload


def test_two_hundred_messages_of_four_processes_reach_two_others_once_each(bell: SimpleQueue, tmp_path: Path) -> None:
    consumers = [run(CONSUME, str(tmp_path)) for _ in range(2)]
    producers = [run(PRODUCE, str(tmp_path), str(number)) for number in range(4)]
    for process in producers:
        process.communicate(timeout=60)
    for _ in consumers:
        bell.put({"id": "stop"})
    answers = [process.communicate(timeout=60)[0].split() for process in consumers]
    assert [process.returncode for process in (*producers, *consumers)] == [0] * 6
    got = answers[0] + answers[1]
    sent = [f"{producer}-{number}" for producer in range(4) for number in range(50)]
    assert sorted(got) == sorted([*sent, "stop", "stop"])
    assert list((tmp_path / "messages").iterdir()) == []


def test_messages_come_in_the_order_they_were_sent(bell: SimpleQueue) -> None:
    for number in range(20):
        bell.put({"id": number})
    assert [take(bell)["id"] for _ in range(20)] == list(range(20))


def test_a_message_cut_off_by_a_power_cut_is_dropped_and_the_next_one_comes(bell: SimpleQueue, tmp_path: Path) -> None:
    (tmp_path / "messages" / f"{0:020d}_cut-off.bell.msg").write_text('{"body": "eyJ')
    bell.put({"id": 7})
    assert take(bell) == {"id": 7}
    assert [path for path in (tmp_path / "messages").iterdir() if "cut-off" in path.name] == []


def test_a_message_that_is_still_being_written_is_not_taken(bell: SimpleQueue, tmp_path: Path) -> None:
    bell.put({"id": 7})
    (message,) = (tmp_path / "messages").iterdir()
    message.rename(message.with_name(".half-written"))
    with pytest.raises(Empty):
        take(bell, timeout=0.2)


def test_another_queues_messages_stay_where_they_are(bell: SimpleQueue, tmp_path: Path) -> None:
    with opened(tmp_path) as connection, connection.SimpleQueue("other") as other:
        other.put({"id": 1})
        with pytest.raises(Empty):
            take(bell, timeout=0.2)
        assert take(other) == {"id": 1}
