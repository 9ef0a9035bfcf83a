"""Which files of the tree are manifests, and why the others are not. The only room that imports pathspec."""

from karlint.discover.find import DiscoverOptions, Discovery, ReadYaml, discover, find_root

__all__ = ["DiscoverOptions", "Discovery", "ReadYaml", "discover", "find_root"]
