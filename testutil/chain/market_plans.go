package chaintest

import (
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// subscribe starts or extends a plan or a feed pass, now and then for too little, too long
// or of what is no plan.
func (s *Simulation) subscribe() []byte {
	account := s.account()
	params, err := s.App.MarketKeeper.Params.Get(s.Context())
	require.NoError(s.t, err)
	product := params.Products[s.rand.Intn(len(params.Products))]
	for range 2 { // mostly what is sold by the period
		if product.PeriodSeconds == 0 {
			product = params.Products[s.rand.Intn(len(params.Products))]
		}
	}
	msg := &markettypes.MsgSubscribe{
		Product: product.Id, Periods: uint32(1 + s.rand.Intn(3)), MaxPrice: sdk.NewInt64Coin(app.Denom, 1_000_000_000_000),
	}
	if s.rand.Intn(3) == 0 {
		var buyer sdk.AccAddress
		buyer, msg.Product = s.subscription()
		account = s.accountAt(buyer.String())
	}
	switch s.rand.Intn(8) {
	case 0:
		msg.Periods = 5 * uint32(s.rand.Intn(2))
	case 1:
		msg.MaxPrice = s.coin(10)
	}
	msg.Buyer = account.Address.String()
	return s.sign(account, msg)
}

// cancelSubscription is tried for what runs, and now and then for what does not.
func (s *Simulation) cancelSubscription() []byte {
	buyer, product := s.subscription()
	account := s.accountAt(buyer.String())
	if s.rand.Intn(4) == 0 {
		account = s.account()
	}
	return s.sign(account, &markettypes.MsgCancelSubscription{Buyer: account.Address.String(), Product: product})
}

// revokeAPIKeys is tried for others too.
func (s *Simulation) revokeAPIKeys() []byte {
	account, buyer := s.account(), s.account()
	if s.rand.Intn(3) != 0 {
		buyer = account
	}
	return s.sign(account, &markettypes.MsgRevokeApiKeys{Buyer: buyer.Address.String()})
}

// claimRoyalties is mostly tried by somebody who has points in an epoch with a pool.
func (s *Simulation) claimRoyalties() []byte {
	account, epoch := s.account(), s.pool()
	earned := choose(s, func(visit func(*Account)) error {
		for _, candidate := range s.Accounts {
			points, err := s.App.BountyKeeper.EpochPoints(s.Context(), candidate.Address, epoch)
			if err != nil {
				return err
			}
			if points > 0 {
				visit(candidate)
			}
		}
		return nil
	})
	if earned != nil && s.rand.Intn(6) != 0 {
		account = earned
	}
	return s.sign(account, &markettypes.MsgClaimRoyalties{Contributor: account.Address.String()})
}
