package wanted

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/engine"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

func TestMain(m *testing.M) {
	engine.RunIfWorker()
	os.Exit(m.Run())
}

// fakeChain answers in pages of two.
type fakeChain struct {
	bountytypes.QueryClient
	bounties []bountytypes.Bounty
	away     bool
	asked    int
}

var errAway = errors.New("node is away")

func (f *fakeChain) Bounties() bountytypes.QueryClient { return bountyQuery{fake: f} }

type bountyQuery struct {
	bountytypes.QueryClient
	fake *fakeChain
}

func (q bountyQuery) Bounties(_ context.Context, request *bountytypes.QueryBountiesRequest, _ ...grpc.CallOption) (*bountytypes.QueryBountiesResponse, error) {
	q.fake.asked++
	if q.fake.away {
		return nil, errAway
	}
	var all []bountytypes.Bounty
	for _, bounty := range q.fake.bounties {
		if bounty.Kind == request.Kind {
			all = append(all, bounty)
		}
	}
	start := 0
	if key := request.Pagination.Key; len(key) > 0 {
		start = int(key[0])<<8 | int(key[1])
	}
	end := min(start+2, len(all))
	response := &bountytypes.QueryBountiesResponse{Bounties: all[start:end], Pagination: &query.PageResponse{}}
	if end < len(all) {
		response.Pagination.NextKey = []byte{byte(end >> 8), byte(end)}
	}
	return response, nil
}

// The constructors give a bounty an id that is made from what it wants.
func wantHash(target string) bountytypes.Bounty {
	return want(bountytypes.BOUNTY_KIND_HASH, target)
}

func wantFamily(target string) bountytypes.Bounty {
	return want(bountytypes.BOUNTY_KIND_FAMILY, target)
}

func wantRule(target string) bountytypes.Bounty {
	return want(bountytypes.BOUNTY_KIND_YARA, target)
}

func want(kind bountytypes.BountyKind, target string) bountytypes.Bounty {
	id := sha256.Sum256(fmt.Appendf(nil, "%d %s", kind, target))
	return bountytypes.Bounty{Id: id[:], Kind: kind, Target: target, PostedHeight: 10}
}

// logged collects what is logged.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

func newHunter(t *testing.T, bounties ...bountytypes.Bounty) (*Hunter, *fakeChain, *logged) {
	t.Helper()
	chain, log := &fakeChain{bounties: bounties}, &logged{}
	hunter := New(chain, 1, slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(func() {
		require.NoError(t, hunter.Close())
		if t.Failed() {
			t.Log(log.text.String())
		}
	})
	return hunter, chain, log
}

func newContent(t *testing.T, data string) *engine.Content {
	t.Helper()
	content, err := engine.NewContent(strings.NewReader(data), 512<<20)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, content.Close()) })
	return content
}

// submitted is a sample of a height.
func submitted(content *engine.Content, height int64, labels ...string) Sample {
	return Sample{SHA256: content.SHA256[:], SubmittedHeight: height, Labels: labels}
}

// inside prepares a hunt and looks into a content.
func inside(t *testing.T, hunt *Hunt, content *engine.Content) [][]byte {
	t.Helper()
	hunt.Prepare(t.Context())
	return hunt.Inside(t.Context(), submitted(content, 10), content)
}

func requireMatches(t *testing.T, found [][]byte, bounties ...bountytypes.Bounty) {
	t.Helper()
	require.Len(t, found, len(bounties))
	for _, bounty := range bounties {
		require.True(t, contains(found, bounty), bounty.Target)
	}
}

func contains(found [][]byte, bounty bountytypes.Bounty) bool {
	for _, id := range found {
		if bytes.Equal(id, bounty.Id) {
			return true
		}
	}
	return false
}
