package engine

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func openRules(t *testing.T, folder string) (Engine, error) {
	engines, err := Open(context.Background(), Config{Workers: 2, Engines: []EngineConfig{{
		Name: "Rules", Kind: "yara", Options: map[string]any{"rules": folder},
	}}})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { require.NoError(t, engines[0].Close()) })
	return engines[0], nil
}

func writeRule(t *testing.T, folder, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
}

func TestYaraTakesUpChangedRules(t *testing.T) {
	folder := t.TempDir()
	writeRule(t, folder, "a.yar", `rule Plain { strings: $a = "needle" condition: $a }`)
	engine, err := openRules(t, folder)
	require.NoError(t, err)
	ctx := context.Background()
	content := newContent(t, []byte("a needle in hay"))

	require.Equal(t, Verdict{
		Category: suspicious, Confidence: 8, Label: "Plain", Detail: "matched Plain",
	}, engine.Scan(ctx, content), "a rule without metadata is a hint")
	before, err := engine.Info(ctx)
	require.NoError(t, err)

	writeRule(t, folder, "b.yar", `rule Sure { meta: category = "malicious" confidence = 12 label = "Needle.A" strings: $a = "needle" condition: $a }`)
	after, err := engine.Info(ctx)
	require.NoError(t, err)
	require.NotEqual(t, before.SignatureDigest, after.SignatureDigest)
	for range 4 { // every worker
		require.Equal(t, Verdict{
			Category: malicious, Confidence: 12, Label: "Needle.A", Detail: "matched Plain, Sure",
		}, engine.Scan(ctx, content))
	}

	writeRule(t, folder, "b.yar", `rule Broken { condition: $nothing }`)
	_, err = engine.Info(ctx)
	require.ErrorContains(t, err, "b.yar")
	require.ErrorContains(t, err, "line 1")
	require.Equal(t, malicious, engine.Scan(ctx, content).Category, "the rules before stay in use")
}

func TestYaraRefuses(t *testing.T) {
	empty, including := t.TempDir(), t.TempDir()
	writeRule(t, including, "a.yar", `include "/etc/passwd"`)
	for folder, says := range map[string]string{
		empty: "no *.yar", including: "include", "/no/such/folder": "/no/such/folder",
	} {
		_, err := openRules(t, folder)
		require.ErrorContains(t, err, says)
	}
}

// The shipped rules must not match what a healthy system is made of.
func TestYaraSystemProgramsAreClean(t *testing.T) {
	engine := openEngines(t, only("YARA"))["YARA"]
	files, suspected := 0, 0
	paths, err := filepath.Glob("/usr/bin/*")
	require.NoError(t, err)
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || info.Size() > 64<<20 {
			continue
		}
		files++
		verdict := engine.Scan(context.Background(), fileContent(t, path))
		require.Contains(t, []any{undetected, suspicious}, verdict.Category, "%s: %+v", path, verdict)
		if verdict.Category == suspicious {
			suspected++
			t.Logf("%s: %+v", path, verdict)
		}
	}
	require.Greater(t, files, 100)
	require.LessOrEqual(t, suspected, files/100)
}
