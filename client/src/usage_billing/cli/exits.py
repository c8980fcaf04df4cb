"""What the exit code of `billing` tells; docs/cli.md lists them."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    WRONG = 1
    USAGE = 2
    REFUSED = 3
    KEY = 4
    UNAVAILABLE = 5
    INTERRUPTED = 130
    CLOSED = 141


MEANING_OF = {
    Exit.DONE: "done",
    Exit.WRONG: "done, and something is wrong: a ledger that does not verify, lines that were not "
    "accepted, a check that failed, dead letters",
    Exit.USAGE: "the command line is wrong, a setting is missing, or a file cannot be read or "
    "written",
    Exit.REFUSED: "the API refused: not found, invalid, or in conflict with what is recorded",
    Exit.KEY: "the API key is missing, unknown or revoked, or lacks the scope; or so are the AWS "
    "credentials of `keys`",
    Exit.UNAVAILABLE: "no answer, or the system could not do it just now: run the command again",
    Exit.INTERRUPTED: "interrupted; what was sent stays, and may be sent again",
    Exit.CLOSED: "whoever read the output wanted no more of it, as `head` does",
}


class CommandError(Exception):
    """A command that cannot go on, with what it says and its exit code."""

    def __init__(self, words: str, code: Exit) -> None:
        """Say why."""
        super().__init__(words)
        self.code = code


class UsageProblemError(CommandError):
    """What was asked for cannot be meant."""

    def __init__(self, words: str) -> None:
        """Say what is wrong with it."""
        super().__init__(words, Exit.USAGE)
