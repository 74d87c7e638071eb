"""The webhook: Telegram brings updates, and is answered 200 once they are stored. Nobody else is heard."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError
from telegram import WebhookInfo
from telegram.error import BadRequest, InvalidToken, NetworkError, TelegramError
from telegram.ext import ExtBot
from yarl import URL

from bot.errors import SettingsError
from bot.faults import until_it_works
from bot.incidents import log_incident
from bot.incoming.updates import ALLOWED_UPDATES, Take, read
from bot.metrics import Metrics
from bot.storage.incidents import Incidents
from bot.web import CLOSED_AFTER_S, listening

_SHOWN_IN: Final = "X-Telegram-Bot-Api-Secret-Token"
_MAX_BODY_BYTES: Final = 2**20  # an update with all its texts has less than a tenth
_BODY_WITHIN_S: Final = 10
_STORED_WITHIN_S: Final = 15  # Telegram waits for a minute; SQLite waits for 10 s where another writes
_GOODBYE_S: Final = 5  # for requests in hand when the bot is told to stop
_MAX_CONNECTIONS: Final = 40  # Telegram's own default; the inbox stores what comes together in one go
_CHECK_EVERY_S: Final = 60
_REFUSED: Final = str(HTTPStatus.FORBIDDEN.value)  # in what Telegram tells of our answer to who shows no secret of ours
_FOR_THE_MOMENT: Final = "temporary failure"  # in name resolution, which Telegram says with 400

_log = logging.getLogger(__name__)


class UnresolvedHostError(NetworkError):
    """Telegram can't look up the host of WEBHOOK_URL at the moment."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where updates come in, and who may bring them.

    Attributes:
        url: what Telegram is told.
        secret: what Telegram shows.
        host: the address that is listened on.
        port: its port.
        path: the path of every request, as it arrives here.
        networks: from where they may come; empty: from anywhere.
        client_header: in which a proxy names who sends, last where there are several; empty: who connects is who sends.
    """

    url: str
    secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8082
    path: str = "/"
    networks: AbstractSet[IPv4Network | IPv6Network] = frozenset()
    client_header: str = ""

    def refusal(self, request: web.Request) -> HTTPStatus | None:
        """Return why a request is not even read; None where it may be Telegram's."""
        if request.path != URL(self.path).path:
            return HTTPStatus.NOT_FOUND
        if request.method != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED
        if not (self._is_from_allowed_network(request) and self._has_secret(request)):
            return HTTPStatus.FORBIDDEN
        if request.content_type != "application/json" or "Content-Encoding" in request.headers:
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if (request.content_length or 0) > _MAX_BODY_BYTES else None

    def _has_secret(self, request: web.Request) -> bool:
        shown = request.headers.get(_SHOWN_IN, "").encode(errors="surrogateescape")
        return hmac.compare_digest(shown, self.secret.encode())

    def _is_from_allowed_network(self, request: web.Request) -> bool:
        if not self.networks:
            return True
        named = request.headers.getall(self.client_header, [""])[-1] if self.client_header else request.remote or ""
        address = _address(named.rpartition(",")[2].strip())
        return address is not None and any(address in network for network in self.networks)


class Webhook:
    """A source of updates that Telegram brings."""

    def __init__(self, bot: ExtBot[int], door: Door, metrics: Metrics, incidents: Incidents) -> None:
        self._bot = bot
        self._door = door
        self._metrics = metrics
        self._incidents = incidents

    async def run(self, take: Take) -> None:
        """Listen until cancelled. The webhook stays set then: Telegram keeps what comes until the bot is back.

        Raises:
            SettingsError: the address can't be had, or Telegram refuses it.
            InvalidToken: Telegram does not know the bot any more.
        """
        async with listening(self.runner(take), self._door.host, self._door.port, "WEBHOOK"):
            await self._register()
            _log.info("Telegram brings updates")
            await self._look_after()

    def runner(self, take: Take) -> web.AppRunner:
        """Return what serves that, and closes connections that bring nothing."""
        application = self.application(take)
        return web.AppRunner(
            application, access_log=None, shutdown_timeout=_GOODBYE_S, keepalive_timeout=CLOSED_AFTER_S
        )

    def application(self, take: Take) -> web.Application:
        """Return what answers requests."""

        async def receive(request: web.Request) -> web.Response:
            status = self._door.refusal(request) or await self._status(request, take)
            if status is HTTPStatus.OK:
                return web.Response()
            self._metrics.webhook_refused(status)
            refused = web.Response(status=status)
            refused.force_close()  # what is left of the body is not waited for
            return refused

        application = web.Application(client_max_size=_MAX_BODY_BYTES)
        application.router.add_route("*", "/{path:.*}", receive)
        return application

    async def _status(self, request: web.Request, take: Take) -> HTTPStatus:
        body = await _body(request)
        if isinstance(body, HTTPStatus):
            return body
        update = read(body)
        return HTTPStatus.BAD_REQUEST if update is None else await _outcome(take([update]))

    async def _register(self) -> None:
        try:
            await until_it_works(self._set)
        except BadRequest as error:
            raise SettingsError(f"WEBHOOK_URL: Telegram refuses it ({error.message}).") from error

    async def _set(self) -> None:
        door = self._door
        try:
            await self._bot.set_webhook(
                door.url,
                secret_token=door.secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=_MAX_CONNECTIONS,
                drop_pending_updates=False,
            )
        except BadRequest as error:
            if _FOR_THE_MOMENT in error.message.casefold():
                raise UnresolvedHostError(error.message) from error
            raise

    async def _look_after(self) -> None:
        """Say what keeps Telegram from bringing updates, and set the webhook again where somebody has changed it.

        Telegram took this address when the bot started: where it refuses it now, it is asked again in a minute. It
        does not tell whether the secret is still ours: that shows where an update is refused here.
        """
        known: datetime | None = None
        while True:
            await asyncio.sleep(_CHECK_EVERY_S)
            try:
                info = await self._bot.get_webhook_info()
                trouble, known = _trouble(info, known), info.last_error_date
                if trouble:
                    _log.warning("Telegram could not bring an update: %s", trouble)
                if info.url != self._door.url or _REFUSED in trouble:
                    _log.warning("Somebody has changed the webhook, or its secret; it is set again")
                    await self._set()
            except InvalidToken:
                raise
            except (BadRequest, UnresolvedHostError) as error:
                await self._incidents.record(_log, error)
            except TelegramError as error:
                _log.warning("Telegram can't be asked about the webhook (%s)", type(error).__name__)


async def _body(request: web.Request) -> bytes | HTTPStatus:
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            return await request.read()
    except web.HTTPRequestEntityTooLarge:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    except TimeoutError:
        return HTTPStatus.REQUEST_TIMEOUT
    except Exception:  # noqa: BLE001 - broken off, or broken
        return HTTPStatus.BAD_REQUEST


async def _outcome(taking: Awaitable[None]) -> HTTPStatus:
    """Wait until an update is stored; whatever keeps it from that, Telegram will bring it again."""
    try:
        async with asyncio.timeout(_STORED_WITHIN_S):
            await taking
    except (SQLAlchemyError, OSError) as error:  # a TimeoutError is an OSError
        _log.warning("An update can't be stored (%s); Telegram will repeat it", type(error).__name__)
        return HTTPStatus.SERVICE_UNAVAILABLE
    except Exception as error:  # noqa: BLE001 - a bug
        log_incident(_log, error)
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.OK


def _trouble(info: WebhookInfo, known: datetime | None) -> str:
    """Return what went wrong since the last time; empty if nothing did."""
    return "" if info.last_error_date in {None, known} else info.last_error_message or "unknown"


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
