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

const deposit = int64(1_000_000) // the default parameter

func TestSubmitThroughGateway(t *testing.T) {
	f := newFixture(t)
	first, second := by(submission("first"), contributor), by(submission("second"), contributor)

	response, err := f.submit(gateway, first, second)
	require.NoError(t, err)
	require.Equal(t, &types.MsgSubmitSamplesResponse{Accepted: 2}, response)

	now := f.ctx.BlockTime().Unix()
	sample := f.sample(first.Sha256)
	require.Equal(t, types.Sample{
		Kind:            types.KIND_FILE,
		SizeBytes:       5,
		Sealing:         first.Sealing,
		Contributor:     contributor.String(),
		Gateway:         gateway.String(),
		Deposit:         sample.Deposit,
		SubmittedHeight: 1,
		SubmittedTime:   now,
		PriorityHeight:  1,
		Status:          types.STATUS_QUEUED,
		ExpiryTime:      now + 365*24*3600,
	}, sample)
	require.Equal(t, deposit, sample.Deposit.Int64())
	require.True(t, f.contributorHas(contributor, first.Sha256))

	require.Equal(t, startBalance-2*deposit, f.balance(gateway), "the gateway pays")
	require.Equal(t, 2*deposit, f.held(gateway))
	require.Equal(t, startBalance, f.balance(contributor))

	require.Equal(t, [][]byte{first.Sha256, second.Sha256}, f.queued.initial)
	require.Empty(t, f.queued.rescans)
	require.Equal(t, []*types.EventSubmitted{
		{Sha256: first.Sha256, Kind: types.KIND_FILE, Contributor: contributor.String(), Gateway: gateway.String()},
		{Sha256: second.Sha256, Kind: types.KIND_FILE, Contributor: contributor.String(), Gateway: gateway.String()},
	}, eventsOf[*types.EventSubmitted](f))
}

func TestSubmitByContributor(t *testing.T) {
	f := newFixture(t)
	unnamed, named := submission("unnamed"), by(submission("named"), contributor)
	f.mustSubmit(contributor, unnamed, named)

	for _, s := range []types.Submission{unnamed, named} {
		sample := f.sample(s.Sha256)
		require.Equal(t, contributor.String(), sample.Contributor)
		require.Empty(t, sample.Gateway)
		require.Equal(t, contributor.String(), sample.Payer())
	}
	require.Equal(t, 2*deposit, f.held(contributor))
}

func TestSubmitOneSendPerMessage(t *testing.T) {
	f := newFixture(t)
	f.freshEvents()
	f.mustSubmit(gateway, by(submission("a"), contributor), by(submission("b"), copier), submission("c"))
	transfers := 0
	for _, event := range f.ctx.EventManager().Events() {
		if event.Type == "transfer" {
			transfers++
		}
	}
	require.Equal(t, 1, transfers)
	require.Equal(t, 3*deposit, f.held(gateway))
}

func TestSubmitEdges(t *testing.T) {
	t.Run("empty file", func(t *testing.T) {
		f := newFixture(t)
		f.mustSubmit(contributor, submission(""))
	})
	t.Run("every kind", func(t *testing.T) {
		f := newFixture(t)
		for _, kind := range []types.Kind{types.KIND_FILE, types.KIND_URL, types.KIND_INTEL} {
			s := submission(kind.String())
			s.Kind = kind
			f.mustSubmit(contributor, s)
			require.Equal(t, kind, f.sample(s.Sha256).Kind)
		}
	})
	t.Run("largest file and message", func(t *testing.T) {
		f := newFixture(t)
		params, err := f.keeper.Params.Get(f.ctx)
		require.NoError(t, err)
		all := make([]types.Submission, 100)
		for i := range all {
			all[i] = submission(fmt.Sprint(i))
		}
		all[0].SizeBytes = params.MaxSizeBytes
		all[0].Sealing.SizeBytes = params.MaxSizeBytes + params.MaxSizeBytes/(64<<10)*16 + 2300
		response, err := f.submit(contributor, all...)
		require.NoError(t, err)
		require.Equal(t, uint32(100), response.Accepted)
		require.Equal(t, 100*deposit, f.held(contributor))
	})
	t.Run("no deposit", func(t *testing.T) {
		f := newFixture(t)
		f.setParams(func(p *types.Params) { p.Deposit = sdk.NewInt64Coin(types.Denom, 0) })
		poor := account("owns nothing")
		f.mustSubmit(poor, submission("free"))
		require.True(t, f.sample(submission("free").Sha256).Deposit.IsZero())
	})
	t.Run("UnixFS directory codec", func(t *testing.T) {
		f := newFixture(t)
		s := submission("chunked")
		s.Sealing.Cid = recoded(t, s.Sealing.Cid, cid.DagProtobuf)
		f.mustSubmit(contributor, s)
	})
}

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

