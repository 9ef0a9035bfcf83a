// Command fluxbuild builds a directory as Flux' kustomize-controller does for a Kustomization, with Flux' own library, so
// that tests can compare: it edits the kustomization in the directory, or makes one, and prints what that builds to.
// Variables are not filled in; see fluxref. It is called with the root of the repository and the directory, and reads
// the Kustomization as JSON from standard input.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	text, err := build(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if _, err := os.Stdout.Write(text); err != nil {
		os.Exit(1)
	}
}

func build(root, directory string) ([]byte, error) {
	var object unstructured.Unstructured
	if err := json.NewDecoder(os.Stdin).Decode(&object.Object); err != nil {
		return nil, err
	}
	if _, err := kustomize.NewGenerator(root, object).WriteFile(directory); err != nil {
		return nil, err
	}
	resources, err := kustomize.Build(filesys.MakeFsOnDisk(), directory)
	if err != nil {
		return nil, err
	}
	return resources.AsYaml()
}
