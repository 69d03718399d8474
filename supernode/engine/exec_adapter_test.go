package engine

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// openScript makes an engine of a shell script.
func openScript(t *testing.T, script string) Engine {
	t.Helper()
	path := filepath.Join(t.TempDir(), "engine.sh")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755))
	return openEngines(t, Config{Workers: 1, Engines: []EngineConfig{{
		Name: "Script", Kind: "exec", TimeoutSeconds: 1, Options: map[string]any{"command": path, "version": "1.2.3"},
	}}})["Script"]
}

func TestExec(t *testing.T) {
	t.Parallel() // mostly waits for what hangs
	outside := filepath.Join(t.TempDir(), "outside")
	tests := map[string]struct {
		script string
		want   verdictstypes.Category
		detail string
	}{
		"a verdict":         {`echo '{"category":"harmless","confidence":3,"detail":"known"}'`, verdictstypes.CATEGORY_HARMLESS, "known"},
		"reads stdin":       {`[ "$(cat)" = sample ] && echo '{"category":"suspicious","confidence":3}'`, suspicious, ""},
		"reads a path":      {`[ "$(cat /proc/self/fd/3)" = sample ] && echo '{"category":"suspicious","confidence":3}'`, suspicious, ""},
		"not JSON":          {`echo Infected`, failed, "not the JSON wanted"},
		"silent":            {`true`, failed, "not the JSON wanted"},
		"unknown field":     {`echo '{"category":"malicious","score":1}'`, failed, `unknown field "score"`},
		"two objects":       {`echo '{"category":"malicious"}{"category":"harmless"}'`, failed, "after the JSON object"},
		"node's category":   {`echo '{"category":"undecryptable"}'`, failed, "is unknown"},
		"too much":          {`while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done`, failed, "more than 16384 bytes"},
		"breaks":            {`echo cannot load signatures >&2; exit 2`, failed, "exit status 2: cannot load signatures"},
		"hangs":             {`sleep 3600`, confirmed, "no answer within 1s"},
		"writes a file":     {`echo x > ` + outside + ` || echo '{"category":"failure","confidence":0,"detail":"refused"}'`, failed, "refused"},
		"reaches a network": {`perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n"'`, failed, "Operation not permitted"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			verdict := openScript(t, test.script).Scan(context.Background(), newContent(t, []byte("sample")))
			require.Equal(t, test.want, verdict.Category, "%+v", verdict)
			require.Contains(t, verdict.Detail, test.detail)
			require.NoFileExists(t, outside)
		})
	}
}

func TestExecOptions(t *testing.T) {
	tests := map[string]struct {
		options map[string]any
		says    string
	}{
		"no command":         {map[string]any{"version": "1"}, "command is missing"},
		"no version":         {map[string]any{"command": "/bin/true"}, "version is missing"},
		"no such command":    {map[string]any{"command": "/no/such/command", "version": "1"}, "/no/such/command"},
		"misspelt":           {map[string]any{"command": "/bin/true", "verison": "1"}, "verison"},
		"missing signatures": {map[string]any{"command": "/bin/true", "version": "1", "signatures": "/no/such/file"}, "/no/such/file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Open(context.Background(), Config{Engines: []EngineConfig{{Name: "X", Kind: "exec", Options: test.options}}})
			require.ErrorContains(t, err, test.says)
			require.ErrorContains(t, err, "engine X")
		})
	}
}
