"""Bytes to a socket and back, with no client that would improve them."""

import http.client
import socket

from kit import limits
from kit.answer import Answer


def exchange(port, request):
    """Sends the bytes as they are to 127.0.0.1; status 0 if there is no answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=limits.CALL) as connection:
            try:
                connection.sendall(request)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before all was read: the answer may be there
            method = request.split(b" ")[0].decode()
            response = http.client.HTTPResponse(connection, method=method)
            response.begin()
            headers = {
                name.lower(): value.encode("latin-1") for name, value in response.headers.items()
            }
            return Answer(response.status, headers, response.read())
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, {}, repr(error).encode())


def fetch(port, method, target, headers, body=None):
    """A plain request of Python's HTTP client: someone who was handed a presigned URL."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limits.CALL)
    try:
        connection.request(method, target, body=body, headers=headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.headers), response.read())
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, {}, repr(error).encode())
    finally:
        connection.close()
