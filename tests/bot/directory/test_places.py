"""Place names: asked politely, remembered for a day, and never a reason to fail."""

import asyncio
import gzip
import itertools
import json
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from bot.directory.places import Place, Places
from bot.errors import PlaceNamesUnavailable
from tests.serving import serving


@dataclass
class Nominatim:
    """A place-name server that remembers what it was asked."""

    status: int = 200
    asked: list[tuple[float, dict[str, str]]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    encodings: set[str] = field(default_factory=set)

    async def search(self, request: web.Request) -> web.Response:
        """Find Salzburg and nothing else."""
        self.asked.append((asyncio.get_running_loop().time(), dict(request.query)))
        self.agents.add(request.headers["User-Agent"])
        self.encodings.add(request.headers["Accept-Encoding"])
        found = (
            [{"lat": "47.8", "lon": "13.05", "display_name": "Salzburg"}] if request.query["q"] == "Salzburg" else []
        )
        return web.json_response(found, status=self.status)


def gazetteer(nominatim: Nominatim) -> AbstractAsyncContextManager[str]:
    application = web.Application()
    application.router.add_get("/search", nominatim.search)
    return serving(application)


async def test_place_is_found_and_an_unknown_one_is_not() -> None:
    async with gazetteer(Nominatim()) as url, Places(url) as places:
        assert await places.find("Salzburg", "en") == Place("Salzburg", 47.8, 13.05)
        assert await places.find("Atlantis", "en") is None


async def test_nobody_else_is_asked_where_the_service_redirects() -> None:
    elsewhere = Nominatim()

    async def redirect(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"{other_url}/search?{request.query_string}")

    application = web.Application()
    application.router.add_get("/search", redirect)
    async with gazetteer(elsewhere) as other_url, serving(application) as url, Places(url) as places:
        with pytest.raises(PlaceNamesUnavailable):
            await places.find("Salzburg", "en")
    assert elsewhere.asked == []


async def test_service_is_asked_at_most_once_a_second_and_told_who_asks() -> None:
    nominatim = Nominatim()
    async with gazetteer(nominatim) as url, Places(url) as places:
        await asyncio.gather(*(places.find(name, "es") for name in ("Linz", "Graz", "Wels")))
    times = sorted(moment for moment, _ in nominatim.asked)
    assert len(times) == 3
    assert all(later - earlier >= 0.95 for earlier, later in itertools.pairwise(times))
    assert {query["accept-language"] for _, query in nominatim.asked} == {"es"}
    (agent,) = nominatim.agents
    assert "lentigo" in agent


async def test_of_a_long_name_the_beginning_is_asked_for() -> None:
    nominatim = Nominatim()
    async with gazetteer(nominatim) as url, Places(url) as places:
        await places.find("Linz" * 1000, "en")
    assert [query["q"] for _, query in nominatim.asked] == ["Linz" * 50]


async def test_same_question_is_asked_once() -> None:
    nominatim = Nominatim()
    async with gazetteer(nominatim) as url, Places(url) as places:
        for _ in range(3):
            await places.find("Salzburg", "en")
    assert len(nominatim.asked) == 1


@pytest.mark.parametrize("status", [403, 429, 500, 503])
async def test_refusal_is_an_expected_error(status: int) -> None:
    async with gazetteer(Nominatim(status=status)) as url, Places(url) as places:
        with pytest.raises(PlaceNamesUnavailable):
            await places.find("Salzburg", "en")


FOUND = {"lat": "47.8", "lon": "13.05", "display_name": "Salzburg"}


def answering(body: bytes, **headers: str) -> AbstractAsyncContextManager[str]:
    """A server that answers whatever is asked with the same."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": "application/json"} | headers)

    application = web.Application()
    application.router.add_get("/search", answer)
    return serving(application)


@pytest.mark.parametrize(
    "body",
    [
        "<html>",
        "",
        "5",
        "null",
        "[null]",
        '["x"]',
        '{"a":1}',
        '{"error":"Unable to geocode"}',
        "[" * 50_000,
        *(json.dumps([{name: value for name, value in FOUND.items() if name != left}]) for left in FOUND),
        *(json.dumps([FOUND | {"lat": lat}]) for lat in ("abc", "95", "-90.1", "1e999", "nan", None, "")),
        *(json.dumps([FOUND | {"lon": lon}]) for lon in ("500", "-inf")),
        json.dumps([FOUND | {"display_name": 7}]),
        json.dumps([FOUND]) + " " * 65_536,
    ],
)
async def test_whatever_is_no_short_list_of_places_counts_as_no_answer(body: str) -> None:
    async with answering(body.encode()) as url, Places(url) as places:
        with pytest.raises(PlaceNamesUnavailable):
            await places.find("Salzburg", "en")


async def test_packed_answer_is_not_unpacked_and_none_is_asked_for() -> None:
    packed = gzip.compress(json.dumps([FOUND]).encode() + b" " * 2**24)
    assert len(packed) < 65_536
    async with answering(packed, **{"Content-Encoding": "gzip"}) as url, Places(url) as places:
        with pytest.raises(PlaceNamesUnavailable):
            await places.find("Salzburg", "en")
    nominatim = Nominatim()
    async with gazetteer(nominatim) as url, Places(url) as places:
        await places.find("Salzburg", "en")
    assert nominatim.encodings == {"identity"}


@pytest.mark.parametrize("status", [200, 503])
async def test_answer_without_end_is_read_no_further_than_a_list_of_places_is_long(status: int) -> None:
    sent = 0

    async def pour(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        with suppress(OSError):
            while True:
                await response.write(b" " * 2**16)
                sent += 2**16
        return response

    application = web.Application()
    application.router.add_get("/search", pour)
    async with serving(application) as url, Places(url) as places:
        with pytest.raises(PlaceNamesUnavailable):
            await asyncio.wait_for(places.find("Salzburg", "en"), 5)
    assert sent < 2**25  # what sockets hold


async def test_of_a_long_name_that_is_found_the_beginning_is_told() -> None:
    async with answering(json.dumps([FOUND | {"display_name": "x" * 20_000}]).encode()) as url, Places(url) as places:
        assert await places.find("Salzburg", "en") == Place("x" * 200, 47.8, 13.05)


async def test_absent_service_is_an_expected_error_and_is_asked_again() -> None:
    async with Places("http://127.0.0.1:9") as places:
        for _ in range(2):
            with pytest.raises(PlaceNamesUnavailable):
                await places.find("Salzburg", "en")


async def test_empty_address_switches_place_names_off() -> None:
    async with Places("") as places:
        with pytest.raises(PlaceNamesUnavailable):
            await places.find("Salzburg", "en")
