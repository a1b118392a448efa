# This file is part of Proxy Mikro.  The COPYRIGHT notice and the license are in
# the LICENSE file at the top level of this repository.
"""What stops a command that changes the server: never halfway."""
import contextlib
import signal

STOPS = [signal.SIGTERM, signal.SIGINT]


@contextlib.contextmanager
def heard():
    """Let who stops the command do it by an exception, so the way back runs.

    A line that drops stops nothing: the work goes on without it.
    """
    with handled({
                signal.SIGHUP: signal.SIG_IGN,
                **dict.fromkeys(STOPS, interrupt)}):
        yield


@contextlib.contextmanager
def unheard():
    "Let nobody stop the way back"
    with handled(dict.fromkeys(STOPS, signal.SIG_IGN)):
        yield


@contextlib.contextmanager
def handled(handlers):
    before = {
        number: signal.signal(number, handler)
        for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupt(number, frame):
    # Once is enough
    for stop in STOPS:
        signal.signal(stop, signal.SIG_IGN)
    raise KeyboardInterrupt(f"arrêt demandé ({signal.Signals(number).name})")
