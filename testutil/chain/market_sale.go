package chaintest

import (
	"fmt"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/app"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// createTranche is tried by the authority and by others; a tranche starts soon and does not
// take long.
func (s *Simulation) createTranche() []byte {
	account := s.Accounts[s.rand.Intn(2)]
	amount, start := 1+s.rand.Int63n(1_000_000_000), s.Time.Unix()+s.rand.Int63n(10)
	msg := &markettypes.MsgCreateTranche{
		Authority: account.Address.String(), Title: fmt.Sprintf("tranche %d", s.rand.Intn(10)),
		Amount: math.NewInt(amount), Cap: math.NewInt(1 + amount/2), Price: math.NewInt(1 + s.rand.Int63n(1_000_000)),
		PayDenom: PayDenom, StartTime: start, EndTime: start + 1 + s.rand.Int63n(60),
		Proceeds: s.account().Address.String(),
	}
	switch s.rand.Intn(8) {
	case 0:
		msg.PayDenom = app.Denom
	case 1:
		msg.Amount = math.NewInt(1 << 60) // more than there is
	case 2:
		msg.EndTime = start - 1
	}
	return s.sign(account, msg)
}

// buyTokens buys some of a tranche, all that an account may, or more.
func (s *Simulation) buyTokens() []byte {
	account, tranche := s.account(), s.tranche()
	amount := s.coin(1_000_000_000)
	if len(tranche.Id) > 0 && s.rand.Intn(4) != 0 {
		amount.Amount = math.NewInt(1 + s.rand.Int63n(tranche.Cap.Int64()))
	}
	return s.sign(account, &markettypes.MsgBuyTokens{Buyer: account.Address.String(), Tranche: tranche.Id, Amount: amount})
}
