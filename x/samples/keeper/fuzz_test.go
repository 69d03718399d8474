package keeper_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// FuzzLifecycle runs any sequence of messages, rounds and blocks over a few samples and
// accounts. Whatever happens, a refused operation changes nothing, no coin appears or
// vanishes other than by the burn of an INVALID sample, and the invariants hold.
func FuzzLifecycle(f *testing.F) {
	f.Add([]byte{0, 0, 4, 0, 6, 0, 9, 0})                 // submit, begin, conclude, expire
	f.Add([]byte{0, 0, 4, 0, 7, 0, 1, 4, 4, 0, 6, 0})     // junk gives way
	f.Add([]byte{2, 1, 8, 0, 0, 8, 3, 1, 4, 0, 6, 0})     // claim, copy, open
	f.Add([]byte{0, 2, 4, 2, 10, 2, 9, 0, 6, 2, 5, 2})    // block in a round, expire
	f.Add([]byte{0, 3, 4, 3, 6, 3, 11, 3, 5, 3, 4, 3, 0}) // rescan, abort
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 200 {
			t.Skip("longer scripts show nothing more")
		}
		c := newFixture(t)
		c.setParams(func(p *types.Params) { p.MaxExpiriesPerBlock, p.ClaimWindowBlocks = 2, 3 })
		supply := c.supply()
		for ; len(script) >= 2; script = script[2:] {
			before, burned := c.export(), int64(0)
			err := c.tx(func(ctx context.Context) (err error) {
				burned, err = c.step(ctx, script[0], script[1])
				return err
			})
			if err != nil {
				require.Equal(t, before, c.export())
			} else {
				supply -= burned
			}
			require.Equal(t, supply, c.supply())
			require.NoError(t, c.keeper.AllInvariants(c.ctx))
		}
	})
}

// step runs one operation; arg picks the content, the account and the file key. It gives
// what the operation must have burned.
func (f *fixture) step(ctx context.Context, operation, arg byte) (burned int64, err error) {
	content := fmt.Sprint("content ", arg&3)
	fileKey := fmt.Sprint("key ", arg>>2&1)
	who := []sdk.AccAddress{contributor, copier, gateway}[int(arg>>3)%3]
	s := by(submission(content), who)
	s.Sealing = sealing(content, fileKey)
	hash := s.Sha256
	submit := func(submitter sdk.AccAddress, s types.Submission) error {
		_, err := f.msgs.SubmitSamples(ctx, &types.MsgSubmitSamples{Submitter: submitter.String(), Samples: []types.Submission{s}})
		return err
	}
	switch operation % 12 {
	case 0:
		return 0, submit(who, s)
	case 1:
		return 0, submit(gateway, s)
	case 2:
		_, err := f.msgs.ClaimSubmissions(ctx, &types.MsgClaimSubmissions{
			Claimant: who.String(), Hashes: [][]byte{claimOn(content, who)},
		})
		return 0, err
	case 3:
		return 0, submit(who, opening(s, salt))
	case 4:
		return 0, f.keeper.BeginScan(ctx, hash, uint64(arg)+1)
	case 5:
		return 0, f.keeper.AbortScan(ctx, hash)
	case 6:
		return 0, f.keeper.Conclude(ctx, []types.Conclusion{{SHA256: hash, Valid: true}})
	case 7:
		if sample, err := f.keeper.Get(ctx, hash); err == nil && sample.Status == types.STATUS_SCANNING {
			burned = sample.Deposit.Int64()
		}
		return burned, f.keeper.Conclude(ctx, []types.Conclusion{{SHA256: hash}})
	case 8:
		f.endBlock(1+int64(arg&3), 1)
	case 9:
		f.endBlock(1, ttl)
		f.endBlock(1, 1)
	case 10:
		_, err := f.msgs.BlockSample(ctx, &types.MsgBlockSample{Authority: authority.String(), Sha256: hash, Reason: "x"})
		return 0, err
	case 11:
		_, err := f.msgs.RequestRescan(ctx, &types.MsgRequestRescan{Requester: who.String(), Sha256: hash})
		return 0, err
	}
	return 0, nil
}
