package docs_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVersionsAreAsDocumented holds versions.md against the module graph.
func TestVersionsAreAsDocumented(t *testing.T) {
	document, err := os.ReadFile("versions.md")
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?m)^\| ([a-zA-Z0-9./_-]+\.[a-zA-Z0-9./_-]+) \| (.+) \|$`).FindAllStringSubmatch(string(document), -1)
	require.Greater(t, len(rows), 15)

	out, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Version}}{{with .Replace}} {{.Path}} {{.Version}}{{end}}", "all").Output()
	require.NoError(t, err)
	graph, replaced := map[string]string{}, map[string]string{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 {
			graph[fields[0]] = fields[1]
		}
		if len(fields) == 4 {
			replaced[fields[0]] = fields[2] + " " + fields[3]
		}
	}
	documentedReplaces := 0
	for _, row := range rows {
		module, want := row[1], row[2]
		if strings.Contains(want, " ") {
			documentedReplaces++
			require.Equal(t, want, replaced[module], module)
			continue
		}
		require.Equal(t, want, graph[module], module)
	}
	require.Len(t, replaced, documentedReplaces, "no replaces but the documented ones")
}
