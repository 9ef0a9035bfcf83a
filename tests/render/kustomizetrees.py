"""Small repositories of kustomizations, each for some of what kustomize does. ``=== path`` begins a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BASE = """
=== base/kustomization.yaml
resources:
- deploy.yaml
- more.yaml
=== base/deploy.yaml
# The first document of two.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: server
  labels:
    app: server
    tier: base
spec:
  replicas: 1
  selector:
    matchLabels:
      app: server
  template:
    metadata:
      labels:
        app: server
    spec:
      nodeSelector:
        pool: small
      tolerations:
      - key: a
        operator: Exists
      - key: b
        operator: Exists
      volumes:
      - name: models
        emptyDir: {}
      containers:
      - name: vllm
        image: vllm/vllm-openai:v0.5.0
        args: ["--port=8000", "--model=m"]
        env:
        - name: A
          value: one
        - name: B
          value: two
        ports:
        - containerPort: 8000
          name: http
        volumeMounts:
        - name: models
          mountPath: /models
        resources:
          limits:
            cpu: "4"
            nvidia.com/gpu: 1
      - name: sidecar
        image: busybox
---
apiVersion: v1
kind: Service
metadata:
  name: server
spec:
  selector:
    app: server
  ports:
  - port: 80
    targetPort: 8000
=== base/more.yaml
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: one
  data:
    key: first
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: two
  data:
    key: second
"""

TREES: dict[str, str] = {
    "merge": _BASE
    + """
=== overlay/kustomization.yaml
resources:
- ../base
patches:
- path: gpu.yaml
- target:
    kind: Deployment
    name: serv.*
  patch: |-
    # on every server
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: ignored
    spec:
      template:
        spec:
          nodeSelector:
            zone: west
=== overlay/gpu.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: server
  labels:
    tier: overlay
spec:
  template:
    spec:
      nodeSelector:
        pool: large
      tolerations:
      - key: gpu
        operator: Exists
      containers:
      - name: sidecar
        $patch: delete
      - name: metrics
        image: exporter:1
      - name: vllm
        env:
        - name: C
          value: three
        - name: B
          value: changed
        ports:
        - containerPort: 9000
          name: metrics
        - containerPort: 8000
          name: api
        resources:
          limits:
            cpu: null
            nvidia.com/gpu: 8
""",
    "json": _BASE
    + """
=== overlay/kustomization.yaml
resources:
- ../base
patches:
- target:
    group: apps
    version: v1
    kind: Deployment
  path: ops.yaml
- target:
    labelSelector: app=server,tier in (base,prod)
  patch: |
    - op: replace
      path: /spec/replicas
      value: 3
    - op: add
      path: /spec/template/spec/containers/-
      value:
        name: last
        image: last:1
- target:
    annotationSelector: none=here
  patch: |
    - op: remove
      path: /spec
patchesJson6902:
- target:
    version: v1
    kind: Service
    name: server
  patch: '[{"op": "replace", "path": "/spec/ports/0/port", "value": 8080}]'
=== overlay/ops.yaml
- op: test
  path: /kind
  value: Deployment
- op: add
  path: /metadata/annotations
  value:
    example.com~1x: "1"
- op: add
  path: /spec/template/spec/containers/0/args/0
  value: --first
- op: add
  path: /spec/template/spec/containers/0/args/-
  value: --last
- op: remove
  path: /spec/template/spec/tolerations/0
- op: move
  from: /spec/template/spec/containers/0/env/1
  path: /spec/template/spec/containers/0/env/0
- op: copy
  from: /spec/template/metadata/labels/app
  path: /metadata/labels/copied
- op: replace
  path: /spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu
  value: 2
""",
    "transformers": _BASE
    + """
=== middle/kustomization.yaml
resources:
- ../base
images:
- name: vllm/vllm-openai
  newName: registry.example.com/vllm
namePrefix: team-
labels:
- pairs:
    owner: ml
  includeTemplates: true
- pairs:
    part: api
  includeSelectors: true
=== overlay/kustomization.yaml
resources:
- ../middle
namespace: prod
nameSuffix: -v2
images:
- name: registry.example.com/vllm
  newTag: v0.9.0
- name: busybox
  digest: sha256:0000000000000000000000000000000000000000000000000000000000000000
commonLabels:
  stage: prod
commonAnnotations:
  example.com/by: us
replicas:
- name: server
  count: 5
""",
    "generators": """
