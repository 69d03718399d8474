package keeper_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/samples/types"
)

func TestSubmitRefusals(t *testing.T) {
	long := strings.Repeat("x", 33)
	for name, test := range map[string]struct {
		submitter string // default: the gateway
		change    func(t *testing.T, s *types.Submission)
		samples   []types.Submission // instead of change
		want      error
		says      string
	}{
		"no submitter":      {submitter: "nobody", want: sdkerrors.ErrInvalidAddress, says: "submitter"},
		"foreign submitter": {submitter: "cosmos1zcjduepq", want: sdkerrors.ErrInvalidAddress, says: "submitter"},
		"no samples":        {samples: []types.Submission{}, want: types.ErrCount, says: "samples: 0, want 1..100"},
		"too many samples":  {samples: make([]types.Submission, 101), want: types.ErrCount, says: "samples: 101, want 1..100"},
		"same hash twice": {
			samples: []types.Submission{submission("a"), submission("b"), submission("a")},
			want:    types.ErrDuplicate, says: "samples[2].sha256",
		},
		"short hash": {
			change: func(_ *testing.T, s *types.Submission) { s.Sha256 = s.Sha256[:31] },
			want:   types.ErrInvalidHash, says: "samples[0]: sha256: 31 bytes, want 32",
		},
		"no kind": {
			change: func(_ *testing.T, s *types.Submission) { s.Kind = types.KIND_UNSPECIFIED },
			want:   types.ErrInvalidSubmission, says: "kind",
		},
		"unknown kind": {
			change: func(_ *testing.T, s *types.Submission) { s.Kind = 99 },
			want:   types.ErrInvalidSubmission, says: "kind: 99",
		},
		"too large": {
			change: func(_ *testing.T, s *types.Submission) { s.SizeBytes = 650<<20 + 1 },
			want:   types.ErrInvalidSubmission, says: "size_bytes: 681574401, at most 681574400",
		},
		"bad contributor": {
			change: func(_ *testing.T, s *types.Submission) { s.Contributor = "somebody" },
			want:   sdkerrors.ErrInvalidAddress, says: "samples[0]: contributor",
		},
		"contributor longer than any account": {
			change: func(_ *testing.T, s *types.Submission) { s.Contributor = sdk.AccAddress(long).String() },
			want:   sdkerrors.ErrInvalidAddress, says: "contributor: 33 bytes, at most 32",
		},
		"short salt": {
			change: func(_ *testing.T, s *types.Submission) { s.ClaimSalt = make([]byte, 16) },
			want:   types.ErrInvalidSubmission, says: "claim_salt: 16 bytes, want 0 or 32",
		},
		"no CID": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing.Cid = nil },
			want:   types.ErrInvalidCID, says: "sealing: cid: 0 bytes, want 1..64",
		},
		"long CID": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing.Cid = make([]byte, 65) },
			want:   types.ErrInvalidCID, says: "65 bytes",
		},
		"CIDv0": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing.Cid = s.Sealing.Cid[2:] },
			want:   types.ErrInvalidCID, says: "version 0, want 1",
		},
		"codec of another kind": {
			change: func(t *testing.T, s *types.Submission) { s.Sealing.Cid = recoded(t, s.Sealing.Cid, cid.DagCBOR) },
			want:   types.ErrInvalidCID, says: "codec 0x71",
		},
		"another hash function": {
			change: func(t *testing.T, s *types.Submission) {
				hash, err := multihash.Sum(s.Sha256, multihash.SHA2_512, -1)
				require.NoError(t, err)
				s.Sealing.Cid = cid.NewCidV1(cid.Raw, hash).Bytes()[:4+64]
			},
			want: types.ErrInvalidCID, says: "68 bytes",
		},
		"shortened digest": {
			change: func(t *testing.T, s *types.Submission) {
				hash, err := multihash.Sum(s.Sha256, multihash.SHA2_256, 20)
				require.NoError(t, err)
				s.Sealing.Cid = cid.NewCidV1(cid.Raw, hash).Bytes()
			},
			want: types.ErrInvalidCID, says: "of 20 bytes, want sha2-256 (0x12) of 32",
		},
		"bytes after the CID": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing.Cid = append(s.Sealing.Cid, 0) },
			want:   types.ErrInvalidCID, says: "trailing bytes",
		},
		"short key commitment": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing.KeyCommitment = nil },
			want:   types.ErrInvalidSubmission, says: "sealing: key_commitment: 0 bytes, want 32",
		},
		"long storage root": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing.StorageRoot = []byte(long) },
			want:   types.ErrInvalidSubmission, says: "sealing: storage_root: 33 bytes, want 32",
		},
		"no ciphertext": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing.SizeBytes = 0 },
			want:   types.ErrInvalidSubmission, says: "sealing: size_bytes",
		},
		"ciphertext too small to hold the plaintext": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing.SizeBytes = s.SizeBytes + 32 },
			want:   types.ErrInvalidSubmission, says: "sealing: size_bytes",
		},
		"ciphertext with too much around the plaintext": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing.SizeBytes = 1 << 20 },
			want:   types.ErrInvalidSubmission, says: "sealing: size_bytes",
		},
		"epoch without a vault key": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing.VaultEpoch = vaultEpoch + 1 },
			want:   types.ErrNoVaultKey, says: "samples[0].sealing.vault_epoch: 8",
		},
		"CID of a known sample": {
			change: func(_ *testing.T, s *types.Submission) { s.Sealing = submission("known").Sealing },
			want:   types.ErrCIDTaken, says: fmt.Sprintf("sealing.cid: sample %x has it", submission("known").Sha256),
		},
		"CID twice in one message": {
			samples: func() []types.Submission {
				a, b := submission("aaaaa"), submission("bbbbb")
				b.Sealing = a.Sealing
				return []types.Submission{a, b}
			}(),
			want: types.ErrCIDTaken, says: "samples[1]: sealing.cid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.mustSubmit(gateway, submission("known"))
			before, hooks := f.export(), len(f.queued.initial)

			msg := &types.MsgSubmitSamples{Submitter: gateway.String(), Samples: []types.Submission{submission("fresh")}}
			if test.submitter != "" {
				msg.Submitter = test.submitter
			}
			if test.change != nil {
				test.change(t, &msg.Samples[0])
			}
			if test.samples != nil {
				msg.Samples = test.samples
			}
			err := f.tx(func(ctx context.Context) error {
				_, err := f.msgs.SubmitSamples(ctx, msg)
				return err
			})
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.says)
			require.Equal(t, before, f.export(), "nothing may be half-written")
			require.Equal(t, startBalance-deposit, f.balance(gateway))
			if name != "CID twice in one message" {
				require.Len(t, f.queued.initial, hooks)
			}
		})
	}
}

func TestSubmitWithoutFunds(t *testing.T) {
	f := newFixture(t)
	poor := account("owns less than a deposit")
	f.fund(poor, deposit-1)
	before := f.export()
	_, err := f.submit(poor, submission("unpaid"))
	require.ErrorIs(t, err, sdkerrors.ErrInsufficientFunds)
	require.Equal(t, before, f.export())
	require.Equal(t, deposit-1, f.balance(poor))
}

func TestSubmitFailsWithItsHook(t *testing.T) {
	f := newFixture(t)
	f.queued.err = errors.New("no room in the queue")
	before := f.export()
	_, err := f.submit(contributor, submission("unqueued"))
	require.ErrorContains(t, err, "no room in the queue")
	require.Equal(t, before, f.export())
	require.Equal(t, startBalance, f.balance(contributor))
}

// recoded is the same CID with another codec.
func recoded(t *testing.T, data []byte, codec uint64) []byte {
	t.Helper()
	id, err := cid.Cast(data)
	require.NoError(t, err)
	return cid.NewCidV1(codec, id.Hash()).Bytes()
}
