"""What Telegram says: about the token, the webhook, the clock, and the owners."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from json import loads
from typing import Any, Final

import aiohttp

from bot.connection.proxy import proxy_to
from bot.doctor.check import Check, failed, ok, warning
from bot.errors import SettingsError

_TIMEOUT_S: Final = 10
_REFUSED: Final = frozenset({401, 404})  # a token that is wrong, and one that looks like none
_SLOW_CLOCK: Final = timedelta(seconds=5)
_WRONG_CLOCK: Final = timedelta(minutes=1)
_MANY_PENDING: Final = 100
_RECENTLY: Final = timedelta(hours=1)

_TOKEN: Final = "BOT_TOKEN"  # noqa: S105 - the setting's name
_WEBHOOK: Final = "webhook"
_OWNERS: Final = "OWNER_IDS"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of the Bot API.

    Attributes:
        status: of HTTP.
        body: the answer as JSON; None where it was none, so that Telegram did not write it.
        date: Telegram's clock; None where it is not told.
    """

    status: int
    body: dict[str, Any] | None
    date: datetime | None = None

    @property
    def result(self) -> Any:  # noqa: ANN401 - each method has its own
        """What was asked for; None where it was refused."""
        return self.body.get("result") if self.body and self.body.get("ok") else None


class Asking:
    """Asks the Bot API."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, token: str) -> None:
        self._session = session
        self._address = f"{api_url}/bot{token}"

    async def told(self, method: str, **parameters: str) -> Told | Check:
        """Return the answer, or why there is none."""
        try:
            address = f"{self._address}/{method}"
            async with self._session.post(address, data=parameters, allow_redirects=False) as answer:
                return Told(answer.status, _body(await answer.read()), _date(answer.headers))
        except (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError):
            return failed("Telegram", "the proxy lets nobody through to it", "See HTTPS_PROXY, and the proxy's rules.")
        except aiohttp.ClientConnectorCertificateError:
            return failed(
                "Telegram", "its certificate can't be checked", "Install ca-certificates, or see SSL_CERT_FILE."
            )
        except TimeoutError:
            return failed("Telegram", f"gives no answer within {_TIMEOUT_S} s", _UNREACHABLE)
        except aiohttp.ClientError as error:
            return failed("Telegram", f"can't be reached ({type(error).__name__})", _UNREACHABLE)


_UNREACHABLE: Final = "See the network, the firewall (port 443 outwards) and TELEGRAM_API_URL."


def _body(answer: bytes) -> dict[str, Any] | None:
    try:
        body = loads(answer)
    except ValueError:
        return None
    return body if isinstance(body, dict) and "ok" in body else None


def _date(headers: Mapping[str, str]) -> datetime | None:
    try:
        return parsedate_to_datetime(headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


@asynccontextmanager
async def asking(api_url: str, token: str, proxy: str | None) -> AsyncIterator[Asking]:
    """Ask Telegram while the block runs."""
    timeout = aiohttp.ClientTimeout(_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout, proxy=proxy) as session:
        yield Asking(session, api_url, token)


async def telegram(
    api_url: str, token: str, owner_ids: Sequence[int], webhook_url: str, now: Callable[[], datetime]
) -> list[Check]:
    """Return everything that Telegram can tell; where it tells nothing, why."""
    if not token:
        return [failed(_TOKEN, "there is none", "Ask @BotFather for one, and put it behind BOT_TOKEN= in .env.")]
    try:
        proxy = proxy_to(api_url)
    except SettingsError as error:
        advice = "Name a proxy that takes http://, for instance HTTPS_PROXY=http://…"
        return [failed("Telegram", str(error).rstrip("."), advice)]
    async with asking(api_url, token, proxy) as bot:
        told, told_at = await bot.told("getMe"), now()  # what was looked at before has taken its time
        if isinstance(told, Check):
            return [told]
        first = token_check(told)
        if told.result is None:
            return [first]
        about_webhook = await bot.told("getWebhookInfo")
        checks = [first, clock(told.date, told_at)]
        checks += [about_webhook if isinstance(about_webhook, Check) else webhook(about_webhook, webhook_url, told_at)]
        return [*checks, *await _owners(bot, owner_ids)]


def token_check(told: Told) -> Check:
    """Return what the answer to getMe says of the token, or of who answered instead of Telegram."""
    if told.body is None:
        words = f"something else answers in its place (HTTP {told.status})"
        return failed("Telegram", words, "A proxy or firewall stands in the way; see HTTPS_PROXY and TELEGRAM_API_URL.")
    if told.status in _REFUSED:
        return failed(_TOKEN, "Telegram refuses it", "Ask @BotFather for the token (/mybots), and mend BOT_TOKEN.")
    if told.result is None:
        return failed("Telegram", f"is in trouble (HTTP {told.status})", "Wait: the bot repeats until it passes.")
    return ok(_TOKEN, f"it is that of @{told.result.get('username')}")


def clock(telegrams: datetime | None, now: datetime) -> Check:
    """Return whether this machine's clock agrees with Telegram's."""
    if telegrams is None:
        return ok("clock", "Telegram does not tell its time")
    off = abs(now - telegrams)
    words = f"{off.total_seconds():.0f} s away from Telegram's"
    if off > _WRONG_CLOCK:
        return failed("clock", words, "Set it, and keep it by NTP: limits and bans go by it.")
    return warning("clock", words, "Keep it by NTP.") if off > _SLOW_CLOCK else ok("clock", words)


def webhook(told: Told, expected_url: str, now: datetime) -> Check:
    """Return whether updates come on the way that is configured, and whether they do come."""
    info = told.result
    if not isinstance(info, dict):
        return warning(_WEBHOOK, f"Telegram does not tell (HTTP {told.status})", "Ask again.")
    pending, url = int(info.get("pending_update_count", 0)), str(info.get("url", ""))
    if url and not expected_url:
        return warning(_WEBHOOK, "one is set, and this bot asks for updates", _FOREIGN_WEBHOOK)
    if url != expected_url:
        return warning(_WEBHOOK, "WEBHOOK_URL is not the one at Telegram", "The bot sets it when it starts.")
    trouble = str(info.get("last_error_message", ""))
    if url and trouble and now - datetime.fromtimestamp(info.get("last_error_date", 0), UTC) < _RECENTLY:
        return warning(_WEBHOOK, f"Telegram's last delivery failed: {trouble}", "See the proxy and WEBHOOK_URL.")
    if pending > _MANY_PENDING:
        return warning(_WEBHOOK, f"{pending} updates wait at Telegram", "Is the bot running? It takes them in order.")
    return ok(_WEBHOOK, f"{'as WEBHOOK_URL says' if url else 'none, as configured'}; {pending} updates wait")


_FOREIGN_WEBHOOK: Final = "The bot takes it away when it starts; if nobody here set it, another program has the token."


async def _owners(bot: Asking, owner_ids: Sequence[int]) -> list[Check]:
    if not owner_ids:
        advice = "Put your Telegram id behind OWNER_IDS=; without it alerts reach nobody, and feedback only moderators."
        return [warning(_OWNERS, "there are none", advice)]
    silent = 0
    for owner_id in owner_ids:
        told = await bot.told("getChat", chat_id=str(owner_id))
        silent += isinstance(told, Check) or told.result is None
    if silent:
        words = f"{silent} of {len(owner_ids)} can't be written to"
        return [warning(_OWNERS, words, "See that the ids are right, and have them send /start to the bot.")]
    return [ok(_OWNERS, f"{len(owner_ids)}, and each has written to the bot")]
