package keeper_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// sealedTo seals a key of an epoch to the operators of the numbers, in their order.
func sealedTo(epoch uint64, numbers ...byte) []types.SealedKey {
	keys := make([]types.SealedKey, len(numbers))
	for i, number := range numbers {
		keys[i] = types.SealedKey{Epoch: epoch, Operator: operator(number).String(), Sealed: sealedShape(number)}
	}
	return keys
}

// sealedShape looks like a sealed key from outside, and is the same in each run.
func sealedShape(number byte) []byte {
	return append([]byte("age-encryption.org/v1\n-> mlkem768x25519 AAAA\n\n--- "+strings.Repeat("A", 43)+"\n"), number)
}

// publish lets the first rank publish the vault key of the current epoch.
func (f *fixture) publish(epoch uint64) {
	f.t.Helper()
	numbers := f.seats(epoch)
	maker := numbers[0]
	slices.Sort(numbers)
	_, err := deliver(f, f.msgs.PublishVaultKey, &types.MsgPublishVaultKey{
		Sidecar: sidecar(maker).String(), Operator: operator(maker).String(),
		Epoch: epoch, Recipient: recipient(), Sealed: sealedTo(epoch, numbers...),
	})
	require.NoError(f.t, err)
}

func TestPublishVaultKey(t *testing.T) {
	tests := map[string]struct {
		blocks  int
		change  func(*types.MsgPublishVaultKey)
		err     error
		message string
	}{
		"first rank at once":     {change: func(*types.MsgPublishVaultKey) {}},
		"operator in upper case": {change: func(m *types.MsgPublishVaultKey) { m.Sealed[0].Operator = strings.ToUpper(m.Sealed[0].Operator) }},
		"sidecar no address":     {change: func(m *types.MsgPublishVaultKey) { m.Sidecar = "x" }, err: types.ErrInvalidAddress, message: "sidecar"},
		"operator no address":    {change: func(m *types.MsgPublishVaultKey) { m.Operator = "x" }, err: types.ErrInvalidAddress, message: "operator"},
		"recipient is none":      {change: func(m *types.MsgPublishVaultKey) { m.Recipient = "age1pq1x" }, err: types.ErrInvalidRecipient, message: "recipient"},
		"nothing sealed":         {change: func(m *types.MsgPublishVaultKey) { m.Sealed = nil }, err: types.ErrInvalidSealedKeys, message: "got 0"},
		"sealed key empty":       {change: func(m *types.MsgPublishVaultKey) { m.Sealed[1].Sealed = nil }, err: types.ErrInvalidSealedKeys, message: "sealed[1].sealed has 0 bytes"},
		"sealed key long":        {change: func(m *types.MsgPublishVaultKey) { m.Sealed[1].Sealed = make([]byte, 4097) }, err: types.ErrInvalidSealedKeys, message: "want 1 to 4096"},
		"sealed key longest": {change: func(m *types.MsgPublishVaultKey) {
			m.Sealed[1].Sealed = append(sealedShape(1), make([]byte, 4096-len(sealedShape(1)))...)
		}},
		"sealed key no age file": {change: func(m *types.MsgPublishVaultKey) { m.Sealed[1].Sealed = make([]byte, 100) }, err: types.ErrInvalidSealedKeys, message: "sealed[1].sealed is no age file"},
		"sealed key of other kind": {change: func(m *types.MsgPublishVaultKey) {
			m.Sealed[1].Sealed = bytes.Replace(m.Sealed[1].Sealed, []byte("mlkem768x25519"), []byte("X25519"), 1)
		}, err: types.ErrInvalidSealedKeys, message: "exactly one"},
		"sealed key to two": {change: func(m *types.MsgPublishVaultKey) {
			m.Sealed[1].Sealed = bytes.Replace(m.Sealed[1].Sealed, []byte("---"), []byte("-> mlkem768x25519 AAAA\n\n---"), 1)
		}, err: types.ErrInvalidSealedKeys, message: "exactly one"},
		"recipient_hash is given":     {change: func(m *types.MsgPublishVaultKey) { m.Sealed[1].RecipientHash = make([]byte, 32) }, err: types.ErrInvalidSealedKeys, message: "sealed[1]: recipient_hash"},
		"reported is given":           {change: func(m *types.MsgPublishVaultKey) { m.Sealed[1].Reported = true }, err: types.ErrInvalidSealedKeys, message: "sealed[1]: recipient_hash and reported"},
		"holder no address":           {change: func(m *types.MsgPublishVaultKey) { m.Sealed[1].Operator = "" }, err: types.ErrInvalidAddress, message: "sealed[1].operator"},
		"epoch 0":                     {change: func(m *types.MsgPublishVaultKey) { m.Epoch = 0 }, err: types.ErrWrongEpoch},
		"epoch to come":               {change: func(m *types.MsgPublishVaultKey) { m.Epoch++ }, err: types.ErrWrongEpoch},
		"sealed key of other epoch":   {change: func(m *types.MsgPublishVaultKey) { m.Sealed[2].Epoch++ }, err: types.ErrInvalidSealedKeys, message: "sealed[2].epoch"},
		"a seat is missing":           {change: func(m *types.MsgPublishVaultKey) { m.Sealed = m.Sealed[:2] }, err: types.ErrInvalidSealedKeys, message: "got 2"},
		"a seat is not in order":      {change: func(m *types.MsgPublishVaultKey) { m.Sealed[0], m.Sealed[1] = m.Sealed[1], m.Sealed[0] }, err: types.ErrInvalidSealedKeys, message: "ascending"},
		"a seat twice":                {change: func(m *types.MsgPublishVaultKey) { m.Sealed[1] = m.Sealed[0] }, err: types.ErrInvalidSealedKeys, message: "sealed[1].operator"},
		"one who is not seated":       {change: func(m *types.MsgPublishVaultKey) { m.Sealed[2] = sealedTo(m.Epoch, 4)[0] }, err: types.ErrInvalidSealedKeys, message: "sealed[2].operator"},
		"signed by the operator":      {change: func(m *types.MsgPublishVaultKey) { m.Sidecar = m.Operator }, err: types.ErrNotSidecar},
		"operator is unknown":         {change: func(m *types.MsgPublishVaultKey) { m.Operator = operator(9).String() }, err: types.ErrNotFound},
		"operator is not seated":      {change: by(4), err: types.ErrNotSeated},
		"second rank at once":         {change: by(3), err: types.ErrTooEarly, message: "rank 1"},
		"second rank one block early": {blocks: grace - 1, change: by(3), err: types.ErrTooEarly},
		"second rank in time":         {blocks: grace, change: by(3)},
		"third rank with the second":  {blocks: 2*grace - 1, change: by(1), err: types.ErrTooEarly},
		"third rank in time":          {blocks: 2 * grace, change: by(1)},
		"first rank late":             {blocks: 2 * grace, change: by(2)},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, 2000)
			f.register(2, 4000)
			f.register(3, 3000)
			f.register(4, 1000)
			epoch := f.nextEpoch() // ranks: 2, 3, 1
			for range tc.blocks {
				f.nextBlock(time.Second)
			}
			msg := &types.MsgPublishVaultKey{Epoch: epoch, Recipient: recipient(), Sealed: sealedTo(epoch, 1, 2, 3)}
			by(2)(msg)
			tc.change(msg)

			_, err := deliver(f, f.msgs.PublishVaultKey, msg)

			has, hasErr := f.keeper.HasVaultKey(f.ctx, epoch)
			require.NoError(t, hasErr)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.ErrorContains(t, err, tc.message)
				require.False(t, has)
				return
			}
			require.NoError(t, err)
			require.True(t, has)
			published, err := f.queries.VaultKey(f.ctx, &types.QueryVaultKeyRequest{Epoch: epoch})
			require.NoError(t, err)
			require.Equal(t, types.VaultKey{Epoch: epoch, Maker: msg.Operator, Recipient: recipient(), Height: f.ctx.BlockHeight()}, published.VaultKey)
			for i, number := range []byte{1, 2, 3} {
				res, err := f.queries.SealedKey(f.ctx, &types.QuerySealedKeyRequest{Epoch: epoch, Operator: operator(number).String()})
				require.NoError(t, err)
				require.Equal(t, types.SealedKey{
					Epoch: epoch, Operator: operator(number).String(), Sealed: msg.Sealed[i].Sealed,
					RecipientHash: types.RecipientHash(recipient()),
				}, res.SealedKey)
			}
			require.Equal(t, 1, f.emitted(&types.EventVaultKeyPublished{}))
			require.Equal(t, 3, f.emitted(&types.EventVaultKeySealed{}))
		})
	}
}

