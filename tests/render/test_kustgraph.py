"""The graph of kustomizations, as several threads ask it at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from karlint.reading import parse_yaml
from karlint.render import Graph

if TYPE_CHECKING:
    from pathlib import Path


def test_a_kustomization_that_a_thread_reads_is_not_none_to_another(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "kustomization.yaml").write_text('resources: ["https://example.com/repo//base?ref=v1"]\n')
    begun, goes_on = threading.Event(), threading.Event()

    def read(path: str) -> bytes:
        begun.set()
        assert goes_on.wait(10)
        return (tmp_path / path).read_bytes()

    graph = Graph(str(tmp_path), read, parse_yaml)
    obstacles: list[int] = []
    threads = [threading.Thread(target=lambda: obstacles.append(len(graph.closure("base").obstacles))) for _ in "ab"]
    threads[0].start()
    assert begun.wait(10)
    threads[1].start()
    threads[1].join(0.5)
    goes_on.set()
    for thread in threads:
        thread.join(10)
    assert obstacles == [1, 1]


def test_what_a_generator_in_a_circle_reads_is_not_remembered_in_part(tmp_path: Path) -> None:
    for name, text in {"app": "generators: [../made]", "made": "resources: [../app, chart.yaml]"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "kustomization.yaml").write_text(f"{text}\n")
    (tmp_path / "made" / "chart.yaml").write_text("kind: ConfigMap\n")
    graph = Graph(str(tmp_path), lambda path: (tmp_path / path).read_bytes(), parse_yaml)
    assert graph.at("app") is not None
    assert {*graph.closure("made").inputs} >= {"app/kustomization.yaml", "made/kustomization.yaml", "made/chart.yaml"}
