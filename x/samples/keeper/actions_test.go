package keeper_test

import (
	"context"
	"crypto/sha256"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// account is the address of a role.
func account(role string) sdk.AccAddress {
	hash := sha256.Sum256([]byte(role))
	return hash[:20]
}

// submission describes a content as a gateway would after sealing it.
func submission(content string) types.Submission {
	hash := sha256.Sum256([]byte(content))
	return types.Submission{
		Sha256:    hash[:],
		Kind:      types.KIND_FILE,
		SizeBytes: uint64(len(content)),
		Sealing:   sealing(content, "first file key"),
	}
}

// sealing is the age file of a content under a file key: another key, another file.
func sealing(content, fileKey string) types.Sealing {
	digest := func(part string) []byte {
		hash := sha256.Sum256([]byte(part + content + fileKey))
		return hash[:]
	}
	multihashed, err := multihash.Encode(digest("ciphertext"), multihash.SHA2_256)
	if err != nil {
		panic(err)
	}
	return types.Sealing{
		Cid:           cid.NewCidV1(cid.Raw, multihashed).Bytes(),
		SizeBytes:     uint64(len(content)) + 2300,
		KeyCommitment: digest("commitment"),
		StorageRoot:   digest("root"),
		VaultEpoch:    vaultEpoch,
	}
}

// by credits an account with a submission.
func by(s types.Submission, contributor sdk.AccAddress) types.Submission {
	s.Contributor = contributor.String()
	return s
}

// opening opens a claim with a submission.
func opening(s types.Submission, salt []byte) types.Submission {
	s.ClaimSalt = salt
	return s
}

// tx runs a handler as a transaction: its writes and events stay only if it succeeds.
func (f *fixture) tx(run func(ctx context.Context) error) error {
	ctx, write := f.ctx.CacheContext()
	err := run(ctx)
	if err == nil {
		write()
	}
	return err
}

func (f *fixture) submit(submitter sdk.AccAddress, samples ...types.Submission) (response *types.MsgSubmitSamplesResponse, err error) {
	err = f.tx(func(ctx context.Context) (err error) {
		response, err = f.msgs.SubmitSamples(ctx, &types.MsgSubmitSamples{Submitter: submitter.String(), Samples: samples})
		return err
	})
	return response, err
}

func (f *fixture) mustSubmit(submitter sdk.AccAddress, samples ...types.Submission) {
	f.t.Helper()
	_, err := f.submit(submitter, samples...)
	require.NoError(f.t, err)
}

func (f *fixture) claim(claimant sdk.AccAddress, hashes ...[]byte) error {
	return f.tx(func(ctx context.Context) error {
		_, err := f.msgs.ClaimSubmissions(ctx, &types.MsgClaimSubmissions{Claimant: claimant.String(), Hashes: hashes})
		return err
	})
}

func (f *fixture) rescan(requester sdk.AccAddress, sha256 []byte) error {
	return f.tx(func(ctx context.Context) error {
		_, err := f.msgs.RequestRescan(ctx, &types.MsgRequestRescan{Requester: requester.String(), Sha256: sha256})
		return err
	})
}

func (f *fixture) takeDown(sha256 []byte) error {
	return f.tx(func(ctx context.Context) error {
		_, err := f.msgs.BlockSample(ctx, &types.MsgBlockSample{Authority: authority.String(), Sha256: sha256, Reason: "court order"})
		return err
	})
}

func (f *fixture) begin(round uint64, hashes ...[]byte) {
	f.t.Helper()
	for _, hash := range hashes {
		require.NoError(f.t, f.keeper.BeginScan(f.ctx, hash, round))
	}
}

func (f *fixture) conclude(valid bool, hashes ...[]byte) {
	f.t.Helper()
	conclusions := make([]types.Conclusion, 0, len(hashes))
	for _, hash := range hashes {
		conclusions = append(conclusions, types.Conclusion{SHA256: hash, Valid: valid, Opened: valid})
	}
	require.NoError(f.t, f.keeper.Conclude(f.ctx, conclusions))
}

// reach brings a fresh sample of the contributor to a status and gives its hash.
func (f *fixture) reach(status types.Status, content string) []byte {
	f.t.Helper()
	sample := submission(content)
	f.mustSubmit(contributor, sample)
	hash := sample.Sha256
	switch status {
	case types.STATUS_QUEUED:
	case types.STATUS_SCANNING:
		f.begin(1, hash)
	case types.STATUS_FINAL, types.STATUS_INVALID:
		f.begin(1, hash)
		f.conclude(status == types.STATUS_FINAL, hash)
	case types.STATUS_BLOCKED:
		require.NoError(f.t, f.takeDown(hash))
	}
	return hash
}
