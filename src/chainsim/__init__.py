"""chainsim: rehearse a year of crude supply through pipelines, tank farms and rail before it happens."""

__version__ = "0.1.0"