func by(number byte) func(*types.MsgPublishVaultKey) {
	return func(m *types.MsgPublishVaultKey) {
		m.Operator, m.Sidecar = operator(number).String(), sidecar(number).String()
	}
}

func TestAnEpochHasOneVaultKey(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	epoch := f.nextEpoch()
	f.publish(epoch)
	msg := &types.MsgPublishVaultKey{Epoch: epoch, Recipient: recipient(), Sealed: sealedTo(epoch, 1)}
	by(1)(msg)

	_, err := deliver(f, f.msgs.PublishVaultKey, msg)

	require.ErrorIs(t, err, types.ErrVaultKeyExists)
}

// An exported chain may start again at a height below the start of its epoch.
func TestTheFirstRankPublishesAfterARestartAtALowHeight(t *testing.T) {
	f := newFixture(t)
	f.register(1, 2000)
	f.register(2, 1000)
	f.ctx = f.ctx.WithBlockHeight(1_000_000)
	epoch := f.nextEpoch()
	f.ctx = f.ctx.WithBlockHeight(1)
	msg := &types.MsgPublishVaultKey{Epoch: epoch, Recipient: recipient(), Sealed: sealedTo(epoch, 1, 2)}

	by(2)(msg)
	_, err := deliver(f, f.msgs.PublishVaultKey, msg)
	require.ErrorIs(t, err, types.ErrTooEarly)
	by(1)(msg)
	_, err = deliver(f, f.msgs.PublishVaultKey, msg)
	require.NoError(t, err)
}

