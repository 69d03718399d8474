package chainproxy

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzCalls feeds bodies to the reader of JSON-RPC requests: what it reads is bounded, and
// is read the same when it is written anew.
func FuzzCalls(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", "{}", "[{}]", "[[]]", status, "[" + status + "," + status + "]", status + status,
		`{"jsonrpc":"2.0","id":"a","method":"tx","params":["x"]}`,
		`{"jsonrpc":"2.0","id":1,"method":"net_info","METHOD":"status"}`,
		`{"jsonrpc":"2.0","id":-1,"method":"status","params":null}`,
		`{"jsonrpc":"2.0","id":1,"method":"\ud800"}`,
		strings.Repeat("[", 10_001), "\xef\xbb\xbf" + status,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		calls, batch, err := readCalls(body)
		if err != nil {
			return
		}
		require.NotEmpty(t, calls)
		require.LessOrEqual(t, len(calls), MaxBatch)
		require.True(t, batch || len(calls) == 1)
		encoded, err := json.Marshal(calls)
		require.NoError(t, err)
		again, _, err := readCalls(encoded)
		require.NoError(t, err)
		require.Equal(t, len(calls), len(again))
		for i := range calls {
			require.Equal(t, calls[i].Method, again[i].Method, "the node reads what was checked")
			require.Equal(t, "2.0", again[i].Version)
		}
	})
}
