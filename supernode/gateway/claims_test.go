package gateway

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// opens tells at what height the claim was made that a submission opens.
func (c *scriptedChain) opens(t *testing.T, s samplestypes.Submission) (height int64, found bool) {
	t.Helper()
	contributor := c.Address()
	if s.Contributor != "" {
		contributor = sdk.MustAccAddressFromBech32(s.Contributor)
	}
	height, found = c.claims[string(samplestypes.ClaimHash(s.Sha256, contributor, s.ClaimSalt))]
	return height, found
}

func TestEverySubmissionOpensAnEarlierClaim(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("for the gateway's own account")).resource(t)
	n.upload(t, field{"contributor", "", operator(3)}, file("for somebody")).resource(t)
	n.submitting(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 2 }, "submitted")
	n.chain.set(func() {
		for _, s := range n.chain.submissions {
			height, found := n.chain.opens(t, s)
			require.True(t, found)
			require.Less(t, height, n.chain.samples[hex.EncodeToString(s.Sha256)].SubmittedHeight)
		}
	})
	require.Equal(t, 2.0, countOf(t, n.metrics.claimed))
}

func TestSaltsAreSecretAndLast(t *testing.T) {
	secret, hash := bytes.Repeat([]byte{1}, ClaimSecretBytes), bytes.Repeat([]byte{2}, 32)
	one, two := sdk.MustAccAddressFromBech32(operator(1)), sdk.MustAccAddressFromBech32(operator(2))
	salt := claimSalt(secret, hash, one)
	require.Len(t, salt, samplestypes.ClaimSaltBytes)
	require.Equal(t, salt, claimSalt(secret, hash, one))
	require.NotEqual(t, salt, claimSalt(secret, hash, two))
	require.NotEqual(t, salt, claimSalt(secret, bytes.Repeat([]byte{3}, 32), one))
	require.NotEqual(t, salt, claimSalt(bytes.Repeat([]byte{4}, ClaimSecretBytes), hash, one))
}

func TestClaimsCanBeSwitchedOff(t *testing.T) {
	n := startNode(t, func(cfg *Config, deps *Deps) { cfg.Claims, deps.ClaimSecret = false, nil })
	n.upload(t, file("content")).resource(t)
	n.submitting(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "submitted")
	require.Empty(t, n.chain.accepted()[0].ClaimSalt)
	n.chain.set(func() { require.Empty(t, n.chain.claims) })
}

func TestClaimsNeedASecret(t *testing.T) {
	_, err := New(DefaultConfig(), Deps{ClaimSecret: []byte("short")})
	require.ErrorContains(t, err, "claim secret of 5 bytes")
}

// TestNothingIsShownBeforeItsClaim: while claims do not get through, no submission leaves.
func TestNothingIsShownBeforeItsClaim(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	n.chain.refuseClaims = errors.New("node is away")
	n.upload(t, file("content")).resource(t)
	n.submitting(t)
	eventually(t, func() bool { return countOf(t, n.metrics.retried) >= 2 }, "tried")
	n.chain.set(func() {
		require.Empty(t, n.chain.opened)
		n.chain.refuseClaims = nil
	})
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "submitted in the end")
}

// TestABatchThatComesAgainIsNotClaimedAgain stops a gateway between claim and submission.
func TestABatchThatComesAgainIsNotClaimedAgain(t *testing.T) {
	t.Parallel()
	first := startNode(t, nil)
	first.chain.refuse = func(samplestypes.Submission) error { return errors.New("connection refused") }
	first.upload(t, file("content")).resource(t)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- first.Submit(ctx) }()
	eventually(t, func() bool { return countOf(t, first.metrics.retried) >= 2 }, "tried twice")
	stop()
	require.NoError(t, <-done)
	first.stop()

	first.chain.refuse = nil
	second := startNodeAt(t, first.dir, first.chain, nil)
	second.submitting(t)
	eventually(t, func() bool { return len(second.chain.accepted()) == 1 }, "submitted")
	second.chain.set(func() {
		require.Equal(t, 1, second.chain.claimBroadcasts)
		_, found := second.chain.opens(t, second.chain.submissions[0])
		require.True(t, found, "the salt is the one from before the restart")
	})
}

func TestTooManyClaimsForOneMessageAreSplit(t *testing.T) {
	n := startNode(t, nil)
	n.chain.params.MaxSamplesPerMsg = 4
	for i := range 10 {
		n.upload(t, file(fmt.Sprint("content ", i))).resource(t)
	}
	n.submitting(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 10 }, "all submitted")
	n.chain.set(func() { require.Len(t, n.chain.claims, 10) })
}

// TestOwnClaimIsOpened: who does not trust the gateway claims before, and it does not.
func TestOwnClaimIsOpened(t *testing.T) {
	n := startNode(t, nil)
	salt := bytes.Repeat([]byte{7}, samplestypes.ClaimSaltBytes)
	n.upload(t, field{"contributor", "", operator(3)}, field{"claim_salt", "", hex.EncodeToString(salt)}, file("content")).resource(t)
	n.submitting(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "submitted")
	require.Equal(t, salt, n.chain.accepted()[0].ClaimSalt)
	n.chain.set(func() { require.Empty(t, n.chain.claims) })
}