func TestSealVaultKey(t *testing.T) {
	tests := map[string]struct {
		change  func(*types.MsgSealVaultKey)
		err     error
		message string
		stored  int
	}{
		"to one who joined later":   {change: func(*types.MsgSealVaultKey) {}, stored: 1},
		"to a retired one":          {change: func(m *types.MsgSealVaultKey) { m.Sealed = sealedTo(1, 5) }, stored: 1},
		"in upper case":             {change: func(m *types.MsgSealVaultKey) { m.Sealed[0].Operator = strings.ToUpper(m.Sealed[0].Operator) }, stored: 1},
		"twice in a message":        {change: func(m *types.MsgSealVaultKey) { m.Sealed = append(m.Sealed, m.Sealed...) }, stored: 1},
		"of a past and this epoch":  {change: func(m *types.MsgSealVaultKey) { m.Sealed = append(m.Sealed, sealedTo(2, 5)...) }, stored: 2},
		"to one who has it":         {change: func(m *types.MsgSealVaultKey) { m.Sealed = sealedTo(1, 1); m.Sealed[0].Sealed = sealedShape(9) }},
		"sidecar no address":        {change: func(m *types.MsgSealVaultKey) { m.Sidecar = "" }, err: types.ErrInvalidAddress, message: "sidecar"},
		"operator no address":       {change: func(m *types.MsgSealVaultKey) { m.Operator = "" }, err: types.ErrInvalidAddress, message: "operator"},
		"nothing sealed":            {change: func(m *types.MsgSealVaultKey) { m.Sealed = nil }, err: types.ErrInvalidSealedKeys, message: "want 1 to 100"},
		"too many":                  {change: func(m *types.MsgSealVaultKey) { m.Sealed = sealedTo(1, bytes.Repeat([]byte{4}, 101)...) }, err: types.ErrInvalidSealedKeys, message: "got 101"},
		"epoch 0":                   {change: func(m *types.MsgSealVaultKey) { m.Sealed[0].Epoch = 0 }, err: types.ErrInvalidSealedKeys, message: "sealed[0].epoch"},
		"epoch without a vault key": {change: func(m *types.MsgSealVaultKey) { m.Sealed[0].Epoch = 3 }, err: types.ErrNotFound, message: "vault key of epoch 3"},
		"holder is unknown":         {change: func(m *types.MsgSealVaultKey) { m.Sealed = append(m.Sealed, sealedTo(1, 9)...) }, err: types.ErrNotFound, message: "sealed[1]"},
		"signed by the operator":    {change: func(m *types.MsgSealVaultKey) { m.Sidecar = m.Operator }, err: types.ErrNotSidecar},
		"signer unknown":            {change: func(m *types.MsgSealVaultKey) { m.Operator = operator(9).String() }, err: types.ErrNotFound},
		"signer not seated":         {change: func(m *types.MsgSealVaultKey) { m.Operator, m.Sidecar = operator(4).String(), sidecar(4).String() }, err: types.ErrNotSeated},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.register(1, 2000)
			f.publish(f.nextEpoch())
			f.publish(f.nextEpoch())
			f.register(4, 1000)
			f.register(5, 1000)
			f.retire(5)
			msg := &types.MsgSealVaultKey{Sidecar: sidecar(1).String(), Operator: operator(1).String(), Sealed: sealedTo(1, 4)}
			tc.change(msg)
			before, err := f.keeper.ExportGenesis(f.ctx)
			require.NoError(t, err)
			events := f.emitted(&types.EventVaultKeySealed{})

			_, err = deliver(f, f.msgs.SealVaultKey, msg)

			after, exportErr := f.keeper.ExportGenesis(f.ctx)
			require.NoError(t, exportErr)
			require.Len(t, after.SealedKeys, len(before.SealedKeys)+tc.stored)
			require.Subset(t, after.SealedKeys, before.SealedKeys)
			require.Equal(t, tc.stored, f.emitted(&types.EventVaultKeySealed{})-events)
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.ErrorContains(t, err, tc.message)
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestVaultKeysOutliveTheirEpoch(t *testing.T) {
	f := newFixture(t)
	f.register(1, minBond)
	first := f.nextEpoch()
	f.publish(first)
	for range 5 {
		f.nextEpoch()
	}
	require.Empty(t, f.seats(first))
	res, err := f.queries.SealedKey(f.ctx, &types.QuerySealedKeyRequest{Epoch: first, Operator: operator(1).String()})
	require.NoError(t, err)
	require.Equal(t, sealedShape(1), res.SealedKey.Sealed)
}
