package command

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/dsnet/compress/bzip2"
	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	markettypes "github.com/virusmap/virusmap/x/market/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// feedWorld is a gateway that serves packages and a chain that recorded what they hold.
type feedWorld struct {
	*gateway
	home, dir string
	records   map[int64]markettypes.FeedPackage
	served    map[string][]string // lines by minute; nil is answered with 404
	early     int                 // so many requests are too early
}

var feedMinute = time.Now().UTC().Add(-3 * time.Hour).Truncate(time.Minute)

func stampOf(minute int) string {
	return feedMinute.Add(time.Duration(minute) * time.Minute).Format(minuteFormat)
}

func newFeedWorld(t *testing.T) *feedWorld {
	t.Helper()
	w := &feedWorld{gateway: newGateway(t), dir: t.TempDir(), records: map[int64]markettypes.FeedPackage{}, served: map[string][]string{}}
	w.home = homeOf(t, newRPCServer(t, w.answer))
	w.intercept = func(writer http.ResponseWriter, r *http.Request) bool {
		minute, found := strings.CutPrefix(r.URL.Path, "/api/v3/feeds/files/")
		if !found {
			return false
		}
		lines, there := w.served[minute]
		switch {
		case w.early > 0:
			w.early--
			writer.Header().Set("Retry-After", "1")
			answer(writer, http.StatusBadRequest, `{"error":{"code":"NotAvailableYet","message":"not available yet"}}`)
		case !there:
			answer(writer, http.StatusNotFound, `{"error":{"code":"NotFoundError","message":"no package"}}`)
		default:
			_, _ = writer.Write(packed(t, lines))
		}
		return true
	}
	return w
}

func packed(t *testing.T, lines []string) []byte {
	t.Helper()
	var out bytes.Buffer
	writer, err := bzip2.NewWriter(&out, nil)
	require.NoError(t, err)
	for _, line := range lines {
		_, err := writer.Write([]byte(line + "\n"))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	return out.Bytes()
}

// judge records a package of so many entries for a minute and returns its lines.
func (w *feedWorld) judge(minute, count int) (lines []string) {
	w.t.Helper()
	var entries []markettypes.FeedEntry
	for i := range count {
		hash := [32]byte{byte(i + 1)}
		entries = append(entries, markettypes.FeedEntry{Sha256: hash[:], Round: 7, Outcome: uint32(verdictstypes.OUTCOME_MALICIOUS)})
		lines = append(lines, fmt.Sprintf(`{"type":"file","id":"%x","attributes":{"virusmap":{"round":7,"outcome":"malicious"}},`+
			`"context_attributes":{"virusmap":{"position":%d,"sha256":"%x","round":7,"outcome":3,"stage":0}}}`, hash, i, hash))
	}
	number := feedMinute.Unix()/60 + int64(minute)
	record, err := markettypes.PackageOf("files", number, entries)
	require.NoError(w.t, err)
	w.records[number], w.served[stampOf(minute)] = record, lines
	return lines
}

func (w *feedWorld) answer(query string, request []byte) (proto.Message, error) {
	switch query {
	case "/virusmap.market.v1.Query/FeedPackage":
		var in markettypes.QueryFeedPackageRequest
		if err := proto.Unmarshal(request, &in); err != nil {
			return nil, err
		}
		if record, found := w.records[in.Minute]; found && in.Feed == "files" {
			return &markettypes.QueryFeedPackageResponse{Package: record}, nil
		}
	case "/virusmap.market.v1.Query/Params":
		return &markettypes.QueryParamsResponse{Params: markettypes.DefaultParams()}, nil
	case "/virusmap.verdicts.v1.Query/Report":
		var in verdictstypes.QueryReportRequest
		if err := proto.Unmarshal(request, &in); err != nil {
			return nil, err
		}
		if in.Round == 7 {
			return &verdictstypes.QueryReportResponse{Report: verdictstypes.Report{Outcome: verdictstypes.OUTCOME_MALICIOUS}}, nil
		}
	}
	return nil, sdkerrors.ErrKeyNotFound.Wrap("nothing")
}

func (w *feedWorld) feed(arguments ...string) (code int, stdout, stderr string) {
	w.t.Helper()
	return w.run(append([]string{"--home", w.home, "feed"}, arguments...)...)
}

func (w *feedWorld) path(minute int) string {
	return filepath.Join(w.dir, "files-"+stampOf(minute)+".jsonl")
}

func TestFeedGet(t *testing.T) {
	w := newFeedWorld(t)
	whole := w.judge(0, 4)
	code, stdout, stderr := w.feed("get", "files", stampOf(0), "--dir", w.dir)
	require.Equal(t, 0, code, stderr)
	require.Contains(t, stdout, "4 entries, as the chain recorded (root "+hex.EncodeToString(w.records[feedMinute.Unix()/60].Root))
	content, err := os.ReadFile(w.path(0))
	require.NoError(t, err)
	require.Equal(t, strings.Join(whole, "\n")+"\n", string(content))

	for name, c := range map[string]struct {
		served []string
		says   string
	}{
		"withheld line": {[]string{whole[0], whole[2], whole[3]}, "withheld, position 1:"},
		"added line":    {append(whole[:4:4], strings.Replace(whole[3], `"position":3`, `"position":4`, 1)), "added, position 4:"},
		"changed line":  {[]string{whole[0], whole[1], strings.NewReplacer(`"outcome":3`, `"outcome":1`, "malicious", "clean").Replace(whole[2]), whole[3]}, "changed, position 2: "},
		"no lines":      {[]string{}, "withheld, positions 0 to 3:"},
		"no package":    {nil, "withheld, positions 0 to 3:"},
	} {
		t.Run(name, func(t *testing.T) {
			w.served[stampOf(0)] = c.served
			if c.served == nil {
				delete(w.served, stampOf(0))
			}
			dir := t.TempDir()
			code, stdout, stderr := w.feed("get", "files", stampOf(0), "--dir", dir)
			require.Equal(t, exitAltered, code, stderr)
			require.Contains(t, stdout, "NOT what the chain recorded")
			require.Contains(t, stdout, c.says)
			require.NoFileExists(t, filepath.Join(dir, filepath.Base(w.path(0))), "it cannot be taken for a good one")
			if c.served != nil {
				require.FileExists(t, filepath.Join(dir, filepath.Base(w.path(0))+".altered"))
			}
		})
	}
}

func TestFeedVerify(t *testing.T) {
	w := newFeedWorld(t)
	whole := w.judge(0, 4)
	plain := write(t, w.dir, "plain", strings.Join(whole, "\n"))
	zipped := write(t, w.dir, "zipped", string(packed(t, whole)))
	cut := write(t, w.dir, "cut", string(packed(t, whole[:3])))
	for name, c := range map[string]struct {
		file, kind, minute string
		code               int
		says               string
	}{
		"unpacked":          {plain, "files", stampOf(0), 0, "as the chain recorded"},
		"as downloaded":     {zipped, "files", stampOf(0), 0, "as the chain recorded"},
		"cut":               {cut, "files", stampOf(0), exitAltered, "withheld, position 3: the file ends before 1 of 4"},
		"empty minute":      {plain, "files", stampOf(1), exitAltered, "added, position 0:"},
		"forgotten minute":  {plain, "files", "202001010000", 1, "the chain has forgotten it"},
		"another feed":      {plain, "urls", stampOf(0), exitAltered, "added"},
		"unknown feed":      {plain, "domains", stampOf(0), 2, "is none of"},
		"no minute":         {plain, "files", "2026030110", 2, "is not a minute"},
		"no such file":      {filepath.Join(w.dir, "none"), "files", stampOf(0), 1, "no such file"},
		"damaged":           {write(t, w.dir, "damaged", "BZh9 and not more"), "files", stampOf(0), 1, "bzip2"},
		"hostile file name": {write(t, w.dir, "name\x1b[2J", "x"), "files", stampOf(0), exitAltered, "changed"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := w.feed("verify", c.file, "--kind", c.kind, "--minute", c.minute)
			require.Equal(t, c.code, code, stdout+stderr)
			require.Contains(t, stdout+stderr, c.says)
			require.NotContains(t, stdout+stderr, "\x1b")
		})
	}
	code, stdout, _ := w.feed("verify", cut, "--kind", "files", "--minute", stampOf(0), "--output", "json")
	require.Equal(t, exitAltered, code)
	result := lines(t, stdout)[0]
	require.Equal(t, false, result["ok"])
	require.EqualValues(t, 4, result["count"])
	require.Equal(t, "withheld", result["differences"].([]any)[0].(map[string]any)["kind"])
}

