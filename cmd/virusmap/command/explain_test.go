package command

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

func TestExplain(t *testing.T) {
	hash := sha256Of([]byte("abc"))
	server := newRPCServer(t, func(path string, request []byte) (proto.Message, error) {
		var asked bountytypes.QueryExplainRequest
		if path != "/virusmap.bounty.v1.Query/Explain" || proto.Unmarshal(request, &asked) != nil {
			return nil, sdkerrors.ErrUnknownRequest
		}
		if asked.Sha256 != hash {
			return nil, sdkerrors.ErrKeyNotFound
		}
		return &bountytypes.QueryExplainResponse{
			Score: bountytypes.Score{Rank: 2}, Text: "rarity   600000\nnovelty  \x1b[2J166666\n",
		}, nil
	})
	home := homeOf(t, server)
	for _, argument := range []string{hash, write(t, t.TempDir(), "file", "abc")} {
		code, stdout, stderr := run(t, t.Context(), "--home", home, "explain", argument)
		require.Zero(t, code, stderr)
		require.Equal(t, "rarity   600000\nnovelty  \uFFFD[2J166666\n", stdout)
	}
	code, stdout, stderr := run(t, t.Context(), "--home", home, "--output", "json", "explain", hash)
	require.Zero(t, code, stderr)
	require.EqualValues(t, 2, lines(t, stdout)[0]["score"].(map[string]any)["rank"])

	code, _, stderr = run(t, t.Context(), "--home", home, "explain", sha256Of([]byte("other")))
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "has no score")
	code, _, stderr = run(t, t.Context(), "--home", home, "explain", strings.Repeat("ab", 16))
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "SHA-256")
	code, _, _ = run(t, t.Context(), "--home", home, "explain", filepath.Join(home, "none"))
	require.Equal(t, 2, code)
}
