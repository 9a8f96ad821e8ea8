"""A MongoDB server that takes the chunks of files without a thought, and hands everything else to a real one.

What a command takes with it is what kleio itself takes: reading, hashing, and the way over the loopback device. Of the
wire protocol it knows the message header and OP_MSG
(https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/).
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

import bson

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER = struct.Struct("<iiii")
_MESSAGE = 2013
_MORE_TO_COME = 2
_HEAD = 400
"""Bytes in which a command says what it is, and of which collection."""
_BUFFER = 4 << 20


@contextmanager
def sink(uri: str) -> Iterator[str]:
    """The address of one in front of the server at ``uri``."""
    real = urlsplit(uri)

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            with socket.create_connection((real.hostname, real.port or 27017)) as server:
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    _serve(self.request, server)
                except EOFError:
                    pass

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"mongodb://127.0.0.1:{listening.server_address[1]}/?directConnection=true"
        listening.shutdown()


def _serve(client: socket.socket, server: socket.socket) -> None:
    while True:
        header, body = _received(client)
        if _is_chunks(header, body):
            answer = b"\0\0\0\0\0" + bson.encode({"ok": 1.0, "n": 1})
            client.sendall(_HEADER.pack(_HEADER.size + len(answer), 0, _HEADER.unpack(header)[1], _MESSAGE) + answer)
            continue
        server.sendall(header + body)
        if not int.from_bytes(body[:4], "little") & _MORE_TO_COME:
            client.sendall(b"".join(_received(server)))


def _is_chunks(header: bytes, body: bytes) -> bool:
    head = body[:_HEAD]
    return _HEADER.unpack(header)[3] == _MESSAGE and b"insert\0" in head and b"blobs.chunks\0" in head


def _received(peer: socket.socket) -> tuple[bytes, bytes]:
    header = _exactly(peer, _HEADER.size)
    return header, _exactly(peer, _HEADER.unpack(header)[0] - _HEADER.size)


def _exactly(peer: socket.socket, size: int) -> bytes:
    content = bytearray(size)
    view = memoryview(content)
    while view:
        count = peer.recv_into(view)
        if not count:
            raise EOFError
        view = view[count:]
    return bytes(content)
