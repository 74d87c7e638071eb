"""The Bot API's methods that the emulator has, by name."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from emulator.methods import callbacks, chats, edits, fetching, media, messages, profile
from emulator.objects import Json
from emulator.requests import Params
from emulator.world import World

Method = Callable[[World, Params], Awaitable[Json]]

HANDLERS: Mapping[str, Method] = MappingProxyType(
    {
        "getMe": profile.get_me,
        "logOut": profile.log_out,
        "close": profile.log_out,
        "setMyName": profile.set_my_name,
        "getMyName": profile.get_my_name,
        "setMyDescription": profile.set_my_description,
        "getMyDescription": profile.get_my_description,
        "setMyShortDescription": profile.set_my_short_description,
        "getMyShortDescription": profile.get_my_short_description,
        "setMyCommands": profile.set_my_commands,
        "getMyCommands": profile.get_my_commands,
        "deleteMyCommands": profile.delete_my_commands,
        "setChatMenuButton": profile.set_chat_menu_button,
        "getChatMenuButton": profile.get_chat_menu_button,
        "getUpdates": fetching.get_updates,
        "setWebhook": fetching.set_webhook,
        "deleteWebhook": fetching.delete_webhook,
        "getWebhookInfo": fetching.get_webhook_info,
        "sendMessage": messages.send_message,
        "sendLocation": messages.send_location,
        "sendVenue": messages.send_venue,
        "sendContact": messages.send_contact,
        "sendChatAction": messages.send_chat_action,
        "forwardMessage": messages.forward_message,
        "copyMessage": messages.copy_message,
        "deleteMessage": messages.delete_message,
        "deleteMessages": messages.delete_messages,
        "setMessageReaction": messages.set_message_reaction,
        "sendPhoto": media.send_photo,
        "sendDocument": media.send_document,
        "sendMediaGroup": media.send_media_group,
        "getFile": media.get_file,
        "editMessageText": edits.edit_message_text,
        "editMessageCaption": edits.edit_message_caption,
        "editMessageMedia": edits.edit_message_media,
        "editMessageReplyMarkup": edits.edit_message_reply_markup,
        "stopMessageLiveLocation": edits.stop_message_live_location,
        "answerCallbackQuery": callbacks.answer_callback_query,
        "getChat": chats.get_chat,
        "getChatMember": chats.get_chat_member,
    }
)
