"""Which files of the tree are manifests, and why the others are not. The only room that imports pathspec."""

from karlint.discover.find import ALL_SKIPPED, DiscoverOptions, Discovery, Layout, discover, find_root, path_matcher
from karlint.discover.ignores import invalid_patterns
from karlint.discover.roles import ReadYaml

__all__ = [
    "ALL_SKIPPED",
    "DiscoverOptions",
    "Discovery",
    "Layout",
    "ReadYaml",
    "discover",
    "find_root",
    "invalid_patterns",
    "path_matcher",
]
