package command

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain/light/lighttest"
)

func TestWatchFiles(t *testing.T) {
	g := newGateway(t)
	hash := sha256Of([]byte("abc"))
	g.known[hash] = `{"chain_id":"virusmap-test-1"}`
	g.steps = []string{
		`{"chain_id":"virusmap-test-1"}`,
		`{"chain_id":"virusmap-test-1","round":7,"height":8,"round_status":"commit","seats":2}`,
		final,
	}
	code, stdout, stderr := g.run("watch", write(t, t.TempDir(), "a", "abc"))
	require.Zero(t, code, stderr)
	require.Equal(t, fmt.Sprintf("%[1]s  queued\n%[1]s  round 7, commit\n%[1]s  round 7, final, malicious (3 of 4 engines)\n", hash), stdout)
}

func TestWatchNeedsAServer(t *testing.T) {
	code, _, stderr := run(t, t.Context(), "watch")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "name a server with --rpc")
	code, _, stderr = run(t, t.Context(), "watch", "--rpc", "http://127.0.0.1:1")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "RPC server http://127.0.0.1:1")
}

// watchARound runs watch without files while a round takes place.
func watchARound(t *testing.T, node *lighttest.Chain, home string) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out output
	done := make(chan int, 1)
	go func() {
		done <- Main(ctx, []string{"--home", home, "watch"}, strings.NewReader(""), &out, &out)
	}()
	node.Scan("watched content")
	require.Eventually(t, func() bool { return strings.Contains(out.String(), "is final: 1 samples, 2 attestations") },
		30*time.Second, 50*time.Millisecond, "%s", &out)
	cancel()
	require.Zero(t, <-done)
	for _, step := range []string{"opened with 1 samples", "has 2 commits"} {
		require.Contains(t, out.String(), step)
	}
}

// output may be read while it is written.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}
