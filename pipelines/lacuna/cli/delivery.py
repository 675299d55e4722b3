"""The command that serves the delivery of bundles."""

import logging
import socket
from typing import Annotated, Final

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from lacuna.delivery import create_delivery
from lacuna.errors import ConfigurationError
from lacuna.stores.installation import OpenedStores
from lacuna.wiring import open_stores

# What lies here was sent as far as the delivery knows, and may never arrive.
_UNSENT_BYTES: Final = 64 * 1024
_MOST_CONNECTIONS: Final = 200
_SECONDS: Final = 30


class WithoutTraceback(logging.Filter):
    """Keeps the texts of exceptions out of the log: they can quote values."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True; of an exception only its type is left."""
        if record.exc_info:
            kind = record.exc_info[0]
            name = "" if kind is None else kind.__name__
            record.msg, record.args = f"{record.getMessage().strip()}: {name}", ()
            record.exc_info = record.exc_text = None
        return True


def served() -> object:
    """Return the ASGI application with the stores of the settings, for one process of a server."""
    stores = _delivering()
    logging.getLogger("uvicorn.error").addFilter(WithoutTraceback())
    return create_delivery(lambda: stores)


def deliver(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8090,
    workers: Annotated[int, typer.Option(min=1, max=32, help="Number of processes.")] = 1,
    trusted_proxy: Annotated[
        str,
        typer.Option(
            help="Address of the web server in front of it. Its X-Forwarded-For says who visits."
        ),
    ] = "127.0.0.1",
) -> None:
    """Serve the pages at which people download their bundles, until it is stopped.

    Put your web server with TLS in front of it, at the address of LACUNA_DELIVERY_URL.
    """
    _delivering()
    logging.basicConfig(level=logging.WARNING)
    config = uvicorn.Config(
        "lacuna.cli.delivery:served",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
        # A line of it would hold a link.
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        forwarded_allow_ips=trusted_proxy,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_SECONDS,
        timeout_graceful_shutdown=_SECONDS,
    )
    listening = config.bind_socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNSENT_BYTES)
    typer.echo(f"Listening on http://{host}:{listening.getsockname()[1]}")
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listening])
    else:
        Multiprocess(config, sockets=[listening]).run()


def _delivering() -> OpenedStores:
    stores = open_stores()
    if stores.delivery_terms is None:
        raise ConfigurationError(
            "LACUNA_DELIVERY_URL is not set; set it to the address at which people reach the "
            "delivery"
        )
    return stores