=== overlay/kustomization.yaml
resources:
- ../base
generatorOptions:
  labels:
    made: "yes"
configMapGenerator:
- name: settings
  behavior: merge
  literals:
  - level=debug
- name: plain
  options:
    disableNameSuffixHash: true
    annotations:
      note: here
  literals:
  - a=1
  - b="quoted"
secretGenerator:
- name: token
  type: Opaque
  envs:
  - secret.env
=== overlay/secret.env
# a comment
USER=me
PASS=word=1
=== base/kustomization.yaml
namePrefix: app-
resources:
- pod.yaml
configMapGenerator:
- name: settings
  files:
  - run.sh
  - other=data/other.txt
  literals:
  - level=info
  - mode=fast
=== base/run.sh
#!/bin/sh
exec vllm
=== base/data/other.txt
text
=== base/pod.yaml
apiVersion: v1
kind: Pod
metadata:
  name: pod
spec:
  volumes:
  - name: settings
    configMap:
      name: settings
  containers:
  - name: main
    image: main:1
    envFrom:
    - configMapRef:
        name: settings
""",
    "components": _BASE
    + """
=== components/gpu/kustomization.yaml
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources:
- claim.yaml
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: server
    spec:
      template:
        spec:
          runtimeClassName: nvidia
=== components/gpu/claim.yaml
apiVersion: resource.k8s.io/v1
kind: ResourceClaimTemplate
metadata:
  name: gpu
spec:
  spec:
    devices:
      requests:
      - name: gpu
        exactly:
          deviceClassName: gpu.nvidia.com
=== a/kustomization.yaml
resources:
- ../base
components:
- ../components/gpu
namePrefix: a-
=== b/kustomization.yaml
resources:
- ../base
components:
- ../components/gpu
namePrefix: b-
=== overlay/kustomization.yaml
resources:
- ../a
- ../b
patches:
- path: same.yaml
  target:
    kind: Deployment
    name: a-server
=== overlay/same.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: server
spec:
  replicas: 7
""",
    "replacements": _BASE
    + """
=== overlay/kustomization.yaml
resources:
- ../base
- settings.yaml
replacements:
- source:
    kind: ConfigMap
    name: settings
    fieldPath: data.port
  targets:
  - select:
      kind: Service
    fieldPaths:
    - spec.ports.0.targetPort
- path: image.yaml
=== overlay/image.yaml
- source:
    kind: ConfigMap
    name: settings
    fieldPath: data.tag
  targets:
  - select:
      kind: Deployment
    fieldPaths:
    - spec.template.spec.containers.[name=vllm].image
    options:
      delimiter: ":"
      index: 1
- source:
    kind: ConfigMap
    name: settings
    fieldPath: data.tag
  targets:
  - select:
      kind: Deployment
    reject:
    - name: other
    fieldPaths:
    - metadata.annotations.[example.com/tag]
    options:
      create: true
=== overlay/settings.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  port: "9000"
  tag: v1.2.3
""",
    "vars": """
=== kustomization.yaml
resources:
- pod.yaml
vars:
- name: NAME
  objref:
    apiVersion: v1
    kind: Pod
    name: pod
namePrefix: x-
=== pod.yaml
apiVersion: v1
kind: Pod
metadata:
  name: pod
spec:
  containers:
  - name: main
    image: main:1
    args: ["--name=$(NAME)", "--other"]
""",
    "custom": """
=== kustomization.yaml
resources:
- ray.yaml
configurations:
- fields.yaml
patches:
- path: patch.yaml
images:
- name: rayproject/ray
  newTag: 2.9.0
commonLabels:
  team: ml
patchesStrategicMerge:
- |-
  apiVersion: ray.io/v1
  kind: RayCluster
  metadata:
    name: ray
  spec:
    rayVersion: 2.9.0
=== fields.yaml
commonLabels:
- path: spec/headGroupSpec/template/metadata/labels
  create: true
  kind: RayCluster
images:
- path: spec/image
  kind: RayCluster
=== patch.yaml
apiVersion: ray.io/v1
kind: RayCluster
metadata:
  name: ray
spec:
  headGroupSpec:
    template:
      spec:
        containers:
        - name: head
          image: rayproject/ray:2.8.0
          resources:
            limits:
              nvidia.com/gpu: 2
=== ray.yaml
apiVersion: ray.io/v1
kind: RayCluster
metadata:
  name: ray
