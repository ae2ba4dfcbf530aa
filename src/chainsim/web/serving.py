"""Listening: on loopback only, on the port asked for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

from chainsim.errors import InputError
from chainsim.mistakes import mistake

HOST = "127.0.0.1"


def serve(
    folder: Path,
    *,
    port: int = 8765,
    lang: str = "en",
    rules_folder: Path | None = None,
    ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve the scenarios of ``folder`` until interrupted; ``ready`` is called with the address once it listens.

    Raises ``InputError`` for a folder without scenarios and a port that is taken.
    """
    import uvicorn

    from chainsim.files.discovery import scenarios_in
    from chainsim.web.app import make_app

    scenarios_in([folder])
    listener = _listener(port)
    url = f"http://{HOST}:{listener.getsockname()[1]}/"
    config = uvicorn.Config(
        make_app(folder, lang, rules_folder), log_level="warning", access_log=False, server_header=False, ws="none",
        lifespan="off", timeout_keep_alive=30, timeout_graceful_shutdown=2,
    )  # fmt: skip
    # What takes long to load is loaded while the browser starts.
    threading.Thread(target=_warm_up, daemon=True).start()
    ready(url)
    uvicorn.Server(config).run(sockets=[listener])


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise InputError([mistake("output-port", "serve.port_taken", path="--port", port=port)]) from error
    listener.listen(128)
    return listener


def _warm_up() -> None:
    import chainsim.charts
    import chainsim.results.tables
    import chainsim.rules
    import chainsim.simulation  # noqa: F401
