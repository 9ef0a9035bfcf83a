"""Reads the rule folders under ``policies/`` and checks their metadata."""

from karlint.rules.load import Fact, RuleBook, add_rules, load_rules
from karlint.rules.locate import data_dir
from karlint.rules.tables import indexed

__all__ = ["Fact", "RuleBook", "add_rules", "data_dir", "indexed", "load_rules"]
