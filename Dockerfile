# karlint with helm, kustomize and git, as an unprivileged user. Built in CI jobs and run as a hook of Argo CD or beside Flux:
#
#   docker run --rm -v "$PWD:/repository:ro" karlint check
#
# Base images are pinned by digest; the tools are those that the tests run with (tools/go.mod).

FROM golang:1.26-bookworm@sha256:a688600ca24f8a4d3ca77f95b0dd40704a9fc787c826660eb7ba0b641b8b175d AS tools
WORKDIR /tools
COPY tools/go.mod tools/go.sum ./
RUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /out/helm helm.sh/helm/v4/cmd/helm && \
    CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /out/kustomize sigs.k8s.io/kustomize/kustomize/v5

FROM python:3.13-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8 AS build
WORKDIR /karlint
RUN python -m venv /opt/karlint
COPY requirements/runtime.lock requirements/
RUN /opt/karlint/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.lock
COPY pyproject.toml README.md LICENSE CHANGELOG.md ./
COPY src src
COPY policies policies
COPY schemas schemas
RUN /opt/karlint/bin/pip install --no-cache-dir --no-build-isolation --no-deps . && \
    /opt/karlint/bin/python -m compileall -q /opt/karlint/lib

FROM python:3.13-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8
LABEL org.opencontainers.image.title=karlint \
      org.opencontainers.image.licenses=Apache-2.0 \
      org.opencontainers.image.description="Lints a GitOps repository's AI workloads before they reach the cluster"
# For --diff-base, and for jobs that fetch what they lint.
RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*
COPY --from=tools /out/ /usr/local/bin/
COPY --from=build /opt/karlint /opt/karlint
ENV PATH=/opt/karlint/bin:$PATH PYTHONDONTWRITEBYTECODE=1
# 65532 is the user that distroless images call nonroot; a number, so that runAsNonRoot can be checked.
USER 65532:65532
WORKDIR /repository
ENTRYPOINT ["karlint"]
CMD ["check"]
