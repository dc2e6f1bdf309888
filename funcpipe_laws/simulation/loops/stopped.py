"""What ends an experiment from outside of the law, whatever the program under test catches."""

from __future__ import annotations


class Stopped(BaseException):
    """The experiment cannot go on; the text says why.

    Not an Exception: code under test catches those. Raised once more when the experiment is over,
    should that code catch everything.
    """


class NotSimulated(Stopped):
    """The program asked the loop for something real: a thread, a socket, a process."""


class TimedOut(Stopped):
    """It did not come back; the text says where it was."""


class EndsProcess(Stopped):
    """An operation wanted to end the process, to replace or to double it."""
