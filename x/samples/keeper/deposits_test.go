package keeper_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// A full round of 4096 samples of three payers: one send per payer and way, payers in
// the order of their addresses, and one burn.
func TestConcludeAFullRound(t *testing.T) {
	const members = 4096
	f := newFixture(t)
	payers := []sdk.AccAddress{gateway, contributor, copier}
	for _, payer := range payers {
		f.fund(payer, members*deposit)
	}
	conclusions := make([]types.Conclusion, 0, members)
	want := make(map[string]int64) // balances at the end
	for _, payer := range payers {
		want[payer.String()] = f.balance(payer)
	}
	invalid := int64(0)
	for i := range members {
		payer, s := payers[i%len(payers)], submission(fmt.Sprint(i))
		f.mustSubmit(payer, s)
		f.begin(1, s.Sha256)
		valid := i%10 != 0
		if !valid {
			want[payer.String()] -= deposit
			invalid++
		}
		conclusions = append(conclusions, types.Conclusion{SHA256: s.Sha256, Valid: valid})
	}
	supply := f.supply()
	f.freshEvents()
	require.NoError(t, f.keeper.Conclude(f.ctx, conclusions))

	for _, payer := range payers {
		require.Equal(t, want[payer.String()], f.balance(payer))
		require.Zero(t, f.held(payer))
	}
	require.Equal(t, supply-invalid*deposit, f.supply(), "burned")

	var receivers []string
	burns := 0
	for _, event := range f.ctx.EventManager().Events() {
		switch event.Type {
		case "transfer":
			receiver, _ := event.GetAttribute("recipient")
			receivers = append(receivers, receiver.Value)
		case "burn":
			burns++
		}
	}
	require.Len(t, receivers, 6, "three refunds and three to be burned")
	require.True(t, slices.IsSorted(receivers[:3]), "%v", receivers)
	require.Equal(t, 1, burns)
}

func TestDepositAccountsAreApart(t *testing.T) {
	seen := make(map[string]sdk.AccAddress)
	for _, payer := range []sdk.AccAddress{gateway, contributor, copier, types.DepositAddress(gateway)} {
		address := types.DepositAddress(payer)
		require.Len(t, address, 32)
		require.NotContains(t, seen, address.String())
		seen[address.String()] = payer
	}
}

// Coins that somebody sends to a deposit account stay there: nothing owes them.
func TestDonationToADepositAccount(t *testing.T) {
	f := newFixture(t)
	f.fund(types.DepositAddress(contributor), 123)
	hash := f.reach(types.STATUS_SCANNING, "content")
	f.conclude(true, hash)
	require.Equal(t, startBalance, f.balance(contributor))
	require.Equal(t, int64(123), f.held(contributor))
}
