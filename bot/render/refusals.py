"""What somebody is told who may not go on, or not yet."""

from bot.content import Texts
from bot.limits import Refusal
from bot.render.reply import Reply, in_time
from bot.storage.bans import Ban


def ban_words(ban: Ban, texts: Texts) -> str:
    """Return what somebody is told who is banned."""
    until = texts.plain("ban-until", when=ban.until) if ban.until else texts.plain("ban-for-good")
    return texts.say("banned", reason=ban.reason or texts.plain("ban-no-reason"), until=until)


def not_taken(refusal: Refusal, texts: Texts) -> Reply:
    """Return why a photo is not taken, and when to send it again."""
    return Reply(texts.say(f"photo-{refusal.why}", when=in_time(refusal.wait, texts)))
