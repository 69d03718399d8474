package keeper_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// submission describes content as a gateway would after sealing it.
func submission(content string) samplestypes.Submission {
	digest := func(part string) []byte {
		sum := sha256.Sum256([]byte(part + content))
		return sum[:]
	}
	multihashed, err := multihash.Encode(digest("ciphertext"), multihash.SHA2_256)
	if err != nil {
		panic(err) // a 32-byte digest always fits
	}
	return samplestypes.Submission{
		Sha256: digest(""), Kind: samplestypes.KIND_FILE, SizeBytes: 100,
		Sealing: samplestypes.Sealing{
			Cid: cid.NewCidV1(cid.Raw, multihashed).Bytes(), SizeBytes: 2400,
			KeyCommitment: digest("key"), StorageRoot: digest("root"), VaultEpoch: 1,
		},
	}
}

// submit registers content for a contributor and returns its hash.
func (f *bountyFixture) submit(contributor sdk.AccAddress, content string) []byte {
	f.t.Helper()
	described := submission(content)
	_, err := f.submits.SubmitSamples(f.ctx, &samplestypes.MsgSubmitSamples{
		Submitter: contributor.String(), Samples: []samplestypes.Submission{described},
	})
	require.NoError(f.t, err)
	return described.Sha256
}

// conclude takes samples through a scan.
func (f *bountyFixture) conclude(valid bool, hashes ...[]byte) {
	f.t.Helper()
	for _, hash := range hashes {
		require.NoError(f.t, f.samples.BeginScan(f.ctx, hash, 1))
		require.NoError(f.t, f.samples.Conclude(f.ctx, []samplestypes.Conclusion{{SHA256: hash, Valid: valid, Opened: valid}}))
	}
}

func (f *bountyFixture) block(hash []byte) {
	f.t.Helper()
	_, err := f.submits.BlockSample(f.ctx, &samplestypes.MsgBlockSample{Authority: f.authority, Sha256: hash, Reason: "asked for by a court"})
	require.NoError(f.t, err)
}

// said is what the one engine of each operator answered, by operator; 0 is no attestation.
type said []verdictstypes.Category

// finalRound writes a final round over one sample as x/verdicts leaves it, opened at this
// height, in which the engine of each operator weighs what is given.
func (f *bountyFixture) finalRound(kind verdictstypes.RoundKind, hash []byte, outcome verdictstypes.Outcome, answers said, weights ...uint64) uint64 {
	f.t.Helper()
	number, err := f.verdicts.NextRound.Get(f.ctx)
	require.NoError(f.t, err)
	require.NoError(f.t, f.verdicts.NextRound.Set(f.ctx, number+1))
	table := verdictstypes.WeightTable{Epoch: number}
	for i, category := range answers {
		if category == verdictstypes.CATEGORY_UNSPECIFIED {
			continue
		}
		operator := f.operators[i]
		table.Rows = append(table.Rows, verdictstypes.EngineWeight{Operator: operator.String(), Engine: "av", Weight: weights[i]})
		vector := verdictstypes.NewVerdictVector("av", "1.0", nil, 0, []verdictstypes.Answer{{Category: category, Confidence: 8}})
		attestation := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{vector}, verdictstypes.NewFeatureVector([]string{"elf"}))
		require.NoError(f.t, f.verdicts.Attestations.Set(f.ctx, collections.Join(number, operator), attestation))
	}
	require.NoError(f.t, f.verdicts.Weights.Set(f.ctx, number, table))
	require.NoError(f.t, f.verdicts.MemberPages.Set(f.ctx, collections.Join(number, uint32(0)), hash))
	require.NoError(f.t, f.verdicts.History.Set(f.ctx, collections.Join(hash, number), uint32(outcome)))
	require.NoError(f.t, f.verdicts.Rounds.Set(f.ctx, number, verdictstypes.Round{
		Number: number, Kind: kind, Status: verdictstypes.ROUND_STATUS_FINAL, Epoch: number, Samples: 1,
		OpenedHeight: f.ctx.BlockHeight(), FinalHeight: f.ctx.BlockHeight() + 1, FinalTime: f.ctx.BlockTime().Unix(),
	}))
	return number
}

// judged is one member of a judgement.
type judged struct {
	hash     []byte
	truth    verdictstypes.Outcome
	features verdictstypes.SampleFeatures
}

// matching is a malicious member that everybody says matches the bounties.
func matching(hash []byte, bounties ...[]byte) judged {
	member := judged{hash: hash, truth: verdictstypes.OUTCOME_MALICIOUS}
	member.features = verdictstypes.SampleFeatures{AttestedWeight: 100, KeyedWeight: 100}
	slices.SortFunc(bounties, bytes.Compare)
	for _, bounty := range bounties {
		member.features.Matches = append(member.features.Matches, verdictstypes.MatchWeight{Bounty: bounty, Weight: 100})
	}
	return member
}

// with changes the truth.
func (j judged) with(truth verdictstypes.Outcome) judged {
	j.truth = truth
	return j
}

// judge hands in the judgement of a stage of three; 2 is the last.
func (f *bountyFixture) judge(stage uint32, members ...judged) {
	f.t.Helper()
	slices.SortFunc(members, func(a, b judged) int { return bytes.Compare(a.hash, b.hash) })
	source := verdictstypes.Round{
		Number: 1, Kind: verdictstypes.ROUND_KIND_INITIAL, Status: verdictstypes.ROUND_STATUS_FINAL,
		Rules: verdictstypes.RoundRules{SlicesPpm: []uint32{400_000, 300_000, 300_000}},
	}
	j := verdictstypes.Judgement{Source: source, Judge: source, Stage: stage, Last: stage == 2}
	for _, member := range members {
		j.Members = append(j.Members, member.hash)
		j.Truths = append(j.Truths, member.truth)
		j.Features = append(j.Features, member.features)
	}
	require.NoError(f.t, f.keeper.VerdictsHooks().AfterResolved(f.ctx, j))
	require.NoError(f.t, f.keeper.AllInvariants(f.ctx))
}

// claimWindow is how many blocks an older claim may still replace a contributor.
func (f *bountyFixture) claimWindow() int64 {
	f.t.Helper()
	window, err := f.samples.ClaimWindowBlocks(f.ctx)
	require.NoError(f.t, err)
	return int64(window)
}

func contents(name string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s %d", name, i)
	}
	return all
}

// twoEngines lets an operator say in a round of one sample that both its engines see malice.
func (f *bountyFixture) twoEngines(round uint64, operator sdk.AccAddress) {
	f.t.Helper()
	var vectors []verdictstypes.VerdictVector
	for _, engine := range []string{"av", "ml"} {
		vectors = append(vectors, verdictstypes.NewVerdictVector(engine, "1.0", nil, 0,
			[]verdictstypes.Answer{{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 8}}))
	}
	attestation := verdictstypes.NewAttestation(vectors, verdictstypes.NewFeatureVector([]string{"elf"}))
	require.NoError(f.t, f.verdicts.Attestations.Set(f.ctx, collections.Join(round, operator), attestation))
}

func (f *bountyFixture) queueExpiry(at int64, bounty []byte) {
	f.t.Helper()
	require.NoError(f.t, f.keeper.BountyExpiry.Set(f.ctx, collections.Join(at, bounty)))
}

func (f *bountyFixture) unqueueExpiry(at int64, bounty []byte) {
	f.t.Helper()
	require.NoError(f.t, f.keeper.BountyExpiry.Remove(f.ctx, collections.Join(at, bounty)))
}
