"""Answering pressed buttons."""

from emulator.errors import bad_request
from emulator.objects import Json, JsonObject
from emulator.requests import Params
from emulator.world import World

MAX_ANSWER = 200


async def answer_callback_query(world: World, params: Params) -> Json:
    """Tell the person who pressed a button that it worked, with a short text if wanted."""
    if len(params.text("text")) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query_id = params.text("callback_query_id")
    sql = "SELECT user_id, chat_id, asked_at, is_answered FROM callbacks WHERE id = ?"
    row = world.store.row(sql, query_id)
    if row is None or world.clock() > row[2] + world.settings.callback_timeout_s:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    user_id, chat_id, _, is_answered = row
    if is_answered:
        return True  # only the first answer is shown
    answer: JsonObject = {
        "callback_query_id": query_id,
        "text": params.text("text"),
        "show_alert": params.flag("show_alert"),
        "url": params.text("url"),
    }
    with world.store.together():
        world.store.run("UPDATE callbacks SET is_answered = 1 WHERE id = ?", query_id)
        world.note("callback_answer", chat_id, only_for=user_id, **answer)
    return True
