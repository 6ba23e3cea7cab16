"""The simulation of docs/scale.md, held against what queueing theory knows exactly."""

from __future__ import annotations

import numpy as np
import pytest

from tools.capacity import ARRIVALS, needed, row, simulated, waiting

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("busy", [0.3, 0.6])
def test_one_worker_waits_as_pollaczek_and_khinchine_say(busy: float) -> None:
    takes = RNG.choice([0.5, 1.5], ARRIVALS)  # seconds, 1 at the mean
    waits = waiting(np.cumsum(RNG.exponential(1 / busy, ARRIVALS)), takes, 1)
    exact = busy * np.mean(takes**2) / (2 * (1 - busy))
    assert waits.mean() == pytest.approx(exact, rel=0.05)


def test_two_workers_with_exponential_times_wait_as_erlang_says() -> None:
    busy = 0.5
    waits = waiting(np.cumsum(RNG.exponential(1.0, ARRIVALS)), RNG.exponential(1.0, ARRIVALS), 2)
    assert (waits > 0).mean() == pytest.approx(2 * busy**2 / (1 + busy), rel=0.05)  # Erlang C of two servers


def test_photos_that_come_at_once_are_taken_in_turn() -> None:
    assert waiting(np.zeros(5), np.ones(5), 2).tolist() == [0, 0, 1, 1, 2]


def test_what_cannot_be_kept_up_with_is_said_and_not_given_a_time() -> None:
    queue = simulated(np.ones(4), 1, 100)
    assert not queue.holds
    assert "falls behind by 2,400 photos an hour" in row(queue, 1.0)


def test_one_worker_fewer_than_needed_keeps_people_waiting() -> None:
    takes = np.full(4, 3.0)
    enough = needed(takes, 100)
    fewer = simulated(takes, enough - 1, 100)
    assert simulated(takes, enough, 100).p99 <= 10
    assert not fewer.holds or fewer.p99 > 10
