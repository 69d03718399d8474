package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// figures are measured values in the order they were taken.
type figures struct{ lines []string }

func (f *figures) add(name string, value float64, decimals int) {
	f.lines = append(f.lines, fmt.Sprintf("%s: %.*f", name, decimals, value))
}

// publish prints the figures and writes them down with what they depend on.
func (f *figures) publish(b *testing.B) {
	b.Helper()
	for _, line := range f.lines {
		fmt.Println(line)
	}
	var report bytes.Buffer
	fmt.Fprintf(&report, "# Level A: blocks through FinalizeBlock\n\n")
	fmt.Fprintf(&report, "Written by `make bench`. Whole blocks (FinalizeBlock and Commit) with real secp256k1 signatures,\n")
	fmt.Fprintf(&report, "sequential execution, pebbledb on disk. Signing is not measured.\n\n")
	fmt.Fprintf(&report, "| what | value |\n|---|---|\n")
	for _, row := range environment() {
		fmt.Fprintf(&report, "| %s | %s |\n", row[0], row[1])
	}
	fmt.Fprintf(&report, "\n## Mix\n\n")
	fmt.Fprintf(&report, "%d supernodes with %d engines each, %d samples per round, %d rounds; in each block one round is\n",
		supernodes, enginesPerSupernode, roundSamples, measuredRounds)
	fmt.Fprintf(&report, "handed in, one committed and one revealed. %.0f %% of the samples are malicious and %.0f %% of the engines\n",
		maliciousShare*100, detectionRate*100)
	fmt.Fprintf(&report, "detect them under one of %d labels; one engine in %d handles executables only; %.1f %% false positives.\n",
		families, enginesPerSupernode, falsePositiveRate*100)
	fmt.Fprintf(&report, "A clean round has no malicious samples and the rest of the mix.\n")
	fmt.Fprintf(&report, "Per verdict, block bytes are those of commits and reveals, state bytes those of the stored commitments\n")
	fmt.Fprintf(&report, "and attestations until they are pruned, and chain bytes their sum. Per sample, block bytes are those of\n")
	fmt.Fprintf(&report, "the submission, state bytes everything else that x/samples and x/verdicts keep.\n\n## Figures\n\n```\n%s\n```\n", strings.Join(f.lines, "\n"))
	require.NoError(b, os.WriteFile(filepath.Join("..", "docs", "bench", "level-a.md"), report.Bytes(), 0o644))
}

func environment() [][2]string {
	rows := [][2]string{
		{"date", time.Now().UTC().Format(time.DateOnly)},
		{"commit", commit()},
		{"processor", processor()},
		{"processors", fmt.Sprint(runtime.NumCPU())},
		{"Go", runtime.Version()},
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return rows
	}
	for _, module := range info.Deps {
		switch module.Path {
		case "github.com/cosmos/cosmos-sdk", "github.com/cometbft/cometbft", "github.com/cosmos/iavl", "github.com/cosmos/cosmos-db":
			rows = append(rows, [2]string{module.Path, module.Version})
		}
	}
	return rows
}

func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(info)) {
		if name, found := strings.CutPrefix(line, "model name"); found {
			return strings.Trim(name, "\t :\n")
		}
	}
	return runtime.GOARCH
}
