"""Being stopped from outside: by Ctrl-C, by the system, or with the terminal."""

import signal

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def raise_when_stopped() -> None:
    """Have each of the signals raise KeyboardInterrupt, as Ctrl-C does."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)


def go_on_when_stopped() -> None:
    """Ignore the signals: a second Ctrl-C must not break off the stop that the first asked for."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
