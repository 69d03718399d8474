package chaintest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// SeatedNodes returns the supernodes of the genesis that have a seat in the current
// epoch, in rank order.
func (c *Chain) SeatedNodes() []*Supernode {
	c.t.Helper()
	ctx := c.Context()
	epoch, err := c.App.SupernodeKeeper.CurrentEpoch(ctx)
	require.NoError(c.t, err)
	seats, err := c.App.SupernodeKeeper.Seats(ctx, epoch.Number)
	require.NoError(c.t, err)
	var seated []*Supernode
	for _, seat := range seats {
		for _, supernode := range c.Supernodes {
			if supernode.Operator.Address.String() == seat.Operator {
				seated = append(seated, supernode)
			}
		}
	}
	return seated
}

// PublishVaultKey makes the vault key of the current epoch and runs the message of
// the first-ranked supernode that publishes it. Samples can be submitted afterwards.
func (c *Chain) PublishVaultKey() {
	c.t.Helper()
	seated := c.SeatedNodes()
	require.NotEmpty(c.t, seated, "nobody is seated: run a block first")
	c.Run(c.Sign(seated[0].Sidecar, c.VaultKey(seated[0])))
}

// VaultKey is the message by which a supernode publishes a fresh key for the current epoch.
func (c *Chain) VaultKey(maker *Supernode) *supernodetypes.MsgPublishVaultKey {
	c.t.Helper()
	epoch, err := c.App.SupernodeKeeper.CurrentEpoch(c.Context())
	require.NoError(c.t, err)
	key, err := age.GenerateHybridIdentity()
	require.NoError(c.t, err)
	msg := &supernodetypes.MsgPublishVaultKey{
		Sidecar: maker.Sidecar.Address.String(), Operator: maker.Operator.Address.String(),
		Epoch: epoch.Number, Recipient: key.Recipient().String(),
	}
	for _, holder := range sortedByOperator(c.SeatedNodes()) {
		var sealed bytes.Buffer
		w, err := age.Encrypt(&sealed, holder.Identity.Recipient())
		require.NoError(c.t, err)
		_, err = w.Write([]byte(key.String()))
		require.NoError(c.t, err)
		require.NoError(c.t, w.Close())
		msg.Sealed = append(msg.Sealed, supernodetypes.SealedKey{
			Epoch: epoch.Number, Operator: holder.Operator.Address.String(), Sealed: sealed.Bytes(),
		})
	}
	return msg
}

// Submission describes content as a gateway would after sealing it for an epoch.
func Submission(content []byte, epoch uint64) samplestypes.Submission {
	sum := func(domain string, of []byte) []byte {
		hash := sha256.Sum256(append([]byte(domain), of...))
		return hash[:]
	}
	digest, err := multihash.Encode(sum("ciphertext", content), multihash.SHA2_256)
	if err != nil {
		panic(err) // a 32-byte digest always fits
	}
	ciphertext := Ciphertext(content)
	return samplestypes.Submission{
		Sha256: sum("", content), Kind: samplestypes.KIND_FILE, SizeBytes: uint64(len(content)),
		Sealing: samplestypes.Sealing{
			Cid: cid.NewCidV1(cid.DagProtobuf, digest).Bytes(),
			// An age file: header, nonce, chunks with a tag each.
			SizeBytes:     uint64(len(ciphertext)),
			KeyCommitment: sum("virusmap/file-key/v1", FileKey(content)), StorageRoot: StorageRoot(ciphertext), VaultEpoch: epoch,
		},
	}
}

// FileKey is the age file key with which a simulated gateway sealed content.
func FileKey(content []byte) []byte {
	hash := sha256.Sum256(append([]byte("file key"), content...))
	return hash[:16]
}

// Submissions describes n contents that no other seed has.
func Submissions(seed string, n int, epoch uint64) []samplestypes.Submission {
	all := make([]samplestypes.Submission, n)
	for i := range all {
		all[i] = Submission(fmt.Appendf(nil, "%s %d", seed, i), epoch)
	}
	return all
}

// Submit is the message that registers samples for the account itself.
func (a *Account) Submit(samples ...samplestypes.Submission) sdk.Msg {
	return &samplestypes.MsgSubmitSamples{Submitter: a.Address.String(), Samples: samples}
}

// RegisterEngine is the message that enters an engine under the supernode.
func (s *Supernode) RegisterEngine(name string) sdk.Msg {
	return &verdictstypes.MsgRegisterEngine{
		Sidecar: s.Sidecar.Address.String(), Operator: s.Operator.Address.String(), Name: name,
	}
}

// Answers gives what an engine says of each of n members of a round.
func Answers(n int, answer func(member int) verdictstypes.Answer) []verdictstypes.Answer {
	answers := make([]verdictstypes.Answer, n)
	for i := range answers {
		answers[i] = answer(i)
	}
	return answers
}

// Salt is the salt of a supernode's commitment in a round.
func (s *Supernode) Salt(round uint64) []byte {
	salt := sha256.Sum256(fmt.Appendf(nil, "%s %d", s.Operator.Address, round))
	return salt[:]
}

// Commit is the message that binds the supernode to an attestation.
func (s *Supernode) Commit(round uint64, attestation verdictstypes.Attestation) sdk.Msg {
	hash, err := verdictstypes.CommitmentHash(ChainID, round, s.Operator.Address, s.Salt(round), attestation)
	if err != nil {
		panic(err) // the salt has its right size, and an attestation always marshals
	}
	return &verdictstypes.MsgCommitAttestation{
		Sidecar: s.Sidecar.Address.String(), Operator: s.Operator.Address.String(), Round: round, Hash: hash,
	}
}

// Reveal is the message that opens the commitment.
func (s *Supernode) Reveal(round uint64, attestation verdictstypes.Attestation) sdk.Msg {
	return &verdictstypes.MsgRevealAttestation{
		Sidecar: s.Sidecar.Address.String(), Operator: s.Operator.Address.String(),
		Round: round, Salt: s.Salt(round), Attestation: attestation,
	}
}

func sortedByOperator(supernodes []*Supernode) []*Supernode {
	return slices.SortedFunc(slices.Values(supernodes), func(a, b *Supernode) int {
		return bytes.Compare(a.Operator.Address, b.Operator.Address)
	})
}
