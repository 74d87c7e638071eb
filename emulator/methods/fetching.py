"""How a bot gets its updates: by asking, or at its own address."""

import re
from urllib.parse import SplitResult, urlsplit

from emulator.errors import BotApiError, bad_request
from emulator.objects import Json, JsonObject
from emulator.requests import Params
from emulator.updates import LONG_POLL_MAX_S
from emulator.world import World

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_PORTS = frozenset({80, 88, 443, 8443})
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


async def get_updates(world: World, params: Params) -> Json:
    """The oldest updates, at once or as soon as there is one."""
    if world.store.fact("webhook"):
        raise BotApiError(
            409,
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
        )
    world.updates.allow(params.json("allowed_updates"))
    limit = min(max(params.integer("limit", 100), 1), 100)
    timeout_s = min(max(params.integer("timeout"), 0), LONG_POLL_MAX_S)
    return await world.updates.poll(params.integer("offset"), limit, timeout_s)


async def set_webhook(world: World, params: Params) -> Json:
    """From now on bring updates to this address; an empty one ends that.

    Telegram wants HTTPS; the emulator also takes plain HTTP on this machine, where nobody can listen in.
    """
    if "url" not in params:
        return await delete_webhook(world, params)
    url, secret = params.text("url"), params.text("secret_token")
    address = _address(url if "://" in url else f"https://{url}")
    if address.scheme == "http" and address.hostname not in _LOCAL:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if address.scheme == "https" and (address.port or 443) not in _PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if not _SECRET.fullmatch(secret):
        what = "is too long" if len(secret) > 256 else "contains unallowed characters"
        raise bad_request(f"secret token {what}")
    connections = min(max(params.integer("max_connections", 40), 1), 100)
    webhook: JsonObject = {"url": address.geturl(), "secret_token": secret, "max_connections": connections}
    with world.store.together():
        if params.flag("drop_pending_updates"):
            world.updates.drop_all()
        world.updates.allow(params.json("allowed_updates"))
        world.store.remember("webhook", webhook)
        world.store.remember("webhook_trouble", None)
    world.updates.interrupt("Conflict: terminated by setWebhook request")
    world.updates.reroute()
    return True


def _address(url: str) -> SplitResult:
    try:
        address = urlsplit(url)
        is_whole = address.hostname is not None and address.port != 0  # a port that is none raises
    except ValueError:
        address, is_whole = urlsplit(""), False
    if not is_whole or address.scheme not in {"http", "https"}:
        raise bad_request("invalid webhook URL specified")
    return address


async def delete_webhook(world: World, params: Params) -> Json:
    """Bring no more updates; the bot asks for them again."""
    with world.store.together():
        if params.flag("drop_pending_updates"):
            world.updates.drop_all()
        world.store.remember("webhook", None)
        world.store.remember("webhook_trouble", None)
    world.updates.reroute()
    return True


async def get_webhook_info(world: World, params: Params) -> Json:  # noqa: ARG001 - the signature of every method
    """Where updates are brought to, and how that goes."""
    webhook = world.store.fact("webhook") or {}
    info: JsonObject = {
        "url": webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": world.updates.pending_count(),
        **(world.store.fact("webhook_trouble") or {}),
    }
    if webhook:
        info["max_connections"] = webhook["max_connections"]
    return info | ({"allowed_updates": world.updates.allowed} if world.updates.allowed else {})
