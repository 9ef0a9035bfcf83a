"""karlint: lints a GitOps repository's AI workloads against the Kubernetes AI Requirements."""

__version__ = "0.1.0"
