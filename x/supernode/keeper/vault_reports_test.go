package keeper_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/virusmap/virusmap/x/supernode/types"
)

const vaultKeyNumber = 100

// newIdentity is the post-quantum identity of a number, the same in each run.
func newIdentity(t testing.TB, number byte) *age.HybridIdentity {
	t.Helper()
	secret, err := bech32.ConvertAndEncode("age-secret-key-pq-", bytes.Repeat([]byte{number}, 32))
	require.NoError(t, err)
	identity, err := age.ParseHybridIdentity(strings.ToUpper(secret))
	require.NoError(t, err)
	return identity
}

// seal encrypts a payload and returns the age file with its file key.
func seal(t testing.TB, to age.Recipient, payload string) (file, fileKey []byte) {
	t.Helper()
	spy := &recipientSpy{Recipient: to}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, spy)
	require.NoError(t, err)
	_, err = io.WriteString(w, payload)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return sealed.Bytes(), spy.fileKey
}

type recipientSpy struct {
	age.Recipient
	fileKey []byte
}

func (s *recipientSpy) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	s.fileKey = slices.Clone(fileKey)
	return s.Recipient.Wrap(fileKey)
}

// crookedRecipient seals a file key other than the one of the file.
type crookedRecipient struct{ age.Recipient }

func (r crookedRecipient) Wrap([]byte) ([]*age.Stanza, error) {
	return r.Recipient.Wrap(make([]byte, 16))
}

// reportFixture has the ranks 1 to n, each with a recipient of its own. Rank 1 publishes the
// vault key of epoch 1 and seals to rank 2 what the test wants; all others get the right key.
func reportFixture(t testing.TB, n byte, to age.Recipient, payload string) (f *fixture, fileKey []byte) {
	t.Helper()
	f = newFixture(t)
	f.govern(func(p *types.Params) {
		p.MaxActive, p.SlashVaultKeyPpm, p.LivenessWindow = 10, 50_000, 64
	})
	for number := byte(1); number <= n; number++ {
		bond := coin(10*minBond - int64(number))
		f.fund(operator(number), bond)
		own := profile(number)
		own.Recipient = newIdentity(t, number).Recipient().String()
		_, err := deliver(f, f.msgs.Register, &types.MsgRegister{Operator: operator(number).String(), Profile: own, SelfBond: bond})
		require.NoError(t, err)
	}
	f.nextEpoch()
	key := newIdentity(t, vaultKeyNumber)
	msg := &types.MsgPublishVaultKey{Epoch: 1, Recipient: key.Recipient().String()}
	by(1)(msg)
	for number := byte(1); number <= n; number++ {
		recipient, content := age.Recipient(newIdentity(t, number).Recipient()), key.String()+"\n"
		if number == 2 {
			recipient, content = to, payload
		}
		file, used := seal(t, recipient, content)
		if number == 2 {
			fileKey = used
		}
		msg.Sealed = append(msg.Sealed, types.SealedKey{Epoch: 1, Operator: operator(number).String(), Sealed: file})
	}
	_, err := deliver(f, f.msgs.PublishVaultKey, msg)
	require.NoError(t, err)
	return f, fileKey
}

func (f *fixture) report(number byte, change func(*types.MsgReportVaultKey)) (proven bool, err error) {
	f.t.Helper()
	msg := &types.MsgReportVaultKey{Sidecar: sidecar(number).String(), Operator: operator(number).String(), Epoch: 1}
	if change != nil {
		change(msg)
	}
	res, err := deliver(f, f.msgs.ReportVaultKey, msg)
	return res.GetProven(), err
}

// hand lets one supernode seal the key of epoch 1 again to another.
func (f *fixture) hand(from, to byte) types.SealedKey {
	f.t.Helper()
	file, _ := seal(f.t, newIdentity(f.t, to).Recipient(), newIdentity(f.t, vaultKeyNumber).String())
	_, err := deliver(f, f.msgs.SealVaultKey, &types.MsgSealVaultKey{
		Sidecar: sidecar(from).String(), Operator: operator(from).String(),
		Sealed: []types.SealedKey{{Epoch: 1, Operator: operator(to).String(), Sealed: file}},
	})
	require.NoError(f.t, err)
	return types.SealedKey{Epoch: 1, Operator: operator(to).String(), Sealed: file}
}

