#!/usr/bin/env bash
# Renders the source of an Application, lints it, and prints it unless it has errors. Runs in the directory of the source.
# Only manifests may go to standard output; what goes to standard error is what Argo CD shows where generation fails.
#
# From the Application (spec.source.plugin.env), which Argo CD prefixes with ARGOCD_ENV_:
#   VALUES    values files for helm, separated by blanks, relative to the chart; the later wins
#   FAIL_ON   severity from which nothing is generated: error (the default), warning, note
#
# pipefail is not optional: an empty output with exit code 0 would have Argo CD prune everything. karlint takes an empty
# input for an error besides.
set -euo pipefail

render() {
  if [[ -f kustomization.yaml || -f kustomization.yml || -f Kustomization ]]; then
    kustomize build .
  elif [[ -f Chart.yaml ]]; then
    local options=(--namespace "${ARGOCD_APP_NAMESPACE:-default}" --include-crds) values api
    [[ -z ${KUBE_VERSION:-} ]] || options+=(--kube-version "$KUBE_VERSION")
    for api in ${KUBE_API_VERSIONS:+${KUBE_API_VERSIONS//,/ }}; do options+=(--api-versions "$api"); done
    for values in ${ARGOCD_ENV_VALUES:-}; do options+=(--values "$values"); done
    helm template "$ARGOCD_APP_NAME" . "${options[@]}"
  else
    local file
    for file in *.yaml *.yml *.json; do
      [[ -f $file ]] || continue
      echo ---
      cat -- "$file"
      echo
    done
  fi
}

render | karlint check - --echo --fail-on "${ARGOCD_ENV_FAIL_ON:-error}"
