"""What a meter raises."""


class MeterError(Exception):
    """Something that a meter could not do."""


class SpoolError(MeterError):
    """The spool could not be read or written: what was just given to `record` is not in it."""


class SpoolFullError(SpoolError):
    """The spool, or the disk that it is on, has no room for another event."""


class MeterClosedError(MeterError):
    """The meter was closed, by `close` or at the end of the interpreter."""


class UnsentError(MeterError):
    """Events were not sent in time. They are still in the spool, as long as it lasts.

    `remaining` counts them; `reason` is why the last request failed, None where none did.
    """

    def __init__(self, remaining: int, reason: str | None) -> None:
        """Say how many are left, and why."""
        super().__init__(f"{remaining} events are not sent yet: {reason or 'there was no time'}")
        self.remaining = remaining
        self.reason = reason
