"""From requests to device plugins to DRA: what can be moved, how, and what cannot and why."""

from karlint.migrate.run import Options, migrate_dra

__all__ = ["Options", "migrate_dra"]
