"""From charts, kustomizations, Applications and Flux objects to the manifests that reach the cluster.

The only room that runs helm and kustomize, and the one that knows where a rendered value comes from.
"""
