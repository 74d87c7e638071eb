"""Work for a real worker, as a photo that has taken it over would do it: workers can't load the tests."""

from bot.workers.pool import Workers


class InWorker:
    """A function by its source; in the worker it is one."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, (self.source,)

    def __call__(self, *_: object) -> object:
        raise AssertionError("not here")


def done_in(workers: Workers, source: str, *arguments: object) -> object:
    """Do something in a worker and return what the bot hears of it."""
    found: object = workers._pool.schedule(InWorker(source), args=arguments).result(30)
    return found
