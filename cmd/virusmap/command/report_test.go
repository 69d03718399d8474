package command

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain/light/lighttest"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// facts of a finished analysis of the content "abc".
func facts() lighttest.Facts {
	verdict := func(operator, engine string, category verdictstypes.Category, label string, time int64) verdictstypes.EngineVerdict {
		return verdictstypes.EngineVerdict{
			Operator: operator, Engine: engine, Version: "1.0", Category: category, Confidence: 12, Label: label, SignatureTime: time,
		}
	}
	hash := [32]byte{0xba, 0x78}
	return lighttest.Facts{
		ChainID: "virusmap-test-1", Height: 12, SHA256: hash[:], SizeBytes: 3,
		Round: verdictstypes.Round{
			Number: 7, Status: verdictstypes.ROUND_STATUS_FINAL, FinalTime: 1_790_000_000, Seats: 2, Attestations: 2,
		},
		Outcome: verdictstypes.OUTCOME_MALICIOUS,
		Verdicts: []verdictstypes.EngineVerdict{
			verdict("vmt1a", "clamav", verdictstypes.CATEGORY_MALICIOUS, "Eicar-Test-Signature", 1_789_000_000),
			verdict("vmt1a", "yara", verdictstypes.CATEGORY_UNDETECTED, "", 0),
			verdict("vmt1b", "clamav", verdictstypes.CATEGORY_TIMEOUT, "", 1_788_000_000),
			verdict("vmt1b", "heuristics", verdictstypes.CATEGORY_SUSPICIOUS, "entropy", 0),
		},
		Monikers: map[string]string{"vmt1a": "north", "vmt1b": "south"},
	}
}

func TestReport(t *testing.T) {
	g := newGateway(t)
	g.document = facts().Document()
	code, stdout, stderr := g.run("report", write(t, t.TempDir(), "a.bin", "abc"))
	require.Zero(t, code, stderr)
	require.Equal(t, `sha256    ba78000000000000000000000000000000000000000000000000000000000000
outcome   malicious (2 of 4 engines), round 7 at height 12
name      a.bin
size      3 bytes
analysed  2026-09-21T14:13:20Z

ENGINE        VERDICT     LABEL                 CONFIDENCE  VERSION  SIGNATURES
clamav@north  malicious   Eicar-Test-Signature  12/15       1.0      20260910
heuristics    suspicious  entropy               12/15       1.0      -
yara          undetected  -                     12/15       1.0      -
clamav@south  timeout     -                     12/15       1.0      20260829
`, stdout)
}

func TestReportJSONIsTheAnswerAsItIs(t *testing.T) {
	g := newGateway(t)
	g.document = facts().Document()
	code, stdout, _ := g.run("--output", "json", "report", strings.Repeat("AB", 32))
	require.Zero(t, code)
	require.Equal(t, string(g.document)+"\n", stdout)
}

// Only the hash of a local file is sent.
func TestReportOfALocalFileSendsItsHash(t *testing.T) {
	g := newGateway(t)
	var asked []string
	g.intercept = func(_ http.ResponseWriter, r *http.Request) bool {
		asked = append(asked, r.Method+" "+r.URL.Path)
		return false
	}
	code, _, stderr := g.run("report", write(t, t.TempDir(), "a.bin", "abc"))
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "submit it with 'virusmap submit FILE'")
	require.Equal(t, []string{"GET /api/v3/files/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}, asked)
}

func TestReportOfARunningAnalysis(t *testing.T) {
	g := newGateway(t)
	hash := sha256Of([]byte("abc"))
	g.known[hash] = `{"chain_id":"virusmap-test-1","round":7,"height":8,"round_status":"commit","seats":2}`
	code, stdout, _ := g.run("report", hash)
	require.Zero(t, code)
	require.Contains(t, stdout, "outcome  round 7, commit\n")
	g.known[hash] = `{"chain_id":"virusmap-test-1"}`
	_, stdout, _ = g.run("report", hash)
	require.Contains(t, stdout, "outcome  queued\n")
}

// What a host answers cannot take over the terminal.
func TestReportIsHarmlessForTerminals(t *testing.T) {
	g := newGateway(t)
	hostile := facts()
	hostile.Verdicts[0].Label = "\x1b]0;title\x07\x1b[2Jgone\nclamav  harmless\u202e"
	g.document = hostile.Document()
	code, stdout, _ := g.run("report", strings.Repeat("ab", 32))
	require.Zero(t, code)
	require.NotContains(t, stdout, "\x1b")
	require.NotContains(t, stdout, "\u202e")
	require.Equal(t, 11, strings.Count(stdout, "\n"))
}

func TestReportErrors(t *testing.T) {
	g := newGateway(t)
	for name, test := range map[string]struct {
		arguments []string
		code      int
		says      string
	}{
		"no argument":   {[]string{"report"}, 2, "accepts 1 arg"},
		"no hash":       {[]string{"report", "abcdef"}, 2, "neither a file nor"},
		"directory":     {[]string{"report", t.TempDir()}, 1, "is a directory"},
		"wrong key":     {[]string{"--api-key", "wrong", "report", strings.Repeat("ab", 32)}, 1, "virusmap config set api-key KEY"},
		"no server":     {[]string{"--host", "http://127.0.0.1:1", "report", strings.Repeat("ab", 32)}, 1, "is it running?"},
		"no address":    {[]string{"--host", "ftp://host", "report", strings.Repeat("ab", 32)}, 2, "is not an address"},
		"unknown flag":  {[]string{"report", "--frob"}, 2, "unknown flag"},
		"unknown":       {[]string{"frob"}, 2, "unknown command"},
		"other output":  {[]string{"--output", "xml", "report", "x"}, 2, "want text or json"},
		"not JSON":      {[]string{"report", strings.Repeat("cd", 32)}, 1, "invalid character"},
		"too large":     {[]string{"report", strings.Repeat("ef", 32)}, 1, "larger than"},
		"other machine": {[]string{"report", strings.Repeat("12", 32)}, 1, "is the host right?"},
	} {
		t.Run(name, func(t *testing.T) {
			g.intercept = func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case strings.HasSuffix(r.URL.Path, "cdcd"):
					answer(w, http.StatusOK, "<html>")
				case strings.HasSuffix(r.URL.Path, "efef"):
					answer(w, http.StatusOK, strings.Repeat(" ", 9<<20))
				case strings.HasSuffix(r.URL.Path, "1212"):
					http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
				default:
					return false
				}
				return true
			}
			code, _, stderr := g.run(test.arguments...)
			require.Contains(t, stderr, test.says)
			require.Equal(t, test.code, code)
		})
	}
}
