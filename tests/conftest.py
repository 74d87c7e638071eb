"""What the tests of a run share: a PostgreSQL, started by the first that wants it, and the world's certificates."""

from collections.abc import Iterator
from functools import cache

import pytest
from httpx import create_ssl_context

from tests.postgres import Cluster, running_cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session", autouse=True)
def certificates_are_read_once() -> Iterator[None]:
    """Let clients share what they would check a server by: to read it takes each of them longer than what it asks."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("httpx._transports.default.create_ssl_context", cache(create_ssl_context))
        yield