func TestSubmitKnownHashIsHarmless(t *testing.T) {
	f := newFixture(t)
	known := by(submission("known"), contributor)
	f.mustSubmit(gateway, known)
	for _, status := range []types.Status{
		types.STATUS_QUEUED, types.STATUS_SCANNING, types.STATUS_FINAL, types.STATUS_INVALID, types.STATUS_BLOCKED,
	} {
		f.reach(status, status.String())
	}
	before := f.export()
	f.freshEvents()
	f.queued.initial = nil
	paid := f.balance(gateway)

	for _, status := range types.Status_name {
		if status == types.STATUS_UNSPECIFIED.String() {
			continue
		}
		response, err := f.submit(gateway, submission(status))
		require.NoError(t, err, status)
		require.Equal(t, &types.MsgSubmitSamplesResponse{Known: 1}, response, status)
	}
	// From somebody else, in another sealing.
	other := by(known, copier)
	other.Sealing = sealing("known", "another file key")
	response, err := f.submit(copier, other)
	require.NoError(t, err)
	require.Equal(t, uint32(1), response.Known)

	require.Equal(t, before, f.export())
	require.Equal(t, paid, f.balance(gateway))
	require.Equal(t, startBalance, f.balance(copier))
	require.Empty(t, f.queued.initial)
	require.Empty(t, f.ctx.EventManager().Events())

	response, err = f.submit(gateway, known, submission("fresh"))
	require.NoError(t, err)
	require.Equal(t, &types.MsgSubmitSamplesResponse{Accepted: 1, Known: 1}, response)
	require.Equal(t, paid-deposit, f.balance(gateway), "only what is new costs a deposit")
}

// Somebody may submit the hash of a content over junk before its owner does. That costs
// a deposit and must not keep the content out.
func TestSubmitReplacesAnInvalidRecord(t *testing.T) {
	f := newFixture(t)
	junk := submission("content")
	junk.Sealing = sealing("content", "junk in its place")
	f.mustSubmit(copier, junk)
	f.begin(1, junk.Sha256)
	f.conclude(false, junk.Sha256)
	require.Equal(t, startBalance-deposit, f.balance(copier), "burned")
	f.endBlock(1, 1)

	good := submission("content")
	response, err := f.submit(contributor, good)
	require.NoError(t, err)
	require.Equal(t, uint32(1), response.Accepted)

	sample := f.sample(good.Sha256)
	require.Equal(t, types.STATUS_QUEUED, sample.Status)
	require.Equal(t, contributor.String(), sample.Contributor)
	require.Equal(t, good.Sealing, sample.Sealing)
	require.Equal(t, int64(2), sample.SubmittedHeight)
	require.Zero(t, sample.Round)
	require.False(t, f.contributorHas(copier, good.Sha256))
	require.Equal(t, [][]byte{good.Sha256, good.Sha256}, f.queued.initial)
	_, err = f.keeper.ByCID.Get(f.ctx, junk.Sealing.Cid)
	require.Error(t, err, "the junk's CID is free again")
	require.Equal(t, deposit, f.held(contributor))
}

func recoded(t *testing.T, data []byte, codec uint64) []byte {
	t.Helper()
	id, err := cid.Cast(data)
	require.NoError(t, err)
	return cid.NewCidV1(codec, id.Hash()).Bytes()
}
