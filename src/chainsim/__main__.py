"""``python -m chainsim`` is ``chainsim``."""

from chainsim.cli import main

main()
