"""The what-if page: ``serve`` shows a folder's scenarios in a browser on this machine, and nowhere else."""

from chainsim.web.app import make_app
from chainsim.web.serving import serve

__all__ = ["serve", "make_app"]
