// Command fluxref substitutes variables in a text as Flux' kustomize-controller does, with Flux' own library, so that
// tests can compare. It reads a JSON object {"text": ..., "variables": {...}, "strict": false} from standard input and
// prints {"text": ..., "error": ...}.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/pkg/envsubst"
)

func main() {
	var request struct {
		Text      string            `json:"text"`
		Variables map[string]string `json:"variables"`
		Strict    bool              `json:"strict"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	text, err := envsubst.Eval(request.Text, func(name string) (string, bool) {
		value, known := request.Variables[name]
		return value, known || !request.Strict
	})
	answer := map[string]string{"text": text}
	if err != nil {
		answer["error"] = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		os.Exit(2)
	}
}
