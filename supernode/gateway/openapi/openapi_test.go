package openapi

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var documents = map[string]func() ([]byte, error){"node": Node, "virustotal": VirusTotal, "chain": Chain}

// TestReferencesResolve follows every $ref.
func TestReferencesResolve(t *testing.T) {
	for name, read := range documents {
		t.Run(name, func(t *testing.T) {
			encoded, err := read()
			require.NoError(t, err)
			var document map[string]any
			require.NoError(t, json.Unmarshal(encoded, &document))
			references := regexp.MustCompile(`"\$ref":"#/([^"]+)"`).FindAllStringSubmatch(string(encoded), -1)
			require.NotEmpty(t, references)
			for _, reference := range references {
				var found any = document
				for _, part := range strings.Split(reference[1], "/") {
					found = found.(map[string]any)[part]
				}
				require.NotNil(t, found, reference[1])
			}
		})
	}
}

// TestOperationsAreNamed: generators of clients need distinct names, and the page a summary.
func TestOperationsAreNamed(t *testing.T) {
	for name, read := range documents {
		t.Run(name, func(t *testing.T) {
			encoded, err := read()
			require.NoError(t, err)
			var document struct {
				Info  map[string]any
				Tags  []struct{ Name string }
				Paths map[string]map[string]json.RawMessage
			}
			require.NoError(t, json.Unmarshal(encoded, &document))
			require.NotEmpty(t, document.Info["title"])
			tags := map[string]bool{}
			for _, tag := range document.Tags {
				tags[tag.Name] = true
			}
			seen := map[string]bool{}
			for path, item := range document.Paths {
				for method, raw := range item {
					if method == "servers" {
						continue
					}
					var operation struct {
						OperationID string
						Summary     string
						Tags        []string
					}
					require.NoError(t, json.Unmarshal(raw, &operation))
					require.NotEmpty(t, operation.OperationID, path)
					repeated := seen[operation.OperationID]
					seen[operation.OperationID] = true
					if name != "chain" { // how the SDK names its own is not ours
						require.False(t, repeated, operation.OperationID)
						require.NotEmpty(t, operation.Summary, path)
						require.True(t, tags[operation.Tags[0]], path)
					}
				}
			}
			require.NotEmpty(t, seen)
		})
	}
}

func TestJoinRefusesWhatIsSaidTwice(t *testing.T) {
	require.NoError(t, join(map[string]any{"a": map[string]any{"b": 1.0}}, map[string]any{"a": map[string]any{"c": 1.0}}))
	require.ErrorContains(t, join(map[string]any{"a": map[string]any{"b": 1.0}}, map[string]any{"a": map[string]any{"b": 1.0}}), "a: b")
	require.ErrorContains(t, join(map[string]any{"a": []any{}}, map[string]any{"a": "x"}), "a: it is a list")
	require.ErrorContains(t, join(map[string]any{"a": map[string]any{}}, map[string]any{"a": "x"}), "a: it is an object")
}

// TestPageHasNothingInline: the policy would not run it.
func TestPageHasNothingInline(t *testing.T) {
	html, err := fs.ReadFile(page, "page/index.html")
	require.NoError(t, err)
	require.NotRegexp(t, `(?i)<style|style=|<script[^>]*>[^<]|\son[a-z]+=|javascript:|https?://`, string(html))
	for _, name := range []string{"page/docs.js", "page/render.js", "page/document.js"} {
		script, err := fs.ReadFile(page, name)
		require.NoError(t, err)
		require.NotRegexp(t, `innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function`, string(script), name)
	}
}
