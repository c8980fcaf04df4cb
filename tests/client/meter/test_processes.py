"""Meters in processes that fork, end, run an event loop, or are frozen between invocations."""

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.client.meter.conftest import MakeMeter
from tests.client.meter.server import KEY, Server, key_refused, unavailable, well
from tests.support.lambdas import ROOT
from usage_billing.meter import UnsentError, flushes

BEGIN = """
import os, sys
from pathlib import Path
from usage_billing import Meter

spool = Path(sys.argv[3]) if len(sys.argv) > 3 else None
# However slow the machine is, what is left is sent when Python ends.
meter = Meter(sys.argv[1], sys.argv[2], spool=spool, exit_seconds=60)
"""


def run(story: str, server: Server, spool: Path | None) -> subprocess.CompletedProcess[str]:
    """Run a program in a Python of its own, where each warning is an error that is printed."""
    arguments = [server.url, KEY] + ([] if spool is None else [str(spool)])
    return subprocess.run(
        [
            sys.executable,
            "-X",
            "dev",
            "-W",
            "error",
            "-c",
            BEGIN + textwrap.dedent(story),
            *arguments,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_a_program_that_just_ends_has_sent_its_usage_and_warns_of_nothing(
    server: Server, spool: Path, kind: str
) -> None:
    ended = run(
        "for _ in range(3): meter.record('acme', 'api-calls', 1)",
        server,
        spool if kind == "file" else None,
    )

    assert ended.stderr == ""
    assert len(server.ledger.events) == 3


def test_usage_that_is_recorded_while_python_ends_is_sent(server: Server, spool: Path) -> None:
    ended = run(
        """
        import atexit
        atexit.register(lambda: meter.record('acme', 'api-calls', 2))
        """,
        server,
        spool,
    )

    assert ended.stderr == ""
    assert [event["units"] for event in server.ledger.events.values()] == ["2"]


def test_a_program_that_an_error_ends_has_sent_its_usage(server: Server, spool: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run("meter.record('acme', 'api-calls', 1); sys.exit(3)", server, spool)

    assert len(server.ledger.events) == 1


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_parent_and_child_of_a_fork_each_send_what_they_recorded(
    server: Server, spool: Path, kind: str
) -> None:
    ended = run(
        """
        import warnings
        # It is Python that says so of any fork beside a thread.
        warnings.simplefilter('ignore', DeprecationWarning)
        meter.record('acme', 'api-calls', 1, id='before')
        child = os.fork()
        meter.record('acme', 'api-calls', 1, id='child' if child == 0 else 'parent')
        if child: assert os.waitpid(child, 0)[1] == 0
        """,
        server,
        spool if kind == "file" else None,
    )

    assert ended.stderr == ""
    assert sorted(server.ledger.ids()) == ["before", "child", "parent"]


def test_a_fork_waits_until_nobody_makes_connections(server: Server, spool: Path) -> None:
    # Python imports modules and OpenSSL reads certificates then, under locks that would stay held
    # in the child for ever.
    ended = run(
        """
        import threading, warnings
        from usage_billing.meter import batch_route
        warnings.simplefilter('ignore', DeprecationWarning)
        lock, begun, forks = threading.Lock(), threading.Event(), threading.Event()

        class Slow(batch_route.SyncTransport):
            def __init__(self, *given, **named):
                with lock:
                    begun.set()
                    assert forks.wait(60)
                    super().__init__(*given, **named)

        batch_route.SyncTransport = Slow
        meter.record('acme', 'api-calls', 1, id='before')
        assert begun.wait(60)
        # No other thread goes on before this one waits: it forks while the lock is held, or waits.
        sys.setswitchinterval(600)
        forks.set()
        child = os.fork()
        sys.setswitchinterval(0.005)
        if child == 0 and lock.locked(): os._exit(1)
        meter.record('acme', 'api-calls', 1, id='child' if child == 0 else 'parent')
        if child: assert os.waitpid(child, 0)[1] == 0
        """,
        server,
        spool,
    )

    assert ended.stderr == ""
    assert sorted(server.ledger.ids()) == ["before", "child", "parent"]


def test_a_fork_in_the_middle_of_recording_harms_neither_side(server: Server, spool: Path) -> None:
    run(
        """
        import threading, warnings
        warnings.simplefilter('ignore', DeprecationWarning)
        def work(): [meter.record('acme', 'api-calls', 1) for _ in range(300)]
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads: thread.start()
        children = []
        for _ in range(5):
            child = os.fork()
            if child == 0:
                for _ in range(20): meter.record('acme', 'api-calls', 1)
                os._exit(0)
            children.append(child)
        for child in children: assert os.waitpid(child, 0)[1] == 0
        for thread in threads: thread.join()
        meter.close()
        """,
        server,
        spool,
    )

    assert len(server.ledger.events) == 3 * 300 + 5 * 20


def test_two_processes_at_one_spool_send_each_event_once_where_nothing_goes_wrong(
    server: Server, spool: Path
) -> None:
    run(
        """
        import subprocess
        if not os.environ.get('IS_SECOND'):
            command = [sys.executable, *sys.orig_argv[1:]]
            other = subprocess.Popen(command, env=os.environ | {'IS_SECOND': '1'})
        for _ in range(500): meter.record('acme', 'api-calls', 1)
        meter.flush()
        if not os.environ.get('IS_SECOND'): assert other.wait(60) == 0
        """,
        server,
        spool,
    )

    assert len(server.ledger.events) == 1000
    assert set(server.ledger.sightings.values()) == {1}


def test_recording_in_an_event_loop_waits_for_no_network(
    server: Server, make_meter: MakeMeter
) -> None:
    meter = make_meter()

    async def serve() -> list[str]:
        ids = [meter.record("acme", "api-calls", 1) for _ in range(10)]
        assert server.batches == []
        await asyncio.to_thread(meter.flush)
        return ids

    assert sorted(asyncio.run(serve())) == sorted(server.ledger.ids())


class Invocation:
    """What Lambda tells a handler."""

    def __init__(self, milliseconds: int) -> None:
        """Say how long it may still take."""
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        """Return that."""
        return self._milliseconds


def handler_of(make_meter: MakeMeter) -> Callable[[str, Invocation], str]:
    """Make a function that records usage and flushes."""
    meter = make_meter(spool=None)

    @flushes(meter)
    def handler(event: str, context: Invocation) -> str:
        meter.record("acme", "api-calls", 1, id=event)
        if event == "bad":
            raise LookupError(context)
        return f"did {event}"

    return handler


def test_a_lambda_function_has_sent_its_usage_when_it_returns(
    server: Server, make_meter: MakeMeter
) -> None:
    assert handler_of(make_meter)("first", Invocation(30_000)) == "did first"

    assert server.ledger.ids() == ["first"]


def test_a_lambda_function_whose_usage_is_not_sent_fails_so_that_its_trigger_repeats_it(
    server: Server, make_meter: MakeMeter
) -> None:
    handler = handler_of(make_meter)
    server.behave = unavailable
    with pytest.raises(UnsentError):
        handler("first", Invocation(1_050))
    server.behave = well

    handler("first", Invocation(30_000))

    assert server.ledger.ids() == ["first"]


@pytest.mark.parametrize("behave", [well, key_refused])
def test_a_lambda_function_that_fails_fails_with_its_own_error(
    server: Server, make_meter: MakeMeter, behave: Callable[..., None]
) -> None:
    handler = handler_of(make_meter)
    server.behave = behave

    with pytest.raises(LookupError):
        handler("bad", Invocation(30_000))

    server.behave = well
    handler("first", Invocation(30_000))
    assert sorted(server.ledger.ids()) == ["bad", "first"]


def test_a_lambda_function_that_fails_fails_with_its_own_error_also_where_its_spool_does(
    make_meter: MakeMeter,
) -> None:
    meter = make_meter()

    @flushes(meter)
    def handler(event: str, context: Invocation) -> None:
        meter.record("acme", "api-calls", 1, id=event)
        meter.close()
        raise LookupError(context)

    with pytest.raises(LookupError):
        handler("bad", Invocation(30_000))
