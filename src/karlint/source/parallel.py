from __future__ import annotations
from karlint.source.load import load


def load_files(files, limits, jobs):
    return [load(f, limits, all_values=False) for f in files]
