package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"slices"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// ClaimSecretBytes is the length of the secret that the salts of claims come from.
const ClaimSecretBytes = 32

// claimSalt is HMAC-SHA256(secret, content hash || contributor). Being derived it needs no
// storage: the same submission opens the same claim after any crash.
func claimSalt(secret, contentSHA256 []byte, contributor sdk.AccAddress) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(contentSHA256)
	mac.Write(contributor)
	return mac.Sum(nil)
}

// claim hides in a block of its own who brought what, and gives the submissions the salts
// that open it: who copies a submission from the mempool then comes after the claim. A
// submission that opens a claim of its contributor's own is left as it is. again tells that
// the batch was tried before, so that its claims may be on chain already.
func (g *Gateway) claim(ctx context.Context, batch []samplestypes.Submission, again bool) error {
	if !g.cfg.Claims {
		return nil
	}
	var hashes [][]byte
	for i := range batch {
		submission := &batch[i]
		contributor, err := g.contributorOf(*submission)
		if len(submission.ClaimSalt) > 0 || err != nil {
			continue // an address that cannot be read is for the chain to refuse
		}
		submission.ClaimSalt = claimSalt(g.deps.ClaimSecret, submission.Sha256, contributor)
		hash := samplestypes.ClaimHash(submission.Sha256, contributor, submission.ClaimSalt)
		made := false
		if again {
			if made, err = g.deps.Chain.HasClaim(ctx, hash); err != nil {
				return err
			}
		}
		if !made {
			hashes = append(hashes, hash)
		}
	}
	return g.broadcastClaims(ctx, hashes)
}

// broadcastClaims returns when all claims are in a block.
func (g *Gateway) broadcastClaims(ctx context.Context, hashes [][]byte) error {
	if len(hashes) == 0 {
		return nil
	}
	var tx chain.Tx
	for some := range slices.Chunk(hashes, perMessage) {
		tx.Msgs = append(tx.Msgs, &samplestypes.MsgClaimSubmissions{Claimant: g.deps.Chain.Address().String(), Hashes: some})
	}
	_, err := g.deps.Chain.Broadcast(ctx, tx)
	switch {
	case err == nil:
		g.metrics.claimed.Add(float64(len(hashes)))
		return nil
	case !refusedForGood(err) || len(hashes) == 1:
		return err
	}
	// The chain may take fewer in one message than a batch has.
	half := len(hashes) / 2
	return errors.Join(g.broadcastClaims(ctx, hashes[:half]), g.broadcastClaims(ctx, hashes[half:]))
}

// contributorOf is who the chain will credit: the gateway's own account when nobody is named.
func (g *Gateway) contributorOf(submission samplestypes.Submission) (sdk.AccAddress, error) {
	if submission.Contributor == "" {
		return g.deps.Chain.Address(), nil
	}
	return samplestypes.ParseAddress("contributor", submission.Contributor)
}