// TestFeedFollow waits for a package, passes over what is there and over an empty minute, and
// ends at one that is withheld.
func TestFeedFollow(t *testing.T) {
	w := newFeedWorld(t)
	w.early = 1
	for _, minute := range []int{0, 1, 3, 4} {
		w.judge(minute, minute+1)
	}
	require.NoError(t, os.WriteFile(w.path(1), []byte("there"), 0o600))
	delete(w.served, stampOf(4))
	code, stdout, stderr := w.feed("get", "files", stampOf(0), "--follow", "--dir", w.dir)
	require.Equal(t, exitAltered, code, stderr)
	require.Contains(t, stdout, stampOf(0)+": 1 entries, as the chain recorded")
	require.NotContains(t, stdout, stampOf(1))
	require.NotContains(t, stdout, stampOf(2))
	require.Contains(t, stdout, stampOf(3)+": 4 entries, as the chain recorded")
	require.Contains(t, stdout, stampOf(4)+": NOT what the chain recorded: 0 lines, 5 entries")
	there, err := os.ReadFile(w.path(1))
	require.NoError(t, err)
	require.Equal(t, "there", string(there))

	w.early = 1 << 30
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	code, _, _ = run(t, ctx, "--host", w.URL, "--api-key", testKey, "--home", w.home, "feed", "get", "files", stampOf(9), "--follow", "--dir", w.dir)
	require.Equal(t, 1, code, "it ends when it is interrupted")
	code, _, stderr = w.feed("get", "files", stampOf(9), "--dir", w.dir)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "NotAvailableYet")
}

func TestFeedIsNotCheckedWithoutAChain(t *testing.T) {
	w := newFeedWorld(t)
	w.judge(0, 2)
	away := newRPCServer(t, w.answer)
	away.Close()
	code, _, stderr := w.run("--home", homeOf(t, away), "feed", "get", "files", stampOf(0), "--dir", w.dir)
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "no RPC server of ")
	left, err := os.ReadDir(w.dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
