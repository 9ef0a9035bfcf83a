// Command yamlref tells what sigs.k8s.io/yaml, the YAML of the API server and kubectl, makes of documents.
//
// It reads a JSON array of documents on standard input, each the base64 of its bytes, and writes a JSON array of
// answers in the same order: {"json": value} or {"error": words}, and "strict" with the words of the strict reader
// where that one refuses what the other takes (repeated keys).
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

type answer struct {
	JSON   json.RawMessage `json:"json,omitempty"`
	Error  string          `json:"error,omitempty"`
	Strict string          `json:"strict,omitempty"`
}

func main() {
	var documents [][]byte
	if err := json.NewDecoder(os.Stdin).Decode(&documents); err != nil {
		fmt.Fprintln(os.Stderr, "yamlref: standard input:", err)
		os.Exit(2)
	}
	answers := make([]answer, len(documents))
	for i, document := range documents {
		answers[i] = read(document)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, "yamlref:", err)
		os.Exit(2)
	}
}

// read answers for one document. The library panics on some inputs; that is an error like any other here.
func read(document []byte) (result answer) {
	defer func() {
		if problem := recover(); problem != nil {
			result = answer{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	value, err := yaml.YAMLToJSON(document)
	if err != nil {
		return answer{Error: err.Error()}
	}
	if _, err := yaml.YAMLToJSONStrict(document); err != nil {
		result.Strict = err.Error()
	}
	result.JSON = value
	return result
}
