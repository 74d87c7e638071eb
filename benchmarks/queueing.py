"""How long photos wait: a model of c workers (M/G/c) beside a simulation of the same queue.

    python -m benchmarks.queueing [--variation CV]     writes the tables of docs/scaling.md anew, from RESULTS.md

Photos come at random (a Poisson process) and each of c workers takes one at a time, for a time with this mean and
coefficient of variation. Erlang's C is the chance of waiting where service times are exponential; Allen and Cunneen
scale that wait by (1 + cv²) / 2 for other service times.

Source: Allen, Probability, Statistics, and Queueing Theory with Computer Science Applications, 2nd ed. 1990.
"""

import argparse
import heapq
import itertools
import math
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.measuring import ROOT
from benchmarks.results import RESULTS, ours

PAGE: Final = ROOT / "docs" / "scaling.md"

_PHOTOS: Final = 200_000
_WARM_UP: Final = 0.1  # of the photos, which find the queue emptier than it will be
_WORKERS: Final = (1, 4, 100)
_LOADS: Final = (0.5, 0.8, 0.95)
_VARIATION: Final = 0.15  # assumed: one network, on pictures of one size
_USUAL_LOAD: Final = 0.8
_PHOTOS_OF_A_BOT: Final = 11  # a second, two requests each: bot/connection/pacing.py
_BUSIEST_HOUR: Final = 3.0  # times the mean hour of a day: the evening of a stated profile


@dataclass(frozen=True, slots=True)
class Service:
    """How long a worker takes for one photo.

    Attributes:
        mean_s: in seconds.
        variation: standard deviation over mean.
    """

    mean_s: float
    variation: float


def waiting_chance(workers: int, load: float) -> float:
    """Return Erlang's C, the chance that a photo finds every worker busy.

    Args:
        workers: how many.
        load: of each worker, below 1.
    """
    if not 0 <= load < 1:
        raise ValueError("a load of 1 or more has no steady state")
    offered = workers * load
    blocked = 1.0  # Erlang's B, by its recursion: no factorials that overflow
    for count in range(1, workers + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked / (1 - load + load * blocked)


def mean_wait_s(workers: int, load: float, service: Service) -> float:
    """Return the mean wait before a worker begins, by Allen and Cunneen."""
    exponential_s = waiting_chance(workers, load) * service.mean_s / (workers * (1 - load))
    return exponential_s * (1 + service.variation**2) / 2


def wait_of_95_in_100_s(workers: int, load: float, service: Service) -> float:
    """Return the wait that 95 of 100 photos stay below; the wait of those that wait is taken for exponential."""
    chance = waiting_chance(workers, load)
    if chance <= 0.05:
        return 0.0
    return mean_wait_s(workers, load, service) / chance * math.log(chance / 0.05)


def simulated_waits_s(
    workers: int, load: float, service: Service, rng: random.Random, photos: int = _PHOTOS
) -> Sequence[float]:
    """Return the wait of each photo of a simulated queue, without those of the warm-up.

    Service times are gamma distributed, which has any mean and variation.
    """
    free_at = [0.0] * workers
    now, waits = 0.0, []
    a_second = workers * load / service.mean_s
    for _ in range(photos):
        now += rng.expovariate(a_second)
        begin = max(now, heapq.heappop(free_at))
        heapq.heappush(free_at, begin + _service_s(service, rng))
        waits.append(begin - now)
    return waits[int(_WARM_UP * photos) :]


def _service_s(service: Service, rng: random.Random) -> float:
    if service.variation == 0:
        return service.mean_s
    shape = 1 / service.variation**2
    return rng.gammavariate(shape, service.mean_s / shape)


def users_a_day(photos_a_second: float, photos_each: float = 2, busiest_hour: float = _BUSIEST_HOUR) -> float:
    """Return how many people a day a rate carries: its busiest hour has so many times the photos of the mean hour."""
    return photos_a_second * 86_400 / (photos_each * busiest_hour)


def service_of(results: str, variation: float = _VARIATION) -> Service:
    """Return how long one of two workers side by side takes, by what RESULTS.md tells of both."""
    return Service(2 / float(ours(results, "Worker processes", "photos a second, two workers")), variation)


def costs(results: str) -> Iterator[str]:
    """Yield the rows of what one photo costs, of those that are measured."""
    alone, both = "One photo, 1280×960, one thread", "Worker processes"
    network, others = (ours(results, alone, name) for name in ("the network alone", "everything but the network"))
    a_second, mean_ms = ours(results, both, "photos a second, two workers"), 1000 * service_of(results).mean_s
    yield "| what, for one photo | cost | |"
    yield "|---|---|---|"
    yield f"| the network | {network.removesuffix(' (8-bit)')} of a core | measured |"
    yield f"| decoding, lesion, hair, quality, heat-map, picture | {others} of a core | measured |"
    yield (
        f"| two workers side by side on two cores | {a_second} photos a second, so {mean_ms:.1f} ms of a worker for one"
        " | measured, calculated |"
    )


def waits(service: Service, photos: int = _PHOTOS) -> Iterator[str]:
    """Yield the rows of how long photos wait, by the model and simulated with so many photos."""
    yield "| workers | load | photos/s | mean wait, model | simulated | 95 of 100 below, model | simulated |"
    yield "|---|---|---|---|---|---|---|"
    for workers in _WORKERS:
        for load in _LOADS:
            waited = sorted(simulated_waits_s(workers, load, service, random.Random(1), photos))
            model = mean_wait_s(workers, load, service), wait_of_95_in_100_s(workers, load, service)
            simulated = sum(waited) / len(waited), waited[int(0.95 * len(waited))]
            shown = (1000 * wait_s for pair in zip(model, simulated, strict=True) for wait_s in pair)
            cells = " | ".join(f"{wait_ms:.1f} ms" for wait_ms in shown)
            yield f"| {workers} | {load:.0%} | {workers * load / service.mean_s:.1f} | {cells} |"


def carried(service: Service) -> Iterator[str]:
    """Yield the rows of how many people so many workers carry, and how many bots answer them."""
    yield "| workers, one core each | photos/s | people a day by the workers alone | bots that it takes |"
    yield "|---|---|---|---|"
    for workers in _WORKERS:
        a_second = _USUAL_LOAD * workers / service.mean_s
        people, bots = round(users_a_day(a_second), -3), math.ceil(a_second / _PHOTOS_OF_A_BOT)
        yield f"| {workers} | {a_second:,.0f} | {people:,.0f} | {bots} |"


def rewritten(page: str, tables: Iterable[Sequence[str]]) -> str:
    """Return the page with these tables, each in the place of the one with the same header.

    Raises:
        ValueError: the page has no such table.
    """
    lines = page.splitlines()
    for table in tables:
        start = lines.index(table[0])
        rows = itertools.takewhile(lambda line: line.startswith("|"), lines[start:])
        lines[start : start + len(list(rows))] = table
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the tables of docs/scaling.md anew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queueing", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--variation", type=float, default=_VARIATION, help="deviation over mean (default: %(default)s)"
    )
    results = RESULTS.read_text(encoding="utf-8")
    service = service_of(results, parser.parse_args().variation)
    tables = [list(rows) for rows in (costs(results), waits(service), carried(service))]
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
