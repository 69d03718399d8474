package market

import (
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// groundOrders are orders that all fall to one supernode, as far as anybody can foresee:
// the buyer tries one-time keys until the order's id is assigned to it.
func (s *shop) groundOrders(buyer *chaintest.Account, victim *chaintest.Supernode, n int) (txs [][]byte) {
	s.T.Helper()
	operators := s.attesters()
	replication, err := s.App.SamplesKeeper.Replication(s.Context())
	require.NoError(s.T, err)
	for _, hash := range s.samples {
		holders := samplestypes.Holders(hash, operators, int(replication))
		for tries := 0; len(txs) < n && tries < 50; tries++ {
			secret, key := s.oneTimeKey()
			order := markettypes.NewOrderID(buyer.Address, hash, key)
			if !samplestypes.Holders(order, holders, 1)[0].Equals(victim.Operator.Address) {
				continue
			}
			txs = append(txs, s.orderWith(buyer, hash, secret, key, startPrice))
			break
		}
	}
	require.NotEmpty(s.T, txs, "no sample is held by the victim")
	return txs
}

func (s *shop) attesters() (operators []sdk.AccAddress) {
	seats, err := s.App.SupernodeKeeper.Attesters(s.Context(), s.epoch())
	require.NoError(s.T, err)
	for _, seat := range seats {
		operators = append(operators, sdk.MustAccAddressFromBech32(seat.Operator))
	}
	return operators
}
