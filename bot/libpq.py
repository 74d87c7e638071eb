"""What libpq, PostgreSQL's own client, is told: where the server is, and when to notice that its machine is gone."""

from typing import Final

from sqlalchemy.engine import URL, make_url

NOTICES_ABSENCE: Final = {  # within about five seconds, where the system alone takes a quarter of an hour
    "keepalives_idle": 2,  # s
    "keepalives_interval": 1,  # s
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,  # ms
}


def conninfo(url: str | URL) -> str:
    """Return the address, with its password, as libpq reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