func (f *fixture) sealedKey(number byte) types.SealedKey {
	f.t.Helper()
	res, err := f.queries.SealedKey(f.ctx, &types.QuerySealedKeyRequest{Epoch: 1, Operator: operator(number).String()})
	require.NoError(f.t, err)
	return res.SealedKey
}

func (f *fixture) requireConvicted(number byte, want bool) {
	f.t.Helper()
	convicted, err := f.keeper.VaultKeyFaults.Has(f.ctx, 1)
	require.NoError(f.t, err)
	require.Equal(f.t, want, convicted)
	bond := 10*minBond - int64(number)
	if want {
		bond -= bond / 20
	}
	require.Equal(f.t, bond, f.supernode(number).SelfBond.Int64())
}

func TestReportsWithAProof(t *testing.T) {
	right := newIdentity(t, vaultKeyNumber).String()
	wrong := newIdentity(t, 77).String()
	holder := newIdentity(t, 2)
	stranger := newIdentity(t, 55)
	classic, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	tests := map[string]struct {
		to       age.Recipient
		payload  string
		fileKey  bool // proves with the file key, else with the identity
		otherKey []byte
		identity string
		proven   bool
		message  string
	}{
		"file key: another identity":       {to: holder.Recipient(), payload: wrong, fileKey: true, proven: true},
		"file key: junk":                   {to: holder.Recipient(), payload: "junk", fileKey: true, proven: true},
		"file key: nothing":                {to: holder.Recipient(), payload: "", fileKey: true, proven: true},
		"file key: a classic identity":     {to: holder.Recipient(), payload: classic.String(), fileKey: true, proven: true},
		"file key: two identities":         {to: holder.Recipient(), payload: right + "\n" + wrong, fileKey: true, proven: true},
		"file key: not sealed to it":       {to: stranger.Recipient(), payload: wrong, fileKey: true, proven: true},
		"file key: right":                  {to: holder.Recipient(), payload: right, fileKey: true, message: "the sealed key is right"},
		"file key: right, as a file":       {to: holder.Recipient(), payload: "# vault key\n\n" + right + "\n", fileKey: true, message: "the sealed key is right"},
		"file key: another than the one":   {to: holder.Recipient(), payload: wrong, otherKey: make([]byte, 16), message: "does not open"},
		"identity: another identity":       {to: holder.Recipient(), payload: wrong, identity: holder.String(), proven: true},
		"identity: sealed to a stranger":   {to: stranger.Recipient(), payload: right, identity: holder.String(), proven: true},
		"identity: a crooked file key":     {to: crookedRecipient{holder.Recipient()}, payload: right, identity: holder.String(), proven: true},
		"file key: crooked, in the stanza": {to: crookedRecipient{holder.Recipient()}, payload: right, otherKey: make([]byte, 16), message: "does not open"},
		"identity: right":                  {to: holder.Recipient(), payload: right, identity: holder.String(), message: "the sealed key is right"},
		"identity: of somebody else":       {to: holder.Recipient(), payload: wrong, identity: stranger.String(), message: "not the one"},
		"identity: a classic one":          {to: holder.Recipient(), payload: wrong, identity: classic.String(), message: "no post-quantum age identity"},
		"identity: none":                   {to: holder.Recipient(), payload: wrong, identity: "x", message: "no post-quantum age identity"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f, fileKey := reportFixture(t, 4, tc.to, tc.payload)
			supply := f.bank.GetSupply(f.ctx, denom)

			proven, err := f.report(2, func(m *types.MsgReportVaultKey) {
				m.Identity, m.FileKey = tc.identity, tc.otherKey
				if tc.fileKey {
					m.FileKey = fileKey
				}
			})

			f.requireConvicted(1, tc.proven)
			require.Equal(t, tc.proven, proven)
			require.Equal(t, tc.proven, f.sealedKey(2).Reported)
			if !tc.proven {
				require.ErrorIs(t, err, types.ErrInvalidReport)
				require.ErrorContains(t, err, tc.message)
				require.Equal(t, supply, f.bank.GetSupply(f.ctx, denom))
				return
			}
			require.NoError(t, err)
			require.Equal(t, supply.Sub(coin(499)), f.bank.GetSupply(f.ctx, denom))
			require.Equal(t, 1, f.emitted(&types.EventVaultKeyReported{}))
			require.Equal(t, types.FAULT_VAULT_KEY, f.slashed()[0].Fault)
		})
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	tests := map[string]struct {
		change  func(*types.MsgReportVaultKey)
		err     error
		message string
	}{
		"sidecar no address":  {change: func(m *types.MsgReportVaultKey) { m.Sidecar = "" }, err: types.ErrInvalidAddress, message: "sidecar"},
		"operator no address": {change: func(m *types.MsgReportVaultKey) { m.Operator = "" }, err: types.ErrInvalidAddress, message: "operator"},
		"two proofs":          {change: func(m *types.MsgReportVaultKey) { m.FileKey, m.Identity = make([]byte, 16), "x" }, err: types.ErrInvalidReport, message: "both"},
		"file key short":      {change: func(m *types.MsgReportVaultKey) { m.FileKey = make([]byte, 15) }, err: types.ErrInvalidReport, message: "file_key has 15 bytes, want 16"},
		"file key long":       {change: func(m *types.MsgReportVaultKey) { m.FileKey = make([]byte, 17) }, err: types.ErrInvalidReport, message: "file_key has 17 bytes"},
		"identity long":       {change: func(m *types.MsgReportVaultKey) { m.Identity = strings.Repeat("A", 129) }, err: types.ErrInvalidReport, message: "identity has 129 bytes, want at most 128"},
		"epoch without a key": {change: func(m *types.MsgReportVaultKey) { m.Epoch = 2 }, err: types.ErrNotFound, message: "vault key of epoch 2"},
		"operator has no key": {change: func(m *types.MsgReportVaultKey) { m.Operator = operator(9).String() }, err: types.ErrNotFound, message: "sealed to"},
		"the maker":           {change: func(m *types.MsgReportVaultKey) { m.Operator, m.Sidecar = operator(1).String(), sidecar(1).String() }, err: types.ErrInvalidReport, message: "made the vault key"},
		"signed by an other":  {change: func(m *types.MsgReportVaultKey) { m.Sidecar = sidecar(3).String() }, err: types.ErrNotSidecar},
		"signed by the operator": {
			change: func(m *types.MsgReportVaultKey) { m.Sidecar = m.Operator }, err: types.ErrNotSidecar,
		},
	}
	f, _ := reportFixture(t, 4, newIdentity(t, 2).Recipient(), "junk")
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := f.report(2, tc.change)
			require.ErrorIs(t, err, tc.err)
			require.ErrorContains(t, err, tc.message)
			require.False(t, f.sealedKey(2).Reported)
		})
	}
}

