"""When a process notices that the machine of PostgreSQL is gone: libpq's own settings, on the client's side."""

from typing import Final

NOTICES_ABSENCE: Final = {  # within about five seconds, where the system alone takes a quarter of an hour
    "keepalives_idle": 2,  # s
    "keepalives_interval": 1,  # s
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,  # ms
}
