# METADATA
# title: Kueue queues
# description: Where Kueue looks for the name of a workload's queue, and what stands there.
package karlint.lib.kueue

import data.karlint.lib.owner
import data.karlint.lib.value

queue_key := "kueue.x-k8s.io/queue-name"

# Kinds that Kueue queues as a whole, by the label of the object itself (a CronJob: of the jobs it makes).
queueable if owner.kind in _kinds

_kinds := {
	"Pod", "apps/Deployment", "apps/StatefulSet", "batch/Job", "batch/CronJob", "jobset.x-k8s.io/JobSet",
	"leaderworkerset.x-k8s.io/LeaderWorkerSet", "trainer.kubeflow.org/TrainJob", "workload.codeflare.dev/AppWrapper",
	"ray.io/RayCluster", "ray.io/RayJob", "ray.io/RayService", "kubeflow.org/MPIJob", "kubeflow.org/PyTorchJob",
	"kubeflow.org/TFJob", "kubeflow.org/XGBoostJob", "kubeflow.org/PaddleJob", "kubeflow.org/JAXJob",
}

# Path of the metadata in which Kueue looks for the queue name.
home := ["metadata"] if owner.kind != "batch/CronJob"

home := ["spec", "jobTemplate", "metadata"] if owner.kind == "batch/CronJob"

# The queue that the workload under review names where Kueue looks for it; undefined when it names none.
queue := value.str(object.get(input.object, queue_path, "")) if queueable

queue_path := array.concat(home, ["labels", queue_key])
