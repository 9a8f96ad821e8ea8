"""A network that fails when told to: a TCP proxy on a loopback port."""

from __future__ import annotations

import socket
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class Proxy:
    """Passes bytes on to ``target`` (a port of this machine), until one of its methods says otherwise."""

    def __init__(self, target: int, port: int = 0) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._silent = False
        self._delay = 0.0
        self._word = b""
        self._cuts = 0
        self.cut = 0
        """How many connections were cut after a request."""
        self._start(self._accept)

    def swallow(self) -> None:
        """From now on, nothing passes in either direction, but connections stay open: a cable was pulled."""
        self._silent = True

    def slow(self, seconds: float) -> None:
        """From now on, whatever is passed on waits so long."""
        self._delay = seconds

    def restore(self) -> None:
        """Pass everything on again, and accept again after ``refuse``."""
        self._silent = False
        self._delay = 0.0
        self._cuts = 0
        if self._listener.fileno() < 0:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._start(self._accept)

    def cut_after(self, word: bytes, times: int = 1) -> None:
        """Let the next requests that contain ``word`` reach the target, and drop their connections then: the request
        is carried out, the reply is lost."""
        with self._lock:
            self._word, self._cuts = word, times

    def refuse(self) -> None:
        """Drop all connections and accept no more."""
        self._close(self._listener)
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            self._close(each)

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()
        for thread in self._threads:
            thread.join(10)

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            with self._lock:
                self._sockets += [client, server]
            state = {"cut": False}
            self._start(self._pass_on, client, server, True, state)
            self._start(self._pass_on, server, client, False, state)

    def _pass_on(self, source: socket.socket, sink: socket.socket, request: bool, state: dict[str, bool]) -> None:
        try:
            while data := source.recv(1 << 16):
                if self._silent:
                    continue
                if self._delay:
                    time.sleep(self._delay)
                if request:
                    state["cut"] = self._take_cut(data)
                elif state["cut"]:
                    break
                sink.sendall(data)
        except OSError:
            pass
        self._close(source)
        self._close(sink)

    def _take_cut(self, data: bytes) -> bool:
        with self._lock:
            if self._cuts and self._word in data:
                self._cuts -= 1
                self.cut += 1
                return True
            return False

    @staticmethod
    def _close(each: socket.socket) -> None:
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        each.close()
