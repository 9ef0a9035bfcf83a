"""From what rules say to what people read: text, position, supersession, suppression, fingerprint, order."""

from karlint.findings.assemble import Assembled, AssembleOptions, assemble
from karlint.findings.baseline import Baseline, BaselineError, baseline_of, compare, ratchet, read_baseline, written
from karlint.findings.hygiene import HYGIENE_RULES
from karlint.findings.ignored import ignore
from karlint.findings.suppress import ANNOTATION, EXCLUDED_REASON, CommentedFile
from karlint.findings.templates import TemplateError, fill

__all__ = [
    "ANNOTATION",
    "EXCLUDED_REASON",
    "HYGIENE_RULES",
    "AssembleOptions",
    "Assembled",
    "Baseline",
    "BaselineError",
    "CommentedFile",
    "TemplateError",
    "assemble",
    "baseline_of",
    "compare",
    "fill",
    "ignore",
    "ratchet",
    "read_baseline",
    "written",
]
