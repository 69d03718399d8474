package app

import (
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// freeClaims bounds the claims of rewards in the fee lane. All else that is free comes
// from sidecars, for which a bond stands. A claim comes from anybody who has earned
// something, and what it waits for is still there until a block runs it: without a bound,
// one reward would let its owner fill mempools with claims, and blocks with claims that
// fail.
type freeClaims struct {
	accounts  authkeeper.AccountKeeper
	committed func() sdk.Context
}

// admit tells whether a transaction has no claim, or nothing but one. A mempool takes one
// claim of an account between two blocks: an ordered one, with no ordered transaction of
// the account before it. All others pay a fee.
func (c freeClaims) admit(ctx sdk.Context, tx sdk.Tx) bool {
	msgs := tx.GetMsgs()
	at := slices.IndexFunc(msgs, func(msg sdk.Msg) bool { _, ok := msg.(*bountytypes.MsgClaimRewards); return ok })
	if at < 0 {
		return true
	}
	if unordered, ok := tx.(sdk.TxWithUnordered); len(msgs) > 1 || ok && unordered.GetUnordered() {
		return false
	}
	if !ctx.IsCheckTx() {
		return true // the claim before has run
	}
	contributor, err := bountytypes.ParseAddress("contributor", msgs[at].(*bountytypes.MsgClaimRewards).Contributor)
	if err != nil {
		return false
	}
	committed, err := c.accounts.GetSequence(c.committed(), contributor)
	if err != nil {
		return false
	}
	// The state for checks counts what waits already.
	sequence, err := c.accounts.GetSequence(ctx, contributor)
	return err == nil && sequence == committed
}
