package system

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/vault"
	"github.com/virusmap/virusmap/testutil/network"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// peerVault is a vault of the test's own in the private swarm of a supernode.
func peerVault(t *testing.T, supernode *network.Supernode) *vault.Vault {
	t.Helper()
	swarmKey, err := os.ReadFile(filepath.Join(supernode.Home, "swarm.key"))
	require.NoError(t, err)
	v, err := vault.Open(t.Context(), vault.Config{Dir: t.TempDir(), SwarmKey: swarmKey, Peers: supernode.Identity.Multiaddrs})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	return v
}

// seal seals content as a gateway does, and gives it out over the swarm.
func (w *world) seal(t *testing.T, v *vault.Vault, content []byte) samplestypes.Submission {
	t.Helper()
	published, err := w.chain.Supernodes().VaultKey(t.Context(), &supernodetypes.QueryVaultKeyRequest{})
	require.NoError(t, err)
	recipient, err := age.ParseHybridRecipient(published.VaultKey.Recipient)
	require.NoError(t, err)
	sealed, err := v.Seal(t.Context(), bytes.NewReader(content), recipient)
	require.NoError(t, err)
	return samplestypes.Submission{
		Sha256: sealed.SHA256[:], Kind: samplestypes.KIND_FILE, SizeBytes: uint64(sealed.Size),
		Sealing: samplestypes.Sealing{
			Cid: sealed.CID.Bytes(), SizeBytes: uint64(sealed.CipherSize), KeyCommitment: sealed.KeyCommitment[:],
			StorageRoot: sealed.StorageRoot[:], VaultEpoch: published.VaultKey.Epoch,
		},
	}
}

// register submits a sample to the chain without any gateway.
func (w *world) register(t *testing.T, submission samplestypes.Submission) {
	t.Helper()
	_, err := w.chain.Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{&samplestypes.MsgSubmitSamples{
		Submitter: w.chain.Address().String(), Samples: []samplestypes.Submission{submission},
	}}})
	require.NoError(t, err)
}

func (w *world) supply(t *testing.T) math.Int {
	t.Helper()
	found, err := banktypes.NewQueryClient(w.chain.Conn()).SupplyOf(t.Context(), &banktypes.QuerySupplyOfRequest{Denom: "uvmt"})
	require.NoError(t, err)
	return found.Amount.Amount
}

// What only the submitter has is fetched over the private swarm and judged.
func TestSubmissionWithoutAGateway(t *testing.T) {
	w := sharedWorld(t)
	content := freshText("sealed by its contributor")
	w.register(t, w.seal(t, peerVault(t, w.Supernodes[0]), content))
	requireUndetected(t, w.waitFinal(t, hashOf(content)))
	require.Equal(t, w.chain.Address().String(), w.record(t.Context(), hashOf(content)).Contributor)
	require.Equal(t, "clean", w.report(t, hashOf(content)).VirusMap.Outcome, "the gateway tells of it too")
}

// Nobody is to blame for content that nobody has: no outcome, and the deposit comes back.
func TestContentThatNobodyHas(t *testing.T) {
	w := sharedWorld(t)
	submission := w.seal(t, peerVault(t, w.Supernodes[0]), freshText("kept back"))
	submission.Sha256 = random(t)
	hash, err := multihash.Encode(random(t), multihash.SHA2_256)
	require.NoError(t, err)
	submission.Sealing.Cid = cid.NewCidV1(cid.DagProtobuf, hash).Bytes()
	before := w.supply(t)
	w.register(t, submission)

	sha256 := hexOf(submission.Sha256)
	report := w.waitFinal(t, sha256)
	require.Equal(t, verdictstypes.OUTCOME_UNDETERMINED, report.Outcome)
	for _, verdict := range report.Verdicts {
		require.Contains(t, []verdictstypes.Category{verdictstypes.CATEGORY_FAILURE, verdictstypes.CATEGORY_TIMEOUT},
			verdict.Category, verdict.Engine)
	}
	require.Equal(t, before, w.supply(t))
	require.True(t, w.record(t.Context(), sha256).Deposit.IsZero())
	require.Equal(t, "undetermined", w.report(t, sha256).VirusMap.Outcome)
	w.requireHealthy(t)
}

// A submission that does not hold what it promises costs its deposit.
func TestCiphertextThatIsNotAsPromised(t *testing.T) {
	w := sharedWorld(t)
	v := peerVault(t, w.Supernodes[0])
	for name, lie := range map[string]func(*samplestypes.Submission){
		"another hash":           func(s *samplestypes.Submission) { s.Sha256 = random(t) },
		"another key commitment": func(s *samplestypes.Submission) { s.Sealing.KeyCommitment = random(t) },
		"another storage root":   func(s *samplestypes.Submission) { s.Sealing.StorageRoot = random(t) },
		"another size":           func(s *samplestypes.Submission) { s.SizeBytes++ },
	} {
		t.Run(name, func(t *testing.T) {
			submission := w.seal(t, v, freshText(name))
			lie(&submission)
			params, err := w.chain.Samples().Params(t.Context(), &samplestypes.QueryParamsRequest{})
			require.NoError(t, err)
			before := w.supply(t)
			w.register(t, submission)

			sha256 := hexOf(submission.Sha256)
			report := w.waitFinal(t, sha256)
			require.Equal(t, verdictstypes.OUTCOME_INVALID, report.Outcome)
			for _, verdict := range report.Verdicts {
				require.Equal(t, verdictstypes.CATEGORY_UNDECRYPTABLE, verdict.Category, verdict.Engine)
			}
			require.Equal(t, samplestypes.STATUS_INVALID, w.record(t.Context(), sha256).Status)
			require.Equal(t, params.Params.Deposit.Amount.String(), before.Sub(w.supply(t)).String(), "burned")
			require.Equal(t, "invalid", w.report(t, sha256).VirusMap.Outcome)
		})
	}
	w.requireHealthy(t)
}

// A bad submission of a hash does not keep the true file out.
func TestTrueFileAfterABadSubmission(t *testing.T) {
	w := sharedWorld(t)
	content := freshText("the true file")
	submission := w.seal(t, peerVault(t, w.Supernodes[0]), freshText("something else"))
	hash := sha256.Sum256(content)
	submission.Sha256 = hash[:]
	w.register(t, submission)
	require.Equal(t, verdictstypes.OUTCOME_INVALID, w.waitFinal(t, hashOf(content)).Outcome)
	require.Equal(t, "submitted", w.submit(t, sample(t, "true.txt", content)).Status)
	until(t, "the true outcome", func(context.Context) bool {
		return w.report(t, hashOf(content)).VirusMap.Outcome == "clean"
	})
}

func random(t *testing.T) []byte {
	t.Helper()
	bytes := make([]byte, 32)
	_, err := rand.Read(bytes)
	require.NoError(t, err)
	return bytes
}
