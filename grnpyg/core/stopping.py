"""Being told to end by SIGTERM: a scheduler takes the machine away, and the work goes on later, elsewhere."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn


class Stopped(BaseException):
    """The process was told to end. Nothing has failed, and what is on the disk is kept.

    No `Exception`, as `KeyboardInterrupt` is none: code that records failures must not take it for one.
    """


class Request:
    """Whether the process was told to end while a `deferring` block held the answer back.

    Attributes:
        asked: it was.
    """

    def __init__(self, ours: bool) -> None:
        self.asked = False
        self._ours, self._process = ours, os.getpid()

    def listen(self) -> None:
        """Take SIGTERM, also from whoever has taken it since the block began; not in a child with a copy."""
        if self._ours and os.getpid() == self._process:
            signal.signal(signal.SIGTERM, self._note)

    def _note(self, *_: Any) -> None:
        self.asked = True


@contextmanager
def stoppable() -> Iterator[None]:
    """Inside the block SIGTERM raises `Stopped`, once. For the main thread of a program.

    A handler that somebody else has installed stays as it is.
    """
    if not _free():
        yield
        return
    signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def deferring() -> Iterator[Request]:
    """Inside the block SIGTERM is only noted, so that the block can end where its work can go on later.

    Raises:
        Stopped: at the end of the block, if it was told to stop; in place of an exception of the block, too.

    Example:
        >>> with deferring() as request:
        ...     while work and not request.asked:
        ...         work.pop().do()
    """
    request = Request(_free())
    before = signal.getsignal(signal.SIGTERM)
    request.listen()
    try:
        yield request
    except BaseException:
        if not request.asked:
            raise
    finally:
        if request._ours:
            signal.signal(signal.SIGTERM, before)
    if request.asked:
        _stop()


def _free() -> bool:
    """Whether SIGTERM is ours to take."""
    main = threading.current_thread() is threading.main_thread()
    return main and signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, _stop)


def _stop(*_: Any) -> NoReturn:
    """Raise `Stopped`; a scheduler that says it twice must not break into the tidying up."""
    if signal.getsignal(signal.SIGTERM) is _stop:
        signal.signal(signal.SIGTERM, _ignore)
    raise Stopped("told to end by SIGTERM")


def _ignore(*_: Any) -> None:
    pass
