package karlint.lib.autoscale_test

import data.karlint.lib.autoscale

entry(index, spec) := {"index": index, "object": {"spec": spec}}

tree := {"by_kind": {
	"autoscaling/HorizontalPodAutoscaler": {"ml": {"hpa": [entry(1, {
		"scaleTargetRef": {"kind": "Deployment", "name": "chat"}, "maxReplicas": 6,
	})]}},
	"keda.sh/ScaledObject": {"ml": {
		"so": [entry(2, {"scaleTargetRef": {"name": "chat"}, "maxReplicaCount": 8})],
		"bare": [entry(3, {"scaleTargetRef": {"kind": "StatefulSet", "name": "cache"}})],
	}},
}}

test_most if {
	autoscale.most("Deployment", "chat", "ml") == {"replicas": 8, "index": 2, "at": ["spec", "scaleTargetRef"]} with data.inventory as tree
	autoscale.most("StatefulSet", "cache", "ml").replicas == 100 with data.inventory as tree
}

test_none if {
	not autoscale.most("Deployment", "other", "ml") with data.inventory as tree
	not autoscale.most("Deployment", "chat", "elsewhere") with data.inventory as tree
	not autoscale.most("StatefulSet", "chat", "ml") with data.inventory as tree
}
