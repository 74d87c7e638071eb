"""What passes by itself is waited for, everything else is told at once."""

from collections.abc import Iterator

import pytest
import stamina
from telegram.error import BadRequest, TimedOut

from bot.faults import until_it_works


@pytest.fixture(autouse=True)
def _no_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=10):
        yield


class Call:
    """Fails with these, one after the other, then works."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.count = 0

    async def __call__(self) -> str:
        self.count += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.mark.parametrize("faults", [0, 1, 3])
async def test_call_is_repeated_until_it_works_and_no_more_often(faults: int) -> None:
    call = Call(*[TimedOut()] * faults)
    assert await until_it_works(call) == "done"
    assert call.count == faults + 1


async def test_what_lasts_is_told_in_the_end_where_somebody_waits() -> None:
    with stamina.set_testing(False), pytest.raises(TimedOut):
        await until_it_works(Call(*[TimedOut()] * 100), within_s=0.3)


@pytest.mark.parametrize("before", [0, 1, 2])
async def test_what_does_not_pass_is_told_at_once(before: int) -> None:
    call = Call(*[TimedOut()] * before, BadRequest("Chat not found"))
    with pytest.raises(BadRequest, match="Chat not found"):
        await until_it_works(call)
    assert call.count == before + 1
