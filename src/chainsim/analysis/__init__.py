"""chainsim for analysts: scenarios, runs, orders and experiments as values in a notebook.

``chainsim.load`` and ``chainsim.experiment`` are the doors; everything else hangs on what they give. Nothing here computes: it
puts the use cases of ``chainsim.workflow`` and the pictures of ``chainsim.charts`` where an analyst's hand expects them, with
mistakes told as the command line tells them.
"""

from chainsim.analysis.experiments import Answers, Experiment, answers, experiment
from chainsim.analysis.studies import Study, load, new, starter

__all__ = ["Answers", "Experiment", "Study", "answers", "experiment", "load", "new", "starter"]
