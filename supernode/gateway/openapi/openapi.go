// Package openapi holds the descriptions of the interfaces that a gateway serves, and a page
// that shows them:
//
//   - node.json (OpenAPI 2.0): the native API, generated from proto/virusmap/node/v1, with
//     node_more.json, which has what is not in the proto
//   - virustotal.json (OpenAPI 3.1): the VirusTotal-compatible API, written by hand in
//     virustotal/, one file per group of routes
//   - chain.json (OpenAPI 2.0): the chain's REST, as the gateway passes it on
package openapi

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	chainapi "github.com/virusmap/virusmap/app/openapi"
)

//go:embed node.json node_more.json virustotal
var sources embed.FS

// Node describes the native API, the endpoints of keys, and the way to the chain.
func Node() ([]byte, error) { return joined("node.json", "node_more.json") }

// VirusTotal describes the VirusTotal-compatible API.
func VirusTotal() ([]byte, error) {
	names, err := fs.Glob(sources, "virustotal/*.json")
	if err != nil {
		return nil, err
	}
	return joined(names...)
}

// Chain describes the chain's REST below /chain/rest.
func Chain() ([]byte, error) {
	var document map[string]any
	if err := json.Unmarshal(chainapi.Document, &document); err != nil {
		return nil, fmt.Errorf("chain.json: %w", err)
	}
	document["basePath"] = "/chain/rest"
	return json.Marshal(document)
}

// joined makes one document of several: objects and lists are joined, and nothing may be
// said twice.
func joined(names ...string) ([]byte, error) {
	document := map[string]any{}
	for _, name := range names {
		data, err := sources.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var part map[string]any
		if err := json.Unmarshal(data, &part); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := join(document, part); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return json.Marshal(document)
}

func join(to, from map[string]any) error {
	for key, value := range from {
		switch there := to[key].(type) {
		case nil:
			to[key] = value
		case map[string]any:
			more, ok := value.(map[string]any)
			if !ok {
				return fmt.Errorf("%s: it is an object elsewhere", key)
			}
			if err := join(there, more); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		case []any:
			more, ok := value.([]any)
			if !ok {
				return fmt.Errorf("%s: it is a list elsewhere", key)
			}
			to[key] = append(there, more...)
		default:
			return fmt.Errorf("%s: it is said twice", key)
		}
	}
	return nil
}
