"""Kinds that say with fields of their own what others say with a pod template: small manifests, worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass

GPU = "nvidia.com/gpu"
SPEC = "{containers: [{name: c, resources: {limits: {nvidia.com/gpu: 2}}}]}"
POD = f"{{metadata: {{labels: {{l: 'yes'}}}}, spec: {SPEC}}}"


@dataclass(frozen=True)
class Row:
    """What one pod template must come out as; *asked_at* is the path of the first accelerator."""

    role: str
    spec_path: str
    pods: int | None
    devices: int | None
    asked_at: str = ""
    max_pods: int | str | None = "as pods"


@dataclass(frozen=True)
class Own:
    """A manifest of one kind; *others* are documents that it refers to."""

    kind: str
    version: str
    body: str
    rows: tuple[Row, ...]
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        group, _, name = self.kind.rpartition("/")
        head = f"apiVersion: {group}/{self.version}\nkind: {name}\nmetadata: {{name: x}}\n{self.body}\n"
        return "\n---\n".join((head, *self.others)).replace("POD", POD).replace("SPEC", SPEC)


RUNTIME = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: ClusterTrainingRuntime
metadata: {name: torch}
spec:
  mlPolicy: {numNodes: 3, torch: {}}
  template:
    spec:
      replicatedJobs:
      - name: data
        template: {spec: {template: {spec: {containers: [{name: data}]}}}}
      - name: node
        template:
          metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: trainer}}
          spec: {template: {spec: {containers: [{name: node, resources: {limits: {nvidia.com/gpu: 4}}}]}}}
"""
MPI_RUNTIME = """
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainingRuntime
metadata: {name: mpi}
spec:
  mlPolicy: {numNodes: 1, mpi: {runLauncherAsNode: true}}
  template:
    spec:
      replicatedJobs:
      - name: launcher
        template:
          metadata: {labels: {trainer.kubeflow.org/trainjob-ancestor-step: trainer}}
          spec: {template: {spec: {containers: [{name: node}]}}}
      - name: node
        template: {spec: {template: {spec: {containers: [{name: node}]}}}}
"""
SANDBOX = """
apiVersion: extensions.agents.x-k8s.io/v1beta1
kind: SandboxTemplate
metadata: {name: t}
spec: {podTemplate: POD}
"""
WARM_POOL = """
apiVersion: extensions.agents.x-k8s.io/v1beta1
kind: SandboxWarmPool
metadata: {name: w}
spec: {replicas: 7, sandboxTemplateRef: {name: t}}
"""
STEPS = "spec.runtimeRef.replicatedJobs"