func TestMostHoldersProveAWrongKey(t *testing.T) {
	tests := map[string]struct {
		seats     byte
		reporters []byte
		proven    bool
	}{
		"one of one other":    {seats: 2, reporters: []byte{2}},
		"two of two others":   {seats: 3, reporters: []byte{2, 3}, proven: true},
		"one of three others": {seats: 4, reporters: []byte{2}},
		"two of three others": {seats: 4, reporters: []byte{2, 3}, proven: true},
		"two of four others":  {seats: 5, reporters: []byte{2, 3}},
		"three of four":       {seats: 5, reporters: []byte{2, 3, 5}, proven: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f, _ := reportFixture(t, tc.seats, newIdentity(t, 2).Recipient(), "junk")
			for i, number := range tc.reporters {
				proven, err := f.report(number, nil)
				require.NoError(t, err)
				require.Equal(t, tc.proven && i == len(tc.reporters)-1, proven)
			}
			f.requireConvicted(1, tc.proven)
		})
	}
}

func TestAHolderReportsOnce(t *testing.T) {
	f, fileKey := reportFixture(t, 5, newIdentity(t, 2).Recipient(), "junk")
	_, err := f.report(2, nil)
	require.NoError(t, err)
	_, err = f.report(2, nil)
	require.ErrorIs(t, err, types.ErrAlreadyReported)

	proven, err := f.report(2, func(m *types.MsgReportVaultKey) { m.FileKey = fileKey })
	require.NoError(t, err, "a proof can follow")
	require.True(t, proven)
	_, err = f.report(2, func(m *types.MsgReportVaultKey) { m.FileKey = fileKey })
	require.ErrorIs(t, err, types.ErrAlreadyReported)

	for _, number := range []byte{3, 4, 5} {
		proven, err = f.report(number, nil)
		require.NoError(t, err, "others may still ask for another sealed key")
		require.False(t, proven)
	}
	f.requireConvicted(1, true)
	require.Len(t, f.slashed(), 1)
}

