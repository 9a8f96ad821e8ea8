"""Work that goes on while its caller does other work, and that nobody waits for when the process ends."""

from __future__ import annotations

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Sending:
    """Bytes on their way. A process that ends meanwhile does not wait for them, as it would for a pool of threads: a
    launcher whose time to ship is over leaves a silent server at once."""

    def __init__(self, send: Callable[[], object]) -> None:
        self._send = send
        self._error: Exception | None = None
        self._thread: threading.Thread | None = threading.Thread(target=self._run, name="kleio-sending", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # no more threads are to be had here
            self._thread = None
            self._run()

    def _run(self) -> None:
        try:
            self._send()
        except Exception as error:  # noqa: BLE001 - whoever waits for it raises it
            self._error = error

    def join(self) -> None:
        """Until nothing is on its way any more, however it went."""
        if self._thread is not None:
            self._thread.join()

    def arrive(self) -> None:
        """Until they are there. Raises what the sending raised."""
        self.join()
        if self._error is not None:
            raise self._error
