package command

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/query"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// bountyServer answers one bounty a page.
func bountyServer(t *testing.T, bounties ...bountytypes.Bounty) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			ID     json.RawMessage `json:"id"`
			Params struct{ Path, Data string }
		}
		request := bountytypes.QueryBountiesRequest{}
		if json.NewDecoder(r.Body).Decode(&call) != nil || call.Params.Path != "/virusmap.bounty.v1.Query/Bounties" {
			http.Error(w, "not the query", http.StatusBadRequest)
			return
		}
		data, err := hex.DecodeString(call.Params.Data)
		if err != nil || request.Unmarshal(data) != nil {
			http.Error(w, "not a request", http.StatusBadRequest)
			return
		}
		response := &bountytypes.QueryBountiesResponse{Pagination: &query.PageResponse{}}
		for at := len(request.Pagination.Key); at < len(bounties); at++ {
			if request.Kind != 0 && bounties[at].Kind != request.Kind {
				continue
			}
			if len(response.Bounties) == 1 {
				response.Pagination.NextKey = make([]byte, at)
				break
			}
			response.Bounties = append(response.Bounties, bounties[at])
		}
		value, err := response.Marshal()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		encoded, _ := json.Marshal(value)
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"response":{"value":%s}}}`, call.ID, encoded)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func runningBounty(kind bountytypes.BountyKind, target string) bountytypes.Bounty {
	return bountytypes.Bounty{
		Id: bytes.Repeat([]byte{byte(kind)}, 32), Kind: kind, Target: target, Funder: "vmt1funder",
		Amount: math.NewInt(25_000_000), Stage: 1, ExpiryTime: 1_800_000_000,
	}
}

func TestBounties(t *testing.T) {
	rule := "rule a {\n\tcondition:\n\t\tfilesize == 1 and \x1b[31m" + strings.Repeat("true and ", 20) + "true }"
	server := bountyServer(t,
		runningBounty(bountytypes.BOUNTY_KIND_SAMPLE, strings.Repeat("ab", 32)),
		runningBounty(bountytypes.BOUNTY_KIND_FAMILY, "emotet"),
		runningBounty(bountytypes.BOUNTY_KIND_YARA, rule))

	code, stdout, stderr := run(t, t.Context(), "bounties", "--rpc", server)
	require.Zero(t, code, stderr)
	rows := strings.Split(strings.TrimSpace(stdout), "\n")
	require.Len(t, rows, 4)
	for i, want := range [][]string{
		{"KIND", "AMOUNT", "STAGE", "UNTIL", "TARGET", "ID"},
		{"sample", "25000000uvmt", "1", "2027-01-15T08:00:00Z", strings.Repeat("ab", 32), strings.Repeat("01", 32)},
		{"family", "25000000uvmt", "1", "2027-01-15T08:00:00Z", "emotet", strings.Repeat("03", 32)},
	} {
		require.Equal(t, want, strings.Fields(rows[i]))
	}
	require.Contains(t, rows[3], "…")
	require.NotContains(t, rows[3], "\x1b")

	code, stdout, stderr = run(t, t.Context(), "--output", "json", "bounties", "--kind", "yara", "--rpc", server)
	require.Zero(t, code, stderr)
	require.Len(t, lines(t, stdout), 1)
	require.Equal(t, map[string]any{
		"id": strings.Repeat("04", 32), "kind": "yara", "target": rule, "funder": "vmt1funder",
		"amount": "25000000", "stage": 1.0, "expiry": "2027-01-15T08:00:00Z",
	}, lines(t, stdout)[0])

	code, stdout, stderr = run(t, t.Context(), "bounties", "--kind", "hash", "--rpc", server)
	require.Zero(t, code, stderr)
	require.Equal(t, "No bounty runs.\n", stdout)
}

func TestBountiesThatCannotBeListed(t *testing.T) {
	code, _, stderr := run(t, t.Context(), "bounties", "--kind", "virus", "--rpc", "http://127.0.0.1:1")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "none of sample, hash, family, yara")
	code, _, stderr = run(t, t.Context(), "bounties")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "name a server with --rpc")
	code, _, stderr = run(t, t.Context(), "bounties", "--rpc", "http://127.0.0.1:1")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "RPC server http://127.0.0.1:1")
}
