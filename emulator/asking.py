"""How the people of tests reach the control API, over real HTTP."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp

from emulator.objects import JsonObject


class RefusedError(Exception):
    """The control API refused a deed; the message is its sentence."""


async def got(session: aiohttp.ClientSession, path: str) -> JsonObject:
    """What a GET is answered with.

    Raises:
        RefusedError: see above; likewise below.
    """
    async with session.get(path) as response:
        return await answered(response)


async def posted(session: aiohttp.ClientSession, path: str, body: JsonObject) -> JsonObject:
    """What a POST of this body is answered with."""
    async with session.post(path, json=body) as response:
        return await answered(response)


async def answered(response: aiohttp.ClientResponse) -> JsonObject:
    """The JSON of an answer."""
    answer: dict[str, Any] = await response.json()
    if response.status != 200:
        raise RefusedError(answer["error"])
    return answer


async def first_event(
    session: aiohttp.ClientSession,
    path: str,
    after: int,
    is_expected: Callable[[JsonObject], bool],
    timeout_s: float,
) -> JsonObject | None:
    """The first event of the kind that is expected, or None where none comes in time.

    Args:
        session: to the emulator.
        path: of somebody's events.
        after: the number of the last event that does not count.
        is_expected: whether an event is what is waited for.
        timeout_s: how long to wait.
    """
    deadline = asyncio.get_running_loop().time() + timeout_s
    while True:
        left_s = max(0.0, deadline - asyncio.get_running_loop().time())
        events: list[JsonObject] = (await got(session, f"{path}?after={after}&timeout_s={left_s:.3f}"))["events"]
        for event in events:
            after = event["seq"]
            if is_expected(event):
                return event
        if left_s == 0:
            return None
