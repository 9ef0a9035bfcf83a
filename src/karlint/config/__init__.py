"""Settings of a run, and the file they come from."""

from karlint.config.check import validate_config
from karlint.config.excludes import path_excludes
from karlint.config.load import ConfigText, ReadConfig, load_config
from karlint.config.settings import Settings, resolve_fail_on
from karlint.config.types import Accelerator, ChartSet, Config, Ignored, RenderConfig, RuleConfig, RuleSeverity

__all__ = [
    "Accelerator",
    "ChartSet",
    "Config",
    "ConfigText",
    "Ignored",
    "ReadConfig",
    "RenderConfig",
    "RuleConfig",
    "RuleSeverity",
    "Settings",
    "load_config",
    "path_excludes",
    "resolve_fail_on",
    "validate_config",
]