OWN: tuple[Own, ...] = (
    Own(
        "nvidia.com/DynamoGraphDeployment",
        "v1alpha1",
        "spec: {services: {Frontend: {replicas: 2}, Worker: {replicas: 3, multinode: {nodeCount: 4}, resources:"
        " {limits: {gpu: '8'}}, extraPodSpec: {mainContainer: {image: i}}}, Xe: {multinode: {}, resources: {limits:"
        " {gpu: '1', gpuType: gpu.intel.com/xe}}}, Fallback: {resources: {requests: {gpu: '2'}}}}}",
        (
            Row("Frontend", "spec.services.Frontend.extraPodSpec", 2, 0),
            Row("Worker", "spec.services.Worker.extraPodSpec", 12, 8, "spec.services.Worker.resources.limits.gpu"),
            Row("Xe", "spec.services.Xe.extraPodSpec", 2, 1, "spec.services.Xe.resources.limits.gpu"),
            Row(
                "Fallback", "spec.services.Fallback.extraPodSpec", 1, 2, "spec.services.Fallback.resources.requests.gpu"
            ),
        ),
    ),
    Own(
        "nvidia.com/DynamoGraphDeployment",
        "v1beta1",
        "spec: {components: [{name: front, type: frontend}, {name: work, replicas: 2, multinode: {nodeCount: 3},"
        " podTemplate: POD}]}",
        (
            Row("front", "spec.components[0].podTemplate.spec", 1, 0),
            Row(
                "work",
                "spec.components[1].podTemplate.spec",
                6,
                2,
                'spec.components[1].podTemplate.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
    ),
    Own(
        "nvidia.com/DynamoComponentDeployment",
        "v1alpha1",
        "spec: {replicas: 2, resources: {limits: {gpu: '1', custom: {amd.com/gpu: '2', other.com/thing: '3'}}}}",
        (Row("", "spec.extraPodSpec", 2, 3, "spec.resources.limits.gpu"),),
    ),
    Own(
        "nvidia.com/DynamoComponentDeployment",
        "v1beta1",
        "spec: {type: worker, multinode: {nodeCount: 2}, podTemplate: POD}",
        (
            Row(
                "",
                "spec.podTemplate.spec",
                2,
                2,
                'spec.podTemplate.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
    ),
    Own(
        "serving.kserve.io/InferenceService",
        "v1beta1",
        "spec: {predictor: {minReplicas: 2, maxReplicas: 4, model: {modelFormat: {name: huggingface}}, workerSpec:"
        " {pipelineParallelSize: 3, tensorParallelSize: 8}}}",
        (
            Row("predictor", "spec.predictor", 2, 8, "spec.predictor.workerSpec.tensorParallelSize", 4),
            Row("worker", "spec.predictor.workerSpec", 4, 8, "spec.predictor.workerSpec.tensorParallelSize", 8),
        ),
    ),
    Own(  # what the runtime adds is not in the manifest
        "serving.kserve.io/InferenceService",
        "v1beta1",
        "spec: {predictor: {model: {runtime: r}}, canary: [{predictor: {minReplicas: 2, containers: [{name: c}]}}]}",
        (
            Row("predictor", "spec.predictor", 1, None, "", None),
            Row("predictor", "spec.canary[0].predictor", 2, 0, "", None),
        ),
    ),
    Own(
        "serving.kserve.io/LLMInferenceService",
        "v1alpha2",
        "spec: {replicas: 2, parallelism: {data: 16, dataLocal: 4}, template: SPEC, worker: SPEC, router: {scheduler:"
        " {template: {containers: [{name: main}]}}}, prefill: {scaling: {maxReplicas: 5}, parallelism: {pipeline: 3},"
        " template: SPEC, worker: SPEC}}",
        (
            Row("decode", "spec.template", 2, 2, 'spec.template.containers[0].resources.limits["nvidia.com/gpu"]'),
            Row("worker", "spec.worker", 6, 2, 'spec.worker.containers[0].resources.limits["nvidia.com/gpu"]'),
            Row(
                "prefill",
                "spec.prefill.template",
                None,
                2,
                'spec.prefill.template.containers[0].resources.limits["nvidia.com/gpu"]',
                5,
            ),
            Row(
                "prefill-worker",
                "spec.prefill.worker",
                None,
                2,
                'spec.prefill.worker.containers[0].resources.limits["nvidia.com/gpu"]',
                10,
            ),
            Row("scheduler", "spec.router.scheduler.template", 1, 0),
        ),
    ),
    Own(
        "apps.nvidia.com/NIMService",
        "v1alpha1",
        "spec: {image: {repository: r}, replicas: 2, multiNode: {parallelism: {pipeline: 3}},"
        " resources: {limits: {nvidia.com/gpu: 8}}}",
        (Row("", "spec", 6, 8, 'spec.resources.limits["nvidia.com/gpu"]'),),
    ),
    Own(  # the operator picks a number of GPUs by the model's profile
        "apps.nvidia.com/NIMService",
        "v1alpha1",
        "spec: {image: {repository: r}, scale: {enabled: true, hpa: {minReplicas: 2, maxReplicas: 4}}}",
        (Row("", "spec", 2, None, "", 4),),
    ),
    Own(
        "apps.nvidia.com/NIMPipeline",
        "v1alpha1",
        "spec: {services: [{name: a, enabled: true, spec: {image: {}, replicas: 2, resources: {limits:"
        " {nvidia.com/gpu: 1}}}}, {name: b, enabled: false, spec: {image: {}}}, {name: c, spec: {image: {}}}]}",
        (
            Row("a", "spec.services[0].spec", 2, 1, 'spec.services[0].spec.resources.limits["nvidia.com/gpu"]'),
            Row("b", "spec.services[1].spec", 0, None),
            Row("c", "spec.services[2].spec", None, None),
        ),
    ),
    Own("apps.nvidia.com/NIMCache", "v1alpha1", "spec: {source: {}}", (Row("", "spec", 1, 0),)),
    Own(
        "apps.nvidia.com/NIMBuild",
        "v1alpha1",
        "spec: {image: {}, resources: {limits: {nvidia.com/gpu: 1}}}",
        (Row("", "spec", 1, 1, 'spec.resources.limits["nvidia.com/gpu"]'),),
    ),
    Own(
        "production-stack.vllm.ai/VLLMRuntime",
        "v1alpha1",
        "spec: {model: {}, autoscalingConfig: {enabled: true, minReplicas: 2, maxReplicas: 5}, deploymentConfig:"
        " {resources: {gpu: '2', gpuType: amd.com/gpu}}}",
        (Row("", "spec.deploymentConfig", 2, 2, "spec.deploymentConfig.resources.gpu", 5),),
    ),
    Own(
        "production-stack.vllm.ai/VLLMRuntime",
        "v1alpha1",
        "spec: {image: {name: i}, replicas: 2, resources: {gpu: '1'}}",
        (Row("", "spec", 2, 1, "spec.resources.gpu"),),
    ),
    Own("production-stack.vllm.ai/VLLMRouter", "v1alpha1", "spec: {replicas: 2}", (Row("", "spec", 2, 0),)),
    Own(
        "production-stack.vllm.ai/CacheServer",
        "v1alpha1",
        "spec: {resources: {gpu: '1'}}",
        (Row("", "spec", 1, 1, "spec.resources.gpu"),),
    ),
    Own(
        "kubeai.org/Model",
        "v1",
        "spec: {engine: VLLM, resourceProfile: 'nvidia-gpu-l4:2', minReplicas: 1, maxReplicas: 3}",
        (Row("", "spec", 1, None, "spec.resourceProfile", 3),),
    ),
    Own(
        "kubeai.org/Model", "v1", "spec: {engine: OLlama, resourceProfile: 'cpu:2'}", (Row("", "spec", 0, 0, "", None),)
    ),
    Own(
        "kubeai.org/Model",
        "v1",
        "spec: {resourceProfile: 'ours:1', replicas: 2, autoscalingDisabled: true}",
        (Row("", "spec", 2, None),),
    ),
    Own(
        "kaito.sh/Workspace",
        "v1beta1",
        "resource: {instanceType: Standard_NC24ads_A100_v4, count: 2}\ninference: {preset: {name: p}, template: POD}",
        (
            Row(
                "inference",
                "inference.template.spec",
                2,
                2,
                'inference.template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
            Row("inference", "inference.preset", None, None, "resource.instanceType"),
        ),
    ),
    Own("kaito.sh/Workspace", "v1beta1", "resource: {}\ntuning: {method: lora}", (Row("tuning", "tuning", 1, None),)),
    Own(
        "kaito.sh/InferenceSet",
        "v1beta1",
        "spec: {replicas: 2, template: {resource: {instanceType: p4d.24xlarge}, inference: {preset: {name: p}}}}",
        (Row("inference", "spec.template.inference.preset", None, None, "spec.template.resource.instanceType"),),
    ),
    Own(
        "kaito.sh/MultiRoleInference",
        "v1alpha1",
        "spec: {model: {name: m}, roles: [{type: prefill, replicas: 2, instanceType: Standard_NC24ads_A100_v4}]}",
        (Row("prefill", "spec.roles[0]", None, None, "spec.roles[0].instanceType"),),
    ),
    Own(
        "kaito.sh/RAGEngine",
        "v1beta1",
        "spec: {compute: {}, embedding: {local: {modelID: m}}}",
        (Row("", "spec.compute", 1, None),),
    ),
    Own(
        "kaito.sh/RAGEngine",
        "v1beta1",
        "spec: {embedding: {remote: {url: u}}}",
        (Row("", "spec.compute", 1, 0),),
    ),
    Own(
        "sparkoperator.k8s.io/SparkApplication",
        "v1beta2",
        "spec: {driver: {gpu: {name: amd.com/gpu, quantity: 1}}, executor: {instances: 3, gpu: {name: nvidia.com/gpu,"
        " quantity: 2}}}",
        (
            Row("driver", "spec.driver", 1, 1, "spec.driver.gpu.quantity"),
            Row("executor", "spec.executor", 3, 2, "spec.executor.gpu.quantity"),
        ),
    ),
    Own(
        "sparkoperator.k8s.io/ScheduledSparkApplication",
        "v1beta2",
        "spec: {template: {driver: {}, dynamicAllocation: {enabled: true, maxExecutors: 9}, executor: {instances: 3}}}",
        (Row("driver", "spec.template.driver", 1, 0), Row("executor", "spec.template.executor", None, 0, "", 9)),
    ),
    Own(
        "argoproj.io/Workflow",
        "v1alpha1",
        "spec: {templates: [{name: main, steps: [[{name: a, template: t}]]}, {name: t, metadata: {labels: {l: 'yes'}},"
        " container: {image: i, resources: {limits: {nvidia.com/gpu: 1}}}}, {name: s, script: {image: i}}]}",
        (
            Row("t", "spec.templates[1]", None, 1, 'spec.templates[1].container.resources.limits["nvidia.com/gpu"]'),
            Row("s", "spec.templates[2]", None, 0),
        ),
    ),
    Own(
        "argoproj.io/WorkflowTemplate",
        "v1alpha1",
        "spec: {templates: [{name: t, container: {}}]}",
        (Row("t", "spec.templates[0]", None, 0),),
    ),
    Own(
        "argoproj.io/ClusterWorkflowTemplate",
        "v1alpha1",
        "spec: {templates: [{name: t, podSpecPatch: '{{inputs.parameters.patch}}', container: {}}]}",
        (Row("t", "spec.templates[0]", None, None),),
    ),
    Own(
        "argoproj.io/CronWorkflow",
        "v1alpha1",
        "spec: {workflowSpec: {templates: [{name: t, containerSet: {containers: [{resources: {limits: {nvidia.com/gpu:"
        " 1}}}]}}]}}",
        (
            Row(
                "t",
                "spec.workflowSpec.templates[0]",
                None,
                1,
                'spec.workflowSpec.templates[0].containerSet.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
    ),
    Own(
        "workload.codeflare.dev/AppWrapper",
        "v1beta2",
        "spec: {components: [{template: {apiVersion: v1, kind: Service}}, {template: {apiVersion: batch/v1, kind: Job,"
        " spec: {parallelism: 3, template: POD}}}]}",
        (
            Row(
                "",
                "spec.components[1].template.spec.template.spec",
                3,
                2,
                'spec.components[1].template.spec.template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
    ),
    Own(
        "kubeflow.org/Experiment",
        "v1beta1",
        "spec: {parallelTrialCount: 2, trialTemplate: {trialSpec: {apiVersion: batch/v1, kind: Job,"
        " spec: {template: POD}}}}",
        (
            Row(
                "",
                "spec.trialTemplate.trialSpec.spec.template.spec",
                2,
                2,
                'spec.trialTemplate.trialSpec.spec.template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
    ),
    Own(
        "trainer.kubeflow.org/TrainJob",
        "v1alpha1",
        "spec: {runtimeRef: {name: torch}, trainer: {numNodes: 5, resourcesPerNode: {limits: {amd.com/gpu: 8}}}}",
        (
            Row("data", f"{STEPS}[0].template.spec", 1, 0),
            Row("node", f"{STEPS}[1].template.spec", 5, 8, 'spec.trainer.resourcesPerNode.limits["amd.com/gpu"]'),
        ),
        (RUNTIME,),
    ),
    Own(
        "trainer.kubeflow.org/TrainJob",
        "v1alpha1",
        "spec: {runtimeRef: {name: torch}}",
        (
            Row("data", f"{STEPS}[0].template.spec", 1, 0),
            Row(
                "node",
                f"{STEPS}[1].template.spec",
                3,
                4,
                f'{STEPS}[1].template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
        (RUNTIME,),
    ),
    Own(
        "trainer.kubeflow.org/TrainJob",
        "v1alpha1",
        "spec: {runtimeRef: {kind: TrainingRuntime, name: mpi}, trainer: {numNodes: 4, resourcesPerNode: {limits:"
        " {nvidia.com/gpu: 1}}}}",
        (
            Row(
                "launcher", f"{STEPS}[0].template.spec", 1, 1, 'spec.trainer.resourcesPerNode.limits["nvidia.com/gpu"]'
            ),
            Row("node", f"{STEPS}[1].template.spec", 3, 1, 'spec.trainer.resourcesPerNode.limits["nvidia.com/gpu"]'),
        ),
        (MPI_RUNTIME,),
    ),
    Own(
        "trainer.kubeflow.org/TrainJob", "v1alpha1", "spec: {runtimeRef: {name: elsewhere}, trainer: {numNodes: 2}}", ()
    ),
    Own(
        "extensions.agents.x-k8s.io/SandboxWarmPool",
        "v1beta1",
        "spec: {replicas: 3, sandboxTemplateRef: {name: t}}",
        (
            Row(
                "",
                "spec.sandboxTemplateRef.name.spec.podTemplate.spec",
                3,
                2,
                'spec.sandboxTemplateRef.name.spec.podTemplate.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
        (SANDBOX,),
    ),
    Own(
        "extensions.agents.x-k8s.io/SandboxClaim",
        "v1beta1",
        "spec: {warmPoolRef: {name: w}}",
        (
            Row(
                "",
                "spec.warmPoolRef.name.spec.sandboxTemplateRef.name.spec.podTemplate.spec",
                1,
                2,
                "spec.warmPoolRef.name.spec.sandboxTemplateRef.name.spec.podTemplate.spec.containers[0]"
                '.resources.limits["nvidia.com/gpu"]',
            ),
        ),
        (WARM_POOL, SANDBOX),
    ),
    Own(
        "workloads.x-k8s.io/RoleBasedGroup",
        "v1alpha2",
        "spec: {roleTemplates: [{name: t, template: POD}], roles: [{name: a, replicas: 2, standalonePattern:"
        " {templateRef: {name: t}}}, {name: b, leaderWorkerPattern: {size: 4, templateRef: {name: t, patch: {spec:"
        " {containers:"
        " [{name: c, resources: {}}]}}}}}, {name: c, replicas: 2, customComponentsPattern: {components: [{name: k,"
        " size: 3, template: POD}]}}]}",
        (
            Row(
                "a",
                "spec.roleTemplates[0].template.spec",
                2,
                2,
                'spec.roleTemplates[0].template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
            Row(
                "b",
                "spec.roleTemplates[0].template.spec",
                4,
                None,
                'spec.roleTemplates[0].template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
            Row(
                "c",
                "spec.roles[2].customComponentsPattern.components[0].template.spec",
                6,
                2,
                'spec.roles[2].customComponentsPattern.components[0].template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
    ),
    Own(
        "workloads.x-k8s.io/RoleBasedGroup",
        "v1alpha1",
        "spec: {roles: [{name: a, replicas: 2, workload: {kind: LeaderWorkerSet}, leaderWorkerSet: {size: 3}, template:"
        " POD}]}",
        (
            Row(
                "a",
                "spec.roles[0].template.spec",
                6,
                2,
                'spec.roles[0].template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
    ),
    Own(
        "workloads.x-k8s.io/RoleBasedGroupSet",
        "v1alpha2",
        "spec: {replicas: 3, groupTemplate: {spec: {roles: [{name: a, replicas: 2,"
        " standalonePattern: {template: POD}}]}}}",
        (
            Row(
                "a",
                "spec.groupTemplate.spec.roles[0].standalonePattern.template.spec",
                6,
                2,
                'spec.groupTemplate.spec.roles[0].standalonePattern.template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
    ),
    Own(
        "workloads.x-k8s.io/Instance",
        "v1alpha1",
        "spec: {components: [{name: a, size: 2, template: {}}]}",
        (Row("a", "spec.components[0].template.spec", 2, 0),),
    ),
    Own(
        "workloads.x-k8s.io/RoleInstance",
        "v1alpha2",
        "spec: {components: [{name: a, template: {}}]}",
        (Row("a", "spec.components[0].template.spec", 1, 0),),
    ),
    Own(
        "grove.io/PodCliqueSet",
        "v1alpha1",
        "spec: {replicas: 2, template: {podCliqueScalingGroups: [{name: g, replicas: 3, cliqueNames: [w], scaleConfig:"
        " {maxReplicas: 5}}], cliques: [{name: l, spec: {replicas: 1, podSpec: SPEC}}, {name: w, spec: {replicas: 4,"
        " podSpec: SPEC}}]}}",
        (
            Row(
                "l",
                "spec.template.cliques[0].spec.podSpec",
                2,
                2,
                'spec.template.cliques[0].spec.podSpec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
            Row(
                "w",
                "spec.template.cliques[1].spec.podSpec",
                24,
                2,
                'spec.template.cliques[1].spec.podSpec.containers[0].resources.limits["nvidia.com/gpu"]',
                40,
            ),
        ),
    ),
    Own(  # replicas of a PodCliqueSet are none unless it says so
        "grove.io/PodCliqueSet",
        "v1alpha1",
        "spec: {template: {cliques: [{name: l, spec: {podSpec: {}}}]}}",
        (Row("l", "spec.template.cliques[0].spec.podSpec", 0, 0),),
    ),
    Own(
        "grove.io/PodClique",
        "v1alpha1",
        "spec: {replicas: 2, autoScalingConfig: {maxReplicas: 6}, podSpec: SPEC}",
        (Row("", "spec.podSpec", 2, 2, 'spec.podSpec.containers[0].resources.limits["nvidia.com/gpu"]', 6),),
    ),
    Own(
        "orchestration.aibrix.ai/RayClusterFleet",
        "v1alpha1",
        "spec: {replicas: 2, template: {spec: {headGroupSpec: {template: POD}, workerGroupSpecs: [{groupName: g,"
        " replicas: 3, template: POD}]}}}",
        (
            Row(
                "head",
                "spec.template.spec.headGroupSpec.template.spec",
                2,
                2,
                'spec.template.spec.headGroupSpec.template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
            Row(
                "g",
                "spec.template.spec.workerGroupSpecs[0].template.spec",
                6,
                2,
                'spec.template.spec.workerGroupSpecs[0].template.spec.containers[0].resources.limits["nvidia.com/gpu"]',
            ),
        ),
    ),
    Own(
        "orchestration.aibrix.ai/RayClusterReplicaSet",
        "v1alpha1",
        "spec: {template: {spec: {headGroupSpec: {template: {}}}}}",
        (Row("head", "spec.template.spec.headGroupSpec.template.spec", 1, 0),),
    ),
    Own(
        "orchestration.aibrix.ai/PodSet",
        "v1alpha1",
        "spec: {podGroupSize: 4, template: {}}",
        (Row("", "spec.template.spec", 4, 0),),
    ),
    Own(
        "orchestration.aibrix.ai/KVCache",
        "v1alpha1",
        "spec: {cache: {replicas: 3}, watcher: {}}",
        (Row("cache", "spec.cache", 3, 0), Row("watcher", "spec.watcher", 1, 0)),
    ),
    Own("serving.knative.dev/Configuration", "v1", "spec: {template: {}}", (Row("", "spec.template.spec", None, 0),)),
    Own(
        "serving.knative.dev/Service",
        "v1",
        "spec: {template: {metadata: {annotations: {autoscaling.knative.dev/min-scale: '2',"
        " autoscaling.knative.dev/max-scale: '0'}}}}",
        (Row("", "spec.template.spec", 2, 0, "", None),),
    ),
    Own(
        "kueue.x-k8s.io/Workload",
        "v1beta2",
        "spec: {podSets: [{name: main, count: 4, template: {}}]}",
        (Row("main", "spec.podSets[0].template.spec", 4, 0),),
    ),
    Own(
        "flow.volcano.sh/JobTemplate",
        "v1alpha1",
        "spec: {tasks: [{name: t, replicas: 2, template: {}}]}",
        (Row("t", "spec.tasks[0].template.spec", None, 0),),
    ),
    Own(
        "training.volcano.sh/HyperJob",
        "v1alpha1",
        "spec: {replicatedJobs: [{name: j, replicas: 2, templateSpec: {tasks: [{name: t, replicas: 3,"
        " template: {}}]}}]}",
        (Row("j", "spec.replicatedJobs[0].templateSpec.tasks[0].template.spec", 6, 0),),
    ),
    Own("kubeflow.org/Notebook", "v1", "spec: {template: {}}", (Row("", "spec.template.spec", 1, 0),)),
    Own(
        "agents.x-k8s.io/Sandbox",
        "v1beta1",
        "spec: {operatingMode: Suspended, podTemplate: {}}",
        (Row("", "spec.podTemplate.spec", 0, 0),),
    ),
    Own(
        "kagent.dev/Agent",
        "v1alpha2",
        "spec: {type: BYO, byo: {deployment: {image: i, replicas: 2, resources: {limits: {nvidia.com/gpu: 1}}}}}",
        (Row("", "spec.byo.deployment", 2, 1, 'spec.byo.deployment.resources.limits["nvidia.com/gpu"]'),),
    ),
    Own("kagent.dev/SandboxAgent", "v1alpha3", "spec: {byo: {image: i}}", (Row("", "spec.byo", 1, 0),)),
    Own("kagent.dev/MCPServer", "v1alpha1", "spec: {deployment: {image: i}}", (Row("", "spec.deployment", 1, 0),)),
    Own(
        "toolhive.stacklok.dev/MCPServer", "v1beta1", "spec: {image: i}", (Row("", "spec.podTemplateSpec.spec", 1, 0),)
    ),
    Own(
        "toolhive.stacklok.dev/EmbeddingServer",
        "v1beta1",
        "spec: {replicas: 2}",
        (Row("", "spec.podTemplateSpec.spec", 2, 0),),
    ),
)
