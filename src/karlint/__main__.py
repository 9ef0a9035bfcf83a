"""Runs the command line as a program: ``karlint``, and ``python -m karlint``."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys

_INTERRUPTED = 130


def run() -> None:
    """Run the command line, and end the process."""
    gc.disable()  # in a run of seconds, looking for cycles takes a tenth of the time and finds next to nothing
    try:
        from karlint.cli import main  # noqa: PLC0415 - loaded without the collector too

        main()
    except KeyboardInterrupt:  # while modules are loaded; commands end with the same code
        _leave(_INTERRUPTED)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            _leave(end.code or 0)
        raise


def _leave(code: int) -> None:
    """End at once: to take an interpreter apart takes 15 ms, and the kernel takes back all that it has.

    Returns where standard output cannot be written, which the interpreter tells in its own way. Where standard error
    cannot be, there is nobody to tell.
    """
    import signal  # noqa: PLC0415 - there by now

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # or what is cleaned up would stay
    atexit._run_exitfuncs()
    signal.signal(signal.SIGINT, before)
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    run()
