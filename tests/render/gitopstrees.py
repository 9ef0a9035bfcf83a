"""Two small GitOps repositories, one for Argo CD and one for Flux, that use most of what declares a value."""

from __future__ import annotations

from tests.render.gitopsrepo import HERE

CHART = {
    "charts/llm/Chart.yaml": "apiVersion: v2\nname: llm\nversion: 1.0.0\n",
    "charts/llm/values.yaml": """\
image: {repository: ghcr.io/acme/vllm, tag: v1}
replicas: 1
gpus: 1
args: [--max-model-len, "4096"]
nodeSelector: {}
annotations: {}
tier: none
""",
    "charts/llm/templates/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  annotations:
    {{- toYaml .Values.annotations | nindent 4 }}
  labels:
    tier: {{ .Values.tier | quote }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: llm}
  template:
    metadata:
      labels: {app: llm}
    spec:
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: vllm
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          args:
            {{- range .Values.args }}
            - {{ . | quote }}
            {{- end }}
          resources:
            limits:
              nvidia.com/gpu: {{ .Values.gpus }}
""",
}
APP = {
    "apps/llm/kustomization.yaml": "resources: [deployment.yaml]\n",
    "apps/llm/deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: tei
  annotations: {note: "size ${SIZE}, ${TIER:=bronze}"}
spec:
  replicas: 1
  selector: {matchLabels: {app: tei}}
  template:
    metadata: {labels: {app: tei}}
    spec:
      containers:
        - name: tei
          image: ghcr.io/acme/tei:v1
          env:
            - name: MODEL
              value: ${MODEL}
            - name: KEY
              value: ${KEY}
          resources:
            limits: {nvidia.com/gpu: 1, memory: "${SIZE}Gi"}
""",
}


def application(name: str, source: str) -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {name}
  namespace: argocd
spec:
  project: ai
  destination:
    namespace: serving
  source:
    repoURL: {HERE}
{source}"""


ARGO = {
    **CHART,
    **APP,
    "argocd/object.yaml": application(
        "object",
        """\
    path: charts/llm
    helm:
      valueFiles: [gpu.yaml]
      valuesObject:
        image:
          tag: v2
        args: [--dtype, bfloat16]
        nodeSelector:
          accelerator: h100
      parameters:
        - name: replicas
          value: "3"
        - name: annotations.owner
          value: ml
          forceString: true
""",
    ),
    "charts/llm/gpu.yaml": "gpus: 8\n",
    "argocd/text.yaml": application(
        "text",
        """\
    path: charts/llm
    helm:
      values: |
        image:
          tag: v3
        tier: gold
        annotations:
          team: "ai"
""",
    ),
    "argocd/edited.yaml": application(
        "edited",
        """\
    path: apps/llm
    kustomize:
      namePrefix: prod-
      namespace: gpu
      images:
        - ghcr.io/acme/tei=ghcr.io/acme/tei-gpu:v9
      replicas:
        - name: tei
          count: 4
      commonLabels:
        team: ai
      commonAnnotations:
        owner: ml
      patches:
        - target: {kind: Deployment}
          patch: |
            - op: replace
              path: /spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu
              value: 2
""",
    ),
    "argocd/set.yaml": f"""\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: each
  namespace: argocd
spec:
  generators:
    - list:
        elements:
          - cluster: a
            tag: v5
            size: "2"
          - cluster: b
            tag: v6
            size: "4"
  template:
    metadata:
      name: 'llm-{{{{cluster}}}}'
    spec:
      project: ai
      destination:
        name: '{{{{cluster}}}}'
        namespace: serving
      source:
        repoURL: {HERE}
        path: charts/llm
        helm:
          parameters:
            - name: image.tag
              value: '{{{{tag}}}}'
            - name: gpus
              value: '{{{{size}}}}'
            - name: tier
              value: silver
""",
    "root/kustomization.yaml": """\
resources: [child.yaml]
patches:
  - path: patch.yaml
""",
    "root/child.yaml": application(
        "child",
        """\
    path: charts/llm
    helm:
      valuesObject:
        gpus: 4
        image:
          tag: v7
""",
    ),
    "root/patch.yaml": """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: child
  namespace: argocd
spec:
  source:
    helm:
      valuesObject:
        image:
          tag: v8
        replicas: 2
""",
    "argocd/root.yaml": application("root", "    path: root\n"),
}

FLUX = {
    **CHART,
    **APP,
    "clusters/prod/flux-system/sync.yaml": f"""\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: flux-system, namespace: flux-system}}
spec: {{url: {HERE}}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: flux-system, namespace: flux-system}}
spec:
  path: ./clusters/prod
  sourceRef: {{kind: GitRepository, name: flux-system}}
""",
    "clusters/prod/settings.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: flux-system
data:
  SIZE: "16"
  MODEL: llama
""",
    "clusters/prod/apps.yaml": """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  path: ./apps/llm
  targetNamespace: gpu
  sourceRef:
    kind: GitRepository
    name: flux-system
  commonMetadata:
    labels:
      team: ai
    annotations:
      owner: ml
  images:
    - name: ghcr.io/acme/tei
      newTag: v9
  patches:
    - target:
        kind: Deployment
      patch: |
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: tei
        spec:
          replicas: 3
          template:
            spec:
              nodeSelector:
                accelerator: a100
  postBuild:
    substitute:
      MODEL: mistral
    substituteFrom:
      - kind: ConfigMap
        name: settings
      - kind: Secret
        name: keys
""",
    "clusters/prod/release.yaml": """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: llm
  namespace: serving
spec:
  chart:
    spec:
      chart: ./charts/llm
      sourceRef:
        kind: GitRepository
        name: flux-system
        namespace: flux-system
  valuesFrom:
    - kind: ConfigMap
      name: values
    - kind: ConfigMap
      name: values
      valuesKey: tier
      targetPath: tier
  values:
    image:
      tag: v2
    nodeSelector:
      accelerator: h100
    args: [--dtype, bfloat16]
  postRenderers:
    - kustomize:
        images:
          - name: ghcr.io/acme/vllm
            newName: ghcr.io/acme/vllm-gpu
        patches:
          - target:
              kind: Deployment
            patch: |
              - op: add
                path: /spec/template/spec/priorityClassName
                value: serving
""",
    "clusters/prod/values.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: values
  namespace: serving
data:
  tier: gold
  values.yaml: |
    gpus: 8
    annotations:
      owner: "ml"
""",
}
