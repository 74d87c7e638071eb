"""Which proxy leads to Telegram, by the environment: HTTPS_PROXY, HTTP_PROXY and NO_PROXY."""

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.errors import SettingsError


def proxy_to(url: str) -> str | None:
    """Return the address of the proxy, with http:// before it; None where none is to be asked.

    Raises:
        SettingsError: it is of a kind that the bot does not speak, and going around it is not the bot's to decide.
    """
    asked = urlsplit(url)
    proxy = getproxies().get(asked.scheme)
    if not proxy or proxy_bypass(asked.netloc):
        return None
    if "://" not in proxy:
        return f"http://{proxy}"
    if not proxy.startswith("http://"):
        name, kind = f"{asked.scheme.upper()}_PROXY", proxy.partition("://")[0]
        raise SettingsError(f"{name}: the bot speaks to proxies by http://, not by {kind}://.")
    return proxy
