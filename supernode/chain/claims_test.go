package chain_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/nodetest"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

func TestClaimsAreFound(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Accounts: 1}), nodetest.Options{})
	account := node.Genesis.Accounts[0]
	client := dial(t, node, account)
	claimed, other := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	_, err := client.Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{&samplestypes.MsgClaimSubmissions{
		Claimant: account.Address.String(), Hashes: [][]byte{claimed},
	}}})
	require.NoError(t, err)
	for _, claim := range []struct {
		hash []byte
		want bool
	}{{claimed, true}, {other, false}} {
		found, err := client.HasClaim(t.Context(), claim.hash)
		require.NoError(t, err)
		require.Equal(t, claim.want, found)
	}
}
