"""The pages that are made from the rules are up to date."""

from __future__ import annotations

from karlint.cli.docs import pages
from karlint.prepared import load_rule_book
from tests.docs.support import ROOT

DOCS = ROOT / "docs"


def test_generated_pages_are_up_to_date() -> None:
    made = pages(DOCS)
    stale = [
        str(path.relative_to(ROOT))
        for path, text in made.items()
        if not path.is_file() or path.read_text("utf-8") != text
    ]
    assert stale == [], "these pages differ from the rules: run `karlint dev docs` and commit what it writes"


def test_no_page_is_left_of_a_rule_that_is_gone() -> None:
    assert set((DOCS / "rules").rglob("*.md")) - set(pages(DOCS)) == set(), "run `karlint dev docs`"


def test_every_rule_with_examples_shows_what_karlint_prints() -> None:
    for rule in load_rule_book().rules.values():
        page = (DOCS / "rules" / f"{rule.id}.md").read_text("utf-8")
        if rule.language != "host":
            assert f"[{rule.id}] " in page.partition("```console")[2], f"{rule.id}: its example yields no finding of it"
