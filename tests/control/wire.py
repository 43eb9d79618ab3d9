# SPDX-License-Identifier: Apache-2.0
"""Bytes to and from a server, without a client between."""

import re
import socket


def raw(server, data, source="127.0.4.1", seconds=30, is_half_closed=False):
    """What comes back for DATA until the server closes or says nothing for two seconds; bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds, source_address=(source, 0)) as connection:
        answer = b""
        try:
            connection.sendall(data)
            if is_half_closed:
                connection.shutdown(socket.SHUT_WR)
            connection.settimeout(2)
            while piece := connection.recv(65536):
                answer += piece
        except (ConnectionError, socket.timeout):
            pass
        return answer


def status_of(answer):
    match = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    return int(match[1]) if match else None
