"""Which directories belong together, against the plain definition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from karlint.inventory.scopes import Scopes, environments

DIRECTORIES = st.sets(
    st.lists(st.sampled_from(["a", "b", "a-b", "a.b", "a0", "clusters", "prod", "é"]), max_size=4).map("/".join),
    max_size=12,
)


def together(one: str, other: str) -> bool:
    def contains(above: str, below: str) -> bool:
        return not above or above == below or below.startswith(f"{above}/")

    places = environments([one, other])
    return contains(one, other) or contains(other, one) or (one in places and places[one] == places.get(other))


@given(DIRECTORIES)
def test_scope_is_what_contains_what_lies_under_and_what_shares_the_environment(directories: set[str]) -> None:
    scopes = Scopes(directories)
    for directory in directories:
        assert scopes.of(directory) == sorted(other for other in directories if together(directory, other))


def test_environments_are_told_by_their_parents_name() -> None:
    found = environments(
        ["clusters/prod", "clusters/prod/a/b", "infra/envs/dev/x", "apps/overlays", "apps/base", "cluster/eu/x"]
    )
    assert found == {
        "cluster/eu/x": "cluster/eu",
        "clusters/prod": "clusters/prod",
        "clusters/prod/a/b": "clusters/prod",
        "infra/envs/dev/x": "infra/envs/dev",
    }


def test_absolute_directories_end() -> None:
    assert Scopes(["/srv/git", "/srv/git/a", "/opt"]).of("/srv/git/a") == ["/srv/git", "/srv/git/a"]