func recordOf(t *testing.T, real *realChain, content string) samplestypes.Sample {
	t.Helper()
	real.mu.Lock()
	defer real.mu.Unlock()
	sample, err := real.chain.App.SamplesKeeper.Get(real.chain.Context(), mustHash(t, hexOf(content)))
	require.NoError(t, err)
	return sample
}

// TestCopierHasNothing: a thief who sees a submission in the mempool gets the same into a
// block before it, with itself as the contributor.
func TestCopierHasNothing(t *testing.T) {
	t.Parallel()
	for name, claims := range map[string]bool{"with claims": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			var thief *chaintest.Account
			n, real := startRealChainWith(t, func(cfg *Config, real *realChain) {
				cfg.Claims = claims
				thief = real.chain.Accounts[1]
				real.before = func(tx chain.Tx) {
					seen, ok := tx.Msgs[0].(*samplestypes.MsgSubmitSamples)
					if !ok {
						return
					}
					copied := append([]samplestypes.Submission(nil), seen.Samples...)
					for i := range copied {
						copied[i].Contributor = ""
					}
					real.chain.Run(real.chain.Sign(thief, thief.Submit(copied...)))
				}
			})
			n.submitting(t)
			n.upload(t, field{"contributor", "", operator(3)}, file("content")).resource(t)
			eventually(t, func() bool { return n.queued(t) == 0 }, "submitted")
			sample := recordOf(t, real, "content")
			if !claims {
				require.Equal(t, thief.Address.String(), sample.Contributor, "what claims are against")
				return
			}
			require.Equal(t, operator(3), sample.Contributor)
			require.Equal(t, thief.Address.String(), sample.Gateway, "it even paid the deposit")
			require.Equal(t, sample.SubmittedHeight-1, sample.PriorityHeight)
		})
	}
}

// TestAClaimCostsOneBlock counts the blocks between claim and submission.
func TestAClaimCostsOneBlock(t *testing.T) {
	t.Parallel()
	n, real := startRealChain(t)
	n.submitting(t)
	n.upload(t, file("content")).resource(t)
	eventually(t, func() bool { return n.queued(t) == 0 }, "submitted")
	sample := recordOf(t, real, "content")
	require.EqualValues(t, 1, sample.SubmittedHeight-sample.PriorityHeight)
}

// claimFor has a contributor claim a content, and returns the salt.
func (r *realChain) claimFor(t *testing.T, contributor sdk.AccAddress, content string) []byte {
	t.Helper()
	salt, claimant := bytes.Repeat([]byte{7}, samplestypes.ClaimSaltBytes), r.chain.Accounts[0]
	hash := samplestypes.ClaimHash(mustHash(t, hexOf(content)), contributor, salt)
	r.chain.Run(r.chain.Sign(claimant, &samplestypes.MsgClaimSubmissions{Claimant: claimant.Address.String(), Hashes: [][]byte{hash}}))
	return salt
}

// TestOlderClaimWinsInTheQueue: another user of the gateway was quicker to upload the file,
// and both wait in one batch.
func TestOlderClaimWinsInTheQueue(t *testing.T) {
	t.Parallel()
	n, real := startRealChain(t)
	salt := real.claimFor(t, sdk.MustAccAddressFromBech32(operator(3)), "content")
	n.upload(t, field{"contributor", "", operator(4)}, file("content")).resource(t)
	n.upload(t, field{"contributor", "", operator(3)}, field{"claim_salt", "", hex.EncodeToString(salt)}, file("content")).resource(t)
	n.submitting(t)
	eventually(t, func() bool { return n.queued(t) == 0 }, "submitted")
	require.Equal(t, operator(3), recordOf(t, real, "content").Contributor)
}

// TestCreditIsTakenBackFromADishonestGateway: it submitted a claimed file in its own name.
// The contributor brings the file to another gateway, which opens the claim.
func TestCreditIsTakenBackFromADishonestGateway(t *testing.T) {
	t.Parallel()
	n, real := startRealChain(t)
	dishonest, content := real.chain.Accounts[1], "content"
	contributor := sdk.MustAccAddressFromBech32(operator(3))
	salt := real.claimFor(t, contributor, content)
	real.chain.Run(real.chain.Sign(dishonest, dishonest.Submit(chaintest.Submission([]byte(content), 1))))
	require.Equal(t, dishonest.Address.String(), recordOf(t, real, content).Contributor)

	n.submitting(t)
	n.upload(t, field{"contributor", "", operator(3)}, field{"claim_salt", "", hex.EncodeToString(salt)}, file(content)).resource(t)
	eventually(t, func() bool { return recordOf(t, real, content).Contributor == operator(3) }, "taken back")
	require.True(t, n.vaultIsEmpty(t), "the content itself is not stored again")
}
