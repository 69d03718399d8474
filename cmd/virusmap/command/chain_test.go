package command

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/supernode/chain/light"
)

// rpcServer answers ABCI queries as CometBFT does, over JSON-RPC.
type rpcServer struct {
	*httptest.Server
	t *testing.T
	// answer decodes a request and returns the response.
	answer func(query string, request []byte) (proto.Message, error)
}

func newRPCServer(t *testing.T, answer func(string, []byte) (proto.Message, error)) *rpcServer {
	t.Helper()
	s := &rpcServer{t: t, answer: answer}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *rpcServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
		Params struct {
			Path string `json:"path"`
			Data string `json:"data"`
		} `json:"params"`
	}
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil || call.Method != "abci_query" {
		http.Error(w, "want an abci_query", http.StatusBadRequest)
		return
	}
	data, err := hex.DecodeString(call.Params.Data)
	if err != nil {
		http.Error(w, "data is not hex", http.StatusBadRequest)
		return
	}
	result := map[string]any{"code": 0, "height": "7"}
	message, err := s.answer(call.Params.Path, data)
	if err == nil {
		encoded, err := proto.Marshal(message)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		result["value"] = base64.StdEncoding.EncodeToString(encoded)
	} else {
		codespace, code, log := errorsmod.ABCIInfo(err, false)
		result["codespace"], result["code"], result["log"] = codespace, code, log
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": call.ID, "result": map[string]any{"response": result}})
}

// home is a home whose trust.json names the servers.
func homeOf(t *testing.T, servers ...*rpcServer) string {
	t.Helper()
	config := light.Config{ChainID: "virusmap-test-1", Trust: light.Trust{Height: 1, Hash: make([]byte, 32), Period: time.Hour}}
	for _, server := range servers {
		config.RPC = append(config.RPC, server.URL)
	}
	home := t.TempDir()
	require.NoError(t, light.WriteTrustFile(filepath.Join(home, "trust.json"), config))
	return home
}

// A server that is away is no obstacle as long as another answers; without any, and
// without trust.json, the tool says what is missing.
func TestAskingTheChain(t *testing.T) {
	notFound := func(string, []byte) (proto.Message, error) { return nil, sdkerrors.ErrKeyNotFound.Wrap("nothing") }
	away, there := newRPCServer(t, notFound), newRPCServer(t, notFound)
	away.Close()
	hash := sha256Of([]byte("abc"))
	for _, command := range [][]string{{"rewards", account(t)}, {"explain", hash}} {
		code, _, stderr := run(t, t.Context(), append([]string{"--home", homeOf(t, away)}, command...)...)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "no RPC server of ")
		require.NotContains(t, stderr, "--host", "the host was not asked")

		code, _, stderr = run(t, t.Context(), command...)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "no trust settings")

		_, stdout, stderr := run(t, t.Context(), append([]string{"--home", homeOf(t, away, there)}, command...)...)
		require.NotContains(t, stdout+stderr, "no RPC server", fmt.Sprint(command))
	}
}