func TestAReportedKeyIsReplaced(t *testing.T) {
	f, fileKey := reportFixture(t, 4, newIdentity(t, 2).Recipient(), "junk")
	before := f.sealedKey(2)
	f.hand(3, 2)
	require.Equal(t, before, f.sealedKey(2), "not before it is reported")
	_, err := f.report(2, nil)
	require.NoError(t, err)
	reported := f.sealedKey(2)

	f.hand(1, 2)
	require.Equal(t, reported, f.sealedKey(2), "the maker may not remove the evidence")
	f.hand(2, 2)
	require.Equal(t, reported, f.sealedKey(2), "nor may the holder")
	f.register(5, minBond)
	f.nextEpoch()
	f.hand(5, 2)
	require.Equal(t, reported, f.sealedKey(2), "who has no key cannot hand it on")
	replaced := f.hand(3, 2)
	require.Equal(t, replaced, f.sealedKey(2))
	f.hand(4, 2)
	require.Equal(t, replaced, f.sealedKey(2), "once for each report")

	// Nobody answers for what another than the maker sealed.
	_, err = f.report(2, func(m *types.MsgReportVaultKey) { m.FileKey = fileKey })
	require.ErrorIs(t, err, types.ErrInvalidReport)
	require.ErrorContains(t, err, "another than the maker")
	proven, err := f.report(2, nil)
	require.NoError(t, err)
	require.False(t, proven)
	require.Equal(t, f.hand(4, 2), f.sealedKey(2))

	// The replaced key still counts among the reports of the maker.
	proven, err = f.report(3, nil)
	require.NoError(t, err)
	require.True(t, proven)
	f.requireConvicted(1, true)
}

func TestAMakerAnswersAfterItRetired(t *testing.T) {
	f, fileKey := reportFixture(t, 3, newIdentity(t, 2).Recipient(), "junk")
	f.retire(1)
	proven, err := f.report(2, func(m *types.MsgReportVaultKey) { m.FileKey = fileKey })
	require.NoError(t, err)
	require.True(t, proven)
	f.nextBlock(unbond * time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, 9_999-499, f.balance(operator(1)))
}

// A holder that joined later got its key from somebody who does not answer for it.
func TestALaterHolderReportsWithoutBlame(t *testing.T) {
	f, _ := reportFixture(t, 3, newIdentity(t, 2).Recipient(), "junk")
	f.register(4, minBond)
	f.hand(3, 4)
	require.Empty(t, f.sealedKey(4).RecipientHash)
	for range 2 {
		proven, err := f.report(4, nil)
		require.NoError(t, err)
		require.False(t, proven)
		f.hand(3, 4)
	}
	f.requireConvicted(1, false)
}
