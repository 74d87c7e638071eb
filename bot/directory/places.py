"""Place names to coordinates, by a Nominatim server, within its usage policy.

The policy of the public server: one request a second for the whole application, a user agent that names it, results
kept for a while, attribution, and no use beyond what people ask for themselves.
"""

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

from async_lru import alru_cache
from geopy.adapters import AioHTTPAdapter
from geopy.exc import GeopyError
from geopy.extra.rate_limiter import AsyncRateLimiter
from geopy.geocoders import Nominatim

from bot.errors import PlaceNamesUnavailable

_USER_AGENT: Final = "lentigo-bot (self-hosted dermatologist search)"
_LONGEST_NAME: Final = 200  # of a longer one the beginning is asked for
_SECONDS_BETWEEN: Final = 1.0
_TIMEOUT_S: Final = 8
_CACHED_NAMES: Final = 1024
_CACHE_S: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Place:
    """A place as OpenStreetMap knows it; latitude in degrees north, longitude in degrees east."""

    name: str
    latitude: float
    longitude: float


class Places:
    """Finds places by name. Names are kept in memory for a day, never on disk, and with nobody's id."""

    def __init__(self, nominatim_url: str) -> None:
        self._url = urlsplit(nominatim_url)
        self._session: Nominatim | None = None
        self.find = alru_cache(maxsize=_CACHED_NAMES, ttl=_CACHE_S)(self._find)
        """await places.find(name, language) -> Place or None; raises PlaceNamesUnavailable."""

    @property
    def can_find(self) -> bool:
        """Whether a server was named."""
        return bool(self._url.netloc)

    async def __aenter__(self) -> Self:
        """Open the connection; with an empty address place names are off."""
        if self.can_find:
            geocoder = Nominatim(
                user_agent=_USER_AGENT,
                domain=self._url.netloc + self._url.path,
                scheme=self._url.scheme,
                timeout=_TIMEOUT_S,
                adapter_factory=AioHTTPAdapter,
            )
            self._session = await geocoder.__aenter__()
            self._geocode = AsyncRateLimiter(
                self._session.geocode, min_delay_seconds=_SECONDS_BETWEEN, max_retries=0, swallow_exceptions=False
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connection."""
        await self.find.cache_close()
        if self._session is not None:
            await self._session.__aexit__(None, None, None)

    async def _find(self, name: str, language: str) -> Place | None:
        if self._session is None:
            raise PlaceNamesUnavailable("NOMINATIM_URL is off")
        try:
            place = await self._geocode(name[:_LONGEST_NAME], language=language)
        except GeopyError as error:
            raise PlaceNamesUnavailable(type(error).__name__) from error
        return Place(place.address, place.latitude, place.longitude) if place else None
