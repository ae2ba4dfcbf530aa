"""The address of a cluster: what it may be, and that nobody opens a door by mistake. Needs no Dask."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from chainsim.errors import InputError, Problem
from chainsim.mistakes import mistake


def refuse_open_address(address: str, *, allow_unencrypted: bool) -> None:
    """Raise ``InputError`` for an address that is none, or that leads off this machine in the clear without being allowed to."""
    parts = urlsplit(address)
    try:
        known = parts.scheme in ("tcp", "tls") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        known = False
    if not known:
        raise InputError([cluster_problem("cluster.address", address)])
    if parts.scheme == "tcp" and not allow_unencrypted and not _is_loopback(parts.hostname or ""):
        raise InputError([cluster_problem("cluster.unencrypted", address)])


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def cluster_problem(key: str, found: str = "", **values: str) -> Problem:
    """A problem with the cluster."""
    return mistake("experiment-cluster", key, path="--cluster", found=found, **values)
