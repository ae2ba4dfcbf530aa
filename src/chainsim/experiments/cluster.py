"""Chunks on a Dask cluster: the scheduler and the workers may be anywhere; this is dask.distributed's one home.

Before anything runs, every worker is asked what it is: chainsim, its source, Python, and the libraries that results depend on
must be those of this process. The plan is sent once to each worker, also to those that join later. Beyond the loopback interface
the connection is encrypted (``tls://``, by Dask's own configuration) or explicitly allowed not to be: whoever reaches a Dask
scheduler can run code on its workers.
"""

from __future__ import annotations

import hashlib
import math
import pickle
import queue
import threading
import time
import uuid
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, Literal

from distributed import Client, KilledWorker, WorkerPlugin

from chainsim.errors import ChainsimError, InputError
from chainsim.experiments.addresses import cluster_problem
from chainsim.experiments.backends import Report
from chainsim.experiments.identity import differences, versions
from chainsim.experiments.work import Chunk, Outcome, Plan, Worker

PATIENCE_S = 15.0
"""How long a scheduler may take to answer, and a first worker to be there."""
ALONE_S = 60.0
"""How long an experiment waits for workers to come back once all are gone."""
_IN_FLIGHT = 2
_COUNT_EVERY_S = 2.0

_plans: dict[str, Plan] = {}
"""On a worker: the plans it was sent, by digest."""
_own = threading.local()


class Cluster:
    """Works on chunks on the cluster at ``address``. Raises ``InputError`` where that cannot be."""

    def __init__(self, plan: Plan, address: str) -> None:
        self._address = address
        self._client = _connected(address)
        self._reports: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._chunks: dict[str, Chunk] = {}
        self._futures: dict[str, Any] = {}
        data = pickle.dumps(plan, protocol=pickle.HIGHEST_PROTOCOL)
        self._digest = hashlib.sha256(data).hexdigest()
        self._plugin = f"chainsim-{self._digest[:16]}"
        self._alone_since: float | None = None
        self._threads, self._counted_at = 1, -math.inf
        try:
            self._shake_hands()
            self._client.register_plugin(HandOver(self._plugin, self._digest, data))
        except BaseException:
            self._client.close()
            raise

    @property
    def capacity(self) -> int:
        """Two chunks for each thread of the cluster, as it was a moment ago."""
        if time.monotonic() - self._counted_at > _COUNT_EVERY_S:
            self._threads = max(1, int(sum(self._client.nthreads().values())))
            self._counted_at = time.monotonic()
        return _IN_FLIGHT * self._threads

    def submit(self, chunk: Chunk) -> None:
        """Hand a chunk to the scheduler."""
        key = f"{self._plugin}-{uuid.uuid4().hex}"
        self._chunks[key] = chunk
        future = self._client.submit(work_on, self._digest, versions(), chunk, key=key, pure=False)
        self._futures[key] = future
        future.add_done_callback(self._reports.put)

    def next_report(self) -> Report:
        """The first that is there. Raises ``InputError`` if the cluster is gone."""
        while True:
            try:
                future = self._reports.get(timeout=1.0)
            except queue.Empty:
                self._refuse_loneliness()
                continue
            self._alone_since = None
            chunk = self._chunks.pop(future.key)
            self._futures.pop(future.key)
            if future.status == "finished":
                return Report(chunk, future.result())
            if future.status == "error":
                return Report(chunk, self._died(future.exception()))
            self._refuse_loneliness(now=True)
            return Report(chunk, "lost")

    def close(self) -> None:
        """What is under way is given up; the workers forget the plan."""
        for future in self._futures.values():
            future.cancel()
        with suppress(OSError, ValueError):  # a cluster that is gone has forgotten it
            self._client.unregister_worker_plugin(self._plugin)
        self._client.close()

    def _shake_hands(self) -> None:
        """Ask every worker what it is. Raises ``InputError`` that names those that differ, and in what."""
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE_S)
        except TimeoutError:
            raise InputError([cluster_problem("cluster.no_workers", self._address)]) from None
        found = self._client.run(find_spec, "chainsim.experiments.cluster", on_error="return")
        strangers = {worker for worker, spec in found.items() if spec is None or isinstance(spec, Exception)}
        problems = [cluster_problem("cluster.no_chainsim", worker) for worker in sorted(strangers)]
        if not strangers:
            for worker, theirs in sorted(self._client.run(versions).items()):
                if differing := differences(versions(), theirs):
                    problems.append(cluster_problem("cluster.differs", worker, differences=", ".join(differing)))
        if problems:
            raise InputError(problems)

    def _died(self, error: BaseException) -> Literal["died"]:
        if isinstance(error, KilledWorker):
            return "died"
        if isinstance(error, StrangerError):
            raise InputError([cluster_problem("cluster.differs", error.worker, differences=error.differences)])
        raise error

    def _refuse_loneliness(self, *, now: bool = False) -> None:
        """A scheduler that is gone, or has had no workers for long, will not answer any more."""
        if self._client.status != "running":
            raise InputError([cluster_problem("cluster.gone", self._address)])
        if self._client.nthreads():
            self._alone_since = None
            return
        self._alone_since = self._alone_since or time.monotonic()
        if now or time.monotonic() - self._alone_since > ALONE_S:
            raise InputError([cluster_problem("cluster.alone", self._address)])


class HandOver(WorkerPlugin):
    """Gives the plan to each worker, now or when it joins, and takes it away in the end."""

    def __init__(self, name: str, digest: str, data: bytes) -> None:
        self.name = name
        self.digest = digest
        self.data = data

    def setup(self, worker: Any) -> None:
        """On a worker, before its first chunk."""
        _plans[self.digest] = pickle.loads(self.data)  # noqa: S301 - sent by the client, which sends code as well

    def teardown(self, worker: Any) -> None:
        """On a worker, when the experiment is over."""
        _plans.pop(self.digest, None)


class StrangerError(ChainsimError):
    """A worker that joined later is not what the handshake asked for."""

    def __init__(self, worker: str, differences: str) -> None:
        self.worker = worker
        self.differences = differences
        super().__init__(worker, differences)


def work_on(digest: str, expected: dict[str, str], chunk: Chunk) -> Outcome:
    """On a worker: the chunk's outcome under the plan of ``digest``. Threads do not share the variant they are at."""
    if versions() != expected:
        import socket

        raise StrangerError(socket.gethostname(), ", ".join(differences(expected, versions())))
    if getattr(_own, "digest", "") != digest:
        _own.worker, _own.digest = Worker(_plans[digest]), digest
    worker: Worker = _own.worker
    return worker.work(chunk)


def _connected(address: str) -> Any:
    try:
        connect: Any = Client
        return connect(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, TypeError, ValueError) as error:  # the last two: certificates that are missing or not asked for
        told = f"{error}".strip() or type(error).__name__
        key = "cluster.encryption" if address.startswith("tls:") else "cluster.unreachable"
        raise InputError([cluster_problem(key, address, reason=told.splitlines()[0])]) from error
