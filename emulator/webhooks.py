"""Updates brought to the bot: one at a time for each line, lines side by side, again and again until it takes them.

As Telegram's server has it, the presses of a chat stand in another line than its messages: after a failure they may
come in another order.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from emulator.faults import FaultSchedule
from emulator.objects import JsonObject
from emulator.updates import Line
from emulator.world import World

MAX_WAIT_UNITS = 60
_TIMEOUT = aiohttp.ClientTimeout(total=60)
_IDLE_S = 3600


class WebhookSender:
    """Delivers updates while a webhook is set."""

    def __init__(self, world: World, faults: FaultSchedule, session: aiohttp.ClientSession) -> None:
        self._world = world
        self._faults = faults
        self._session = session
        self._busy: dict[Line, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver for ever."""
        try:
            while True:
                self._start_deliveries()
                await self._world.updates.pulse.wait(_IDLE_S)
        finally:
            for delivery in self._busy.values():
                delivery.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _start_deliveries(self) -> None:
        webhook = self._world.store.fact("webhook")
        if not webhook:
            return
        waiting = [line for line in self._world.updates.waiting_lines() if line not in self._busy]
        for line in waiting[: max(0, webhook["max_connections"] - len(self._busy))]:
            self._busy[line] = asyncio.create_task(self._deliver_all(line))

    async def _deliver_all(self, line: Line) -> None:
        """Bring the updates of a line, in order."""
        failures = 0
        try:
            while (webhook := self._world.store.fact("webhook")) and (update := self._world.updates.pending_of(line)):
                trouble = await self._deliver(webhook, update)
                if not trouble:
                    self._world.updates.drop(update["update_id"])
                    failures = 0
                    continue
                self._note_trouble(trouble)
                await self._wait(failures)
                failures += 1
        finally:
            del self._busy[line]
            self._world.updates.pulse.ring()  # another line may have its turn

    async def _deliver(self, webhook: JsonObject, update: JsonObject) -> str:
        """One attempt, or two where a fault says so; returns what went wrong, if anything."""
        trouble = await self._post(webhook, update)
        if not trouble and self._faults.striking("webhook", "duplicate_update"):
            trouble = await self._post(webhook, update)
        return trouble

    async def _post(self, webhook: JsonObject, update: JsonObject) -> str:
        secret = webhook["secret_token"]
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            sent = self._session.post(
                webhook["url"], json=update, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            )
            async with sent as response:
                if 200 <= response.status < 300:
                    return ""
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except aiohttp.ClientError:
            return "Connection closed"

    def _note_trouble(self, trouble: str) -> None:
        noted = {"last_error_date": int(self._world.clock()), "last_error_message": trouble}
        self._world.store.remember("webhook_trouble", noted)

    async def _wait(self, failures: int) -> None:
        """At once after the first failure, then 2, 4, 8 … units, as Telegram does, unless the webhook changes."""
        units = 0 if failures == 0 else min(2**failures, MAX_WAIT_UNITS)
        await self._world.updates.rerouted.wait(units * self._world.settings.webhook_retry_s)


@asynccontextmanager
async def webhook_deliveries(world: World, faults: FaultSchedule) -> AsyncIterator[None]:
    """Deliver to webhooks for the length of the block."""
    async with aiohttp.ClientSession() as session:
        sender = asyncio.create_task(WebhookSender(world, faults, session).run())
        try:
            yield
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
