package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/virusmap/virusmap/supernode/engine/worker"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestMain(m *testing.M) {
	operations["marker"] = obeyMarker
	kinds["marker"] = openMarker
	RunIfWorker()
	os.Exit(m.Run())
}

// The kind "marker" does inside its worker what the content says, as a parser
// with a bug would do on crafted content.
type markerAdapter struct{ pool *worker.Pool }

func openMarker(_ context.Context, _ EngineConfig, pools *pools) (adapter, error) {
	pool, err := pools.parsers()
	return &markerAdapter{pool}, err
}

func (a *markerAdapter) info(context.Context) (Info, error) { return Info{Version: "1"}, nil }
func (a *markerAdapter) close() error                       { return nil }
func (a *markerAdapter) scan(ctx context.Context, content *Content, timeout time.Duration) (Verdict, error) {
	return ask(ctx, a.pool, worker.Call{Op: "marker", Content: content.File, Timeout: timeout})
}

func obeyMarker(task *worker.Task) (any, error) {
	marker := string(task.Content)
	switch marker {
	case "segfault":
		page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANON)
		if err != nil {
			return nil, err
		}
		raw := page[:1:1]
		return raw[0], errors.Join(unix.Munmap(page), fmt.Errorf("read %d", raw[0]))
	case "hang":
		time.Sleep(time.Hour)
	case "hog":
		var hoard [][]byte
		for len(hoard) < 1<<20 { // 16 TiB
			hoard = append(hoard, bytes.Repeat([]byte{1}, 16<<20))
		}
		return len(hoard), nil
	case "lie":
		return answer{Category: "benign"}, nil
	case "brag":
		return answer{Category: "malicious", Confidence: 200}, nil
	case "chatter":
		return answer{Category: "malicious", Confidence: 1, Label: strings.Repeat("\x00é\u202e", 100)}, nil
	case "dial":
		_, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		return nil, err
	}
	return answer{Category: "undetected"}, nil
}

// eicarText is cut in two so that no scanner takes this source for the test file.
const eicarText = `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

const testfiles = "/usr/share/clamav-testfiles/"

func newContent(t testing.TB, data []byte) *Content {
	t.Helper()
	content, err := NewContent(bytes.NewReader(data), 512<<20)
	require.NoError(t, err)
	t.Cleanup(func() { content.Close() })
	return content
}

func fileContent(t testing.TB, path string) *Content {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err, "run scripts/setup.sh to install what the tests need")
	return newContent(t, data)
}

// openEngines starts the engines of a config by name.
func openEngines(t testing.TB, config Config) map[string]Engine {
	t.Helper()
	if config.Workers == 0 {
		config.Workers = 2
	}
	engines, err := Open(context.Background(), config)
	require.NoError(t, err, "run scripts/setup.sh to install what the tests need")
	byName := map[string]Engine{}
	for i, engine := range engines {
		byName[config.Engines[i].Name] = engine
		t.Cleanup(func() { require.NoError(t, engine.Close()) })
	}
	return byName
}

// shipped is the default configuration with the repository's own files.
func shipped() Config { return DefaultConfig("../../engines") }

const (
	malicious   = verdictstypes.CATEGORY_MALICIOUS
	suspicious  = verdictstypes.CATEGORY_SUSPICIOUS
	undetected  = verdictstypes.CATEGORY_UNDETECTED
	unsupported = verdictstypes.CATEGORY_TYPE_UNSUPPORTED
	timeout     = verdictstypes.CATEGORY_TIMEOUT
	confirmed   = verdictstypes.CATEGORY_CONFIRMED_TIMEOUT
	failed      = verdictstypes.CATEGORY_FAILURE
)