spec:
  image: rayproject/ray:2.7.0
  rayVersion: 2.7.0
  headGroupSpec:
    rayStartParams:
      num-gpus: "1"
    template:
      spec:
        containers:
        - name: head
          image: rayproject/ray:2.7.0
          env:
          - name: LOST
            value: "1"
""",
    "configured": _BASE
    + """
=== overlay/kustomization.yaml
resources:
- ../base
- account.yaml
- binding.yaml
- crd.yaml
namespace: prod
namePrefix: x-
transformers:
- prefix.yaml
- ../transformers
- |-
  apiVersion: builtin
  kind: LabelTransformer
  metadata:
    name: inline
  labels:
    from: transformer
  fieldSpecs:
  - path: metadata/labels
    create: true
generators:
- generated.yaml
=== overlay/prefix.yaml
apiVersion: builtin
kind: PrefixTransformer
metadata:
  name: labels
prefix: y-
fieldSpecs:
- path: metadata/labels/tier
=== overlay/generated.yaml
apiVersion: builtin
kind: ConfigMapGenerator
metadata:
  name: made
literals:
- a=1
=== transformers/kustomization.yaml
resources:
- patch.yaml
- others.yaml
=== transformers/patch.yaml
apiVersion: builtin
kind: PatchTransformer
metadata:
  name: patch
target:
  kind: Deployment
patch: |-
  - op: add
    path: /spec/template/spec/priorityClassName
    value: high
=== transformers/others.yaml
apiVersion: builtin
kind: ImageTagTransformer
metadata:
  name: image
imageTag:
  name: busybox
  newTag: "1.36"
---
apiVersion: builtin
kind: ReplicaCountTransformer
metadata:
  name: count
replica:
  name: server
  count: 6
fieldSpecs:
- path: spec/replicas
  kind: Deployment
---
apiVersion: builtin
kind: AnnotationsTransformer
metadata:
  name: annotations
annotations:
  by: transformer
fieldSpecs:
- path: metadata/annotations
  create: true
=== overlay/account.yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: runner
=== overlay/binding.yaml
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: runner
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: view
subjects:
- kind: ServiceAccount
  name: runner
- kind: ServiceAccount
  name: default
=== overlay/crd.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.com
spec:
  group: example.com
""",
    "openapi": """
=== kustomization.yaml
openapi:
  path: schema.json
resources:
- thing.yaml
patches:
- path: patch.yaml
=== schema.json
{"definitions": {
  "v1.Thing": {
    "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Thing"}],
    "properties": {"spec": {"$ref": "#/definitions/v1.Spec"}}},
  "v1.Spec": {"properties": {"workers": {
    "type": "array", "items": {"type": "object", "properties": {
      "env": {"type": "array", "items": {"type": "object"},
        "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name"}}},
    "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "id"}}}}}
=== patch.yaml
apiVersion: example.com/v1
kind: Thing
metadata:
  name: thing
spec:
  workers:
  - id: two
    env:
    - name: B
      value: patched
=== thing.yaml
apiVersion: example.com/v1
kind: Thing
metadata:
  name: thing
spec:
  workers:
  - id: one
    image: one:1
  - id: two
    image: two:1
    env:
    - name: A
      value: a
    - name: B
      value: b
""",
    "directives": _BASE
    + """
=== overlay/kustomization.yaml
resources:
- ../base
patches:
- path: several.yaml
- target:
    kind: ConfigMap
    name: two
  patch: |
    $patch: delete
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: ignored
- target:
    kind: ConfigMap
    name: one
  options:
    allowNameChange: true
  patch: |
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: renamed
=== overlay/several.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: server
spec:
  template:
    spec:
      nodeSelector:
        $patch: replace
        gpu: "true"
      volumes:
      - $patch: replace
      - name: fresh
        emptyDir:
          medium: Memory
      containers:
      - name: vllm
        env:
        - name: A
          $patch: delete
        volumeMounts:
        - name: fresh
          mountPath: /fresh
---
apiVersion: v1
kind: Service
metadata:
  name: server
spec:
  ports:
  - port: 80
    targetPort: 9000
  - port: 81
    name: more
""",
}


def write(name: str, root: Path) -> None:
    """Write the files of a tree below *root*."""
    for part in TREES[name].split("=== ")[1:]:
        path, _, text = part.partition("\n")
        file = root / path.strip()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


ROOTS = {name: "" if name in ("vars", "custom", "openapi") else "overlay" for name in TREES}
