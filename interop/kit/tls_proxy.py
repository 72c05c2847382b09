"""A proxy that stands for the internet: whatever host is asked for by CONNECT, one server of this machine answers.

It ends TLS with its own certificate, so that clients send the hosts and the signatures that they send to AWS.
"""

import asyncio
import contextlib
import ssl
import threading

from kit import limits


@contextlib.contextmanager
def tls_proxy(certificate, port):
    """The proxy's port; `port` is that of the server, which speaks HTTP."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    connected = lambda reader, writer: tunnel(reader, writer, context, port)
    started = asyncio.start_server(connected, "127.0.0.1", 0)
    listener = asyncio.run_coroutine_threadsafe(started, loop).result(limits.START)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(limits.STOP)


async def tunnel(reader, writer, context, port):
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"CONNECT "):
            # Nothing in the clear leaves this machine either.
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            return
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await writer.drain()
        await writer.start_tls(context)
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))


async def pump(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
