"""What the doctor's tests look with, and servers that say what they are told to."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from bot.doctor.check import Check, State
from tests.serving import serving_in_thread


def states(checks: list[Check]) -> dict[str, State]:
    return {check.name: check.state for check in checks}


@contextmanager
def always(status: int, body: bytes) -> Iterator[str]:
    """Answer everything alike; yields the address."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_CONNECT = do_GET  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with serving_in_thread(Answering) as address:
        yield address
