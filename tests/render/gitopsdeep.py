"""Two more GitOps repositories, whose objects are put together themselves: by a chart, by overlays and variables."""

from __future__ import annotations

from tests.render.gitopsrepo import HERE
from tests.render.gitopstrees import APP, CHART, application

APPS_CHART = {
    **CHART,
    **APP,
    "root.yaml": application(
        "root",
        """\
    path: root
    helm:
      valuesObject:
        apps:
          chat: {gpus: 4}
      parameters: [{name: tier, value: gold}]
""",
    ),
    "root/Chart.yaml": "apiVersion: v2\nname: root\nversion: 1.0.0\n",
    "root/values.yaml": """\
tier: none
apps:
  chat:
    gpus: 1
    image: {tag: v7}
    nodeSelector: {accelerator: h100}
  embed:
    gpus: 2
    args: [--dtype, float16]
""",
    "root/templates/apps.yaml": f"""\
{{{{- range $name, $values := .Values.apps }}}}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {{{{ $name }}}}
  namespace: argocd
spec:
  project: ai
  destination: {{namespace: serving}}
  source:
    repoURL: {HERE}
    path: charts/llm
    helm:
      valuesObject:
        annotations: {{cost: high}}
        {{{{- toYaml $values | nindent 8 }}}}
      parameters:
        - name: tier
          value: {{{{ $.Values.tier }}}}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {{{{ $name }}}}-text
  namespace: argocd
spec:
  project: ai
  destination: {{namespace: serving}}
  source:
    repoURL: {HERE}
    path: charts/llm
    helm:
      values: |
        tier: {{{{ $.Values.tier }}}}
        annotations:
          cost: low
        {{{{- toYaml $values | nindent 8 }}}}
{{{{- end }}}}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: tei
  namespace: argocd
spec:
  project: ai
  destination: {{namespace: serving}}
  source:
    repoURL: {HERE}
    path: apps/llm
    kustomize:
      images: ["ghcr.io/acme/tei:{{{{ .Values.apps.chat.image.tag }}}}"]
      commonLabels: {{tier: {{{{ .Values.tier }}}}}}
      patches:
        - target: {{kind: Deployment}}
          patch: |-
            - op: replace
              path: /spec/replicas
              value: {{{{ .Values.apps.embed.gpus }}}}
            - op: add
              path: /metadata/annotations/cost
              value: low
""",
    ".karlint.yaml": f"render: {{repositories: ['{HERE}']}}\n",
}
"""Applications that a chart renders: values as an object and as a text, a patch as a text."""

OVERLAYS = {
    **CHART,
    "clusters/prod/sync.yaml": f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: flux-system, namespace: flux-system}}
spec: {{url: {HERE}}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: apps, namespace: flux-system}}
spec:
  path: ./apps/prod
  targetNamespace: serving
  sourceRef: {{kind: GitRepository, name: flux-system}}
  postBuild: {{substitute: {{GPUS: "4", TAG: v5}}}}
  patches:
    - target: {{kind: HelmRelease}}
      patch: |
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {{name: any}}
        spec:
          values:
            annotations: {{patched: "yes"}}
""",
    "apps/base/kustomization.yaml": """\
resources: [release.yaml]
configMapGenerator:
  - name: values
    files: [values.yaml]
configurations: [config.yaml]
""",
    "apps/base/config.yaml": """\
nameReference:
- kind: ConfigMap
  version: v1
  fieldSpecs:
  - path: spec/valuesFrom/name
    kind: HelmRelease
""",
    "apps/base/values.yaml": """\
gpus: 2
args:
  - --dtype
  - 'float16' # why
image:
  repository: ghcr.io/acme/other
""",
    "apps/base/release.yaml": """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: llm, namespace: serving}
spec:
  chart: {spec: {chart: ./charts/llm, sourceRef: {kind: GitRepository, name: flux-system, namespace: flux-system}}}
  valuesFrom: [{kind: ConfigMap, name: values}, {kind: ConfigMap, name: more, optional: true}]
  values:
    image: {tag: "${TAG}"}
    replicas: 3
""",
    "apps/prod/kustomization.yaml": """\
resources: [../base]
patches:
  - path: patch.yaml
  - target: {kind: HelmRelease}
    patch: |
      - op: replace
        path: /spec/values/replicas
        value: 5
configMapGenerator:
  - name: more
    namespace: serving
    files: [values.yaml=more.yaml]
configurations: [../base/config.yaml]
""",
    "apps/prod/more.yaml": "nodeSelector:\n  accelerator: h100\ngpus: ${GPUS}\ntier: gold\n",
    "apps/prod/patch.yaml": """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: llm, namespace: serving}
spec:
  values:
    annotations: {team: ai}
  postRenderers:
    - kustomize:
        patches:
          - target: {kind: Deployment}
            patch: |
              - op: add
                path: /metadata/labels/cost
                value: "high"
""",
    ".karlint.yaml": f"render: {{repositories: ['{HERE}']}}\n",
}
"""A HelmRelease that an overlay and Flux patch, with values from ConfigMaps that are generated of files."""
