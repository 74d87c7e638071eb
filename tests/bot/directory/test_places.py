"""Place names: asked politely, remembered for a day, and never a reason to fail."""

import asyncio
import itertools
from contextlib import AbstractAsyncContextManager
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

    async def search(self, request: web.Request) -> web.Response:
        """Find Salzburg and nothing else."""
        self.asked.append((asyncio.get_running_loop().time(), dict(request.query)))
        self.agents.add(request.headers["User-Agent"])
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


async def test_service_is_asked_at_most_once_a_second_and_told_who_asks() -> None:
    nominatim = Nominatim()
    async with gazetteer(nominatim) as url, Places(url) as places:
        await asyncio.gather(*(places.find(name, "es") for name in ("Linz", "Graz", "Wels")))
    times = sorted(moment for moment, _ in nominatim.asked)
    assert all(later - earlier >= 0.95 for earlier, later in itertools.pairwise(times))
    assert {query["accept-language"] for _, query in nominatim.asked} == {"es"}
    assert all("lentigo" in agent for agent in nominatim.agents)


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


async def test_absent_service_is_an_expected_error_and_is_asked_again() -> None:
    async with Places("http://127.0.0.1:9") as places:
        for _ in range(2):
            with pytest.raises(PlaceNamesUnavailable):
                await places.find("Salzburg", "en")


async def test_empty_address_switches_place_names_off() -> None:
    async with Places("") as places:
        with pytest.raises(PlaceNamesUnavailable):
            await places.find("Salzburg", "en")
