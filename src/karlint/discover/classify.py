"""What a file is by its path alone: part of a Helm chart, or configuration of a tool that is not Kubernetes."""

from __future__ import annotations

import re
from fnmatch import translate

from karlint.discover import reasons

_SUFFIXES = (".yaml", ".yml", ".json")
KUSTOMIZATION_NAMES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
CONFIG_NAMES = (".karlint.yaml", ".karlint.yml")

VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".jj"})
"""Not content of the tree at all, so not counted either."""

TOOL_DIRECTORIES = frozenset(
    {"node_modules", "bower_components", ".venv", ".tox", ".nox", ".direnv", ".eggs", ".terraform", ".terragrunt-cache"}
    | {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache"}
)
"""Dependencies and caches: nobody writes manifests there."""

_CI_DIRECTORIES = frozenset(
    {".github", ".gitlab", ".circleci", ".buildkite", ".woodpecker", ".azuredevops", ".vscode", ".idea"}
    | {".devcontainer", ".husky", ".changeset", ".regal", ".dagger"}
)

# Names only, since each is fixed by its tool: CI services; linters and scanners; releases, dependencies, documentation;
# build and delivery. A name that a Kubernetes manifest may well have does not belong here.
_TOOL_FILES = """
.gitlab-ci.y*ml *.gitlab-ci.y*ml azure-pipelines*.y*ml .azure-pipelines*.y*ml
bitbucket-pipelines.y*ml .travis.y*ml .appveyor.y*ml appveyor.y*ml .drone.y*ml .woodpecker.y*ml
.cirrus.y*ml cloudbuild.y*ml .prow.y*ml
.pre-commit-config.y*ml .pre-commit-hooks.y*ml .golangci.y*ml .golangci.json .yamllint.y*ml
.yamlfmt.y*ml .markdownlint* .markdownlint-cli2* .prettierrc* .eslintrc* .stylelintrc*
.hadolint.y*ml .checkov.y*ml .kube-linter.y*ml .kubescape* .spectral.y*ml .ansible-lint* .trivy.y*ml
.codespell* .cspell.* cspell.* .typos.* .licenserc.y*ml .jscpd.json biome.json .codeclimate.y*ml
codecov.y*ml .codecov.y*ml .coderabbit.y*ml
.goreleaser*.y*ml renovate.json .renovaterc* .dependabot.y*ml .mergify.y*ml .releaserc*
.readthedocs.y*ml release-please-config.json .release-please-manifest.json mkdocs.y*ml mkdocs-*.y*ml
package.json package-lock.json npm-shrinkwrap.json pnpm-lock.yaml pnpm-workspace.yaml .yarnrc.y*ml
tsconfig*.json jsconfig*.json lerna.json nx.json turbo.json composer.json deno.json
devcontainer.json .devcontainer.json
docker-compose*.y*ml compose.y*ml compose.*.y*ml skaffold*.y*ml devspace.y*ml [Tt]askfile.y*ml
Taskfile.*.y*ml [Tt]askfile.dist.y*ml .sops.y*ml .argocd-source*.y*ml .krew.y*ml buf.y*ml
buf.gen.y*ml buf.work.y*ml helmfile.y*ml artifacthub-repo.y*ml artifacthub-pkg.y*ml .mockery.y*ml
.ko.y*ml
"""
_TOOL_FILE = re.compile("|".join(translate(name) for name in _TOOL_FILES.split()))


def is_manifest_name(name: str) -> bool:
    """Return whether a file of this name is YAML or JSON by its extension."""
    return name.lower().endswith(_SUFFIXES)


def is_seen(name: str) -> bool:
    """Return whether a file of this name is counted at all."""
    return is_manifest_name(name) or name in KUSTOMIZATION_NAMES


def tool_reason(path: str) -> str | None:
    """Return why the file at the POSIX *path* is no manifest, if its name or a directory says so."""
    *directories, name = path.split("/")
    if name in CONFIG_NAMES:
        return reasons.KARLINT
    if not _CI_DIRECTORIES.isdisjoint(directories) or _TOOL_FILE.match(name):
        return reasons.TOOL
    return None


def helm_reason(path: str, chart: str) -> str | None:
    """Return why *path* is no manifest, if it is part of the chart whose directory is *chart* ("" or ends with "/").

    None for the chart's ``crds/``, which Helm hands to the API server as they are, and for what Helm does not know.
    """
    inner = path[len(chart) :]
    top, _, rest = inner.partition("/")
    if rest and top == "templates":
        return reasons.HELM_TEMPLATE
    if not is_seen(path.rpartition("/")[2]):  # named by somebody: Chart.lock, .helmignore, charts/common.tgz
        return reasons.HELM_FILE
    if rest:
        if top == "files":  # text for templates to embed (.Files.Get); Helm never applies it
            return reasons.HELM_FILE
        if top == "ci" and re.fullmatch(r"[^/]*values\.ya?ml", rest):
            return reasons.HELM_VALUES
        return None
    if inner in ("Chart.yaml", "requirements.yaml"):
        return reasons.HELM_METADATA
    if re.fullmatch(r"values[^/]*\.ya?ml|values\.schema\.json|[^/]+[-_.]values\.ya?ml", inner):
        return reasons.HELM_VALUES
    return None
