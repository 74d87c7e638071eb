"""What a bot can ask about chats."""

from emulator.accounts import GROUP_TYPES
from emulator.errors import bad_request
from emulator.objects import Json, JsonObject
from emulator.requests import Params
from emulator.world import World


async def get_chat(world: World, params: Params) -> Json:
    """All about a chat."""
    chat = world.bot_chat(params.text("chat_id"))
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    full: JsonObject = {
        **chat,
        "accent_color_id": abs(chat["id"]) % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    return full | ({"active_usernames": [chat["username"]]} if "username" in chat else {})


async def get_chat_member(world: World, params: Params) -> Json:
    """How somebody belongs to a chat."""
    chat = world.bot_chat(params.text("chat_id"))
    bot = world.accounts.bot
    user = bot if params.integer("user_id") == bot["id"] else world.accounts.user(params.integer("user_id"))
    if user is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    is_group = chat["type"] in GROUP_TYPES
    members = world.accounts.members(chat["id"]) if is_group else [chat["id"]]
    if user["id"] not in {bot["id"], *members}:
        return {"user": user, "status": "left"}
    if is_group and user["id"] == members[0]:
        return {"user": user, "status": "creator", "is_anonymous": False}
    return {"user": user, "status": "member"}
