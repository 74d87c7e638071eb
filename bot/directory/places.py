"""Place names to coordinates, by a Nominatim server, within its usage policy.

The policy of the public server: one request a second for the whole application, a user agent that names it, results
kept for a while, attribution, and no use beyond what people ask for themselves.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from aiohttp import ClientResponse, ClientSession, ClientTimeout
from async_lru import alru_cache
from geopy.adapters import AdapterHTTPError, AioHTTPAdapter
from geopy.exc import GeocoderParseError, GeopyError
from geopy.extra.rate_limiter import AsyncRateLimiter
from geopy.geocoders import Nominatim
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from bot.errors import PlaceNamesUnavailable

_USER_AGENT: Final = "lentigo-bot (self-hosted dermatologist search)"
_LONGEST_NAME: Final = 200  # of a longer one the beginning is asked for
_SECONDS_BETWEEN: Final = 1.0
_TIMEOUT_S: Final = 8
_MAX_ANSWER_BYTES: Final = 64 * 1024  # one place with its address has about 1,000
_CACHED_NAMES: Final = 1024
_CACHE_S: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class Place:
    """A place as OpenStreetMap knows it; latitude in degrees north, longitude in degrees east."""

    name: str
    latitude: float
    longitude: float


class _Found(BaseModel):
    """A place in an answer; what else stands there is left out."""

    display_name: str
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)


_ANSWER: Final = TypeAdapter(list[_Found])


class _Wary(AioHTTPAdapter):  # type: ignore[misc]  # geopy has no types
    """Asks the server, and takes nothing but a short list of places from it: geopy reads whatever comes."""

    @property
    def session(self) -> ClientSession:
        """The connection; what comes packed is not unpacked, as a few bytes can become gigabytes."""
        if "session" not in self.__dict__:
            self.__dict__["session"] = ClientSession(trust_env=False, auto_decompress=False)
        session: ClientSession = self.__dict__["session"]
        return session

    def _request(
        self, url: str, *, timeout: float, headers: Mapping[str, str]
    ) -> AbstractAsyncContextManager[ClientResponse]:
        """Ask, and go nowhere else: a server that redirects could have this machine's network asked."""
        proxy = (self.proxies or {}).get(urlsplit(url).scheme)
        how = {"proxy": proxy, "ssl": self.ssl_context, "timeout": ClientTimeout(timeout)}
        return self.session.get(url, headers=headers, allow_redirects=False, **how)

    async def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> list[dict[str, Any]]:  # noqa: ASYNC109 - geopy's name
        """Return the places that the server has found.

        Raises:
            AdapterHTTPError: it refuses.
            GeopyError: it can't be reached, or says something else.
        """
        with self._normalize_exceptions():
            unpacked = {**headers, "Accept-Encoding": "identity"}
            async with self._request(url, timeout=timeout, headers=unpacked) as response:
                if response.status >= 300:  # what it says of that is not read, nor followed elsewhere
                    raise AdapterHTTPError("refused", status_code=response.status, headers=response.headers, text="")
                body = b""
                async for part in response.content.iter_any():
                    body += part
                    if len(body) > _MAX_ANSWER_BYTES:
                        raise GeocoderParseError("more than a list of places")
            try:
                return [one.model_dump() for one in _ANSWER.validate_json(body)]
            except ValidationError:  # says what it read, and what was asked for may be in that
                raise GeocoderParseError("no list of places") from None


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
                adapter_factory=_Wary,
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
        return Place(place.address[:_LONGEST_NAME], place.latitude, place.longitude) if place else None
