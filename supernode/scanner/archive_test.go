package scanner

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// waitArchived returns a round as a supernode keeps it.
func waitArchived(f *fixture, p *process, round uint64) (kept verdictstypes.RoundArchive) {
	f.t.Helper()
	f.eventually("archive", func() bool {
		var err error
		kept, err = p.Archived(f.t.Context(), round)
		return err == nil
	})
	return kept
}

func TestArchiveOutlivesPruningOnChain(t *testing.T) {
	if testing.Short() {
		t.Skip("the chain keeps a round for a minute at least")
	}
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 50, reveal: 50}), offline(t)
	o := f.operator(0, v, detecting("E"))
	p := o.start()
	sample := f.seal(v, "evil thing")
	f.submit(sample)
	round := f.report(sample).Round
	waitArchived(f, p, round.Number)

	require.Eventually(t, func() bool {
		response, err := f.gateway.Verdicts().Round(t.Context(), &verdictstypes.QueryRoundRequest{Number: round.Number})
		return err == nil && response.Round.Pruned
	}, 3*time.Minute, time.Second)
	_, err := f.gateway.Verdicts().Attestations(t.Context(), &verdictstypes.QueryAttestationsRequest{Round: round.Number})
	require.ErrorContains(t, err, "pruned")

	p.stop()
	p = o.start()
	kept, err := p.Archived(t.Context(), round.Number)
	require.NoError(t, err)
	require.Equal(t, round.Number, kept.Round.Number)
	require.Equal(t, round.AttestationsRoot, kept.Round.AttestationsRoot)
	require.Equal(t, sample.Sha256, kept.Members)
	require.Equal(t, o.account, kept.Attestations[0].Operator)
	require.Equal(t, "Test.E", kept.Attestations[0].Attestation.Vectors[0].Label(0))
	_, err = p.Archived(t.Context(), round.Number+100)
	require.ErrorIs(t, err, ErrNotArchived)
}

func TestRoundsThatFinishedDuringDowntimeAreArchived(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 2, rules{commit: 10, reveal: 10}), offline(t)
	o := f.operator(0, v, detecting("E"))
	p := o.start()
	f.engines(o.account, "E")
	key := f.vaultKey()
	p.stop()

	other := f.operator(1, v, detecting("E"))
	other.start()
	f.engines(other.account, "E")
	sample := f.seal(v, "evil thing")
	f.submit(sample)
	round := f.report(sample).Round
	require.EqualValues(t, 1, round.Attestations)
	require.Equal(t, o.account, key.Maker)

	p = o.start()
	kept := waitArchived(f, p, round.Number)
	require.Equal(t, round.Number, kept.Round.Number)
	require.Equal(t, round.AttestationsRoot, kept.Round.AttestationsRoot)
	require.Equal(t, other.account, kept.Attestations[0].Operator)

	// What is kept can be read while the scanner does not run.
	p.stop()
	archive, err := OpenArchive(t.Context(), o.cfg.Dir, f.node.ChainID(), v)
	require.NoError(t, err)
	defer archive.Close()
	again, err := archive.Round(t.Context(), round.Number)
	require.NoError(t, err)
	require.Equal(t, kept, again)
	_, err = archive.Round(t.Context(), round.Number+1)
	require.ErrorIs(t, err, ErrNotArchived)
}

func example() verdictstypes.RoundArchive {
	members := append(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)...)
	answers := []verdictstypes.Answer{{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: "Test.E"}, {Category: verdictstypes.CATEGORY_UNDETECTED}}
	features := verdictstypes.NewFeatureVector([]string{"elf", ""})
	features.KeySample(0, verdictstypes.SimilarityKeys{1: {1, 2, 3}})
	attestation := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{verdictstypes.NewVerdictVector("E", "1", nil, 0, answers)}, features)
	operator := chaintest.NewAccount("operator").Address
	leaf, err := verdictstypes.AttestationLeaf(operator, attestation)
	if err != nil {
		panic(err) // an attestation always marshals
	}
	return verdictstypes.RoundArchive{
		Round: verdictstypes.Round{
			Number: 7, Samples: 2, MembersRoot: verdictstypes.MembersRoot([][]byte{members[:32], members[32:]}),
			AttestationsRoot: verdictstypes.AttestationsRoot([][]byte{leaf}),
		},
		Members:      members,
		Attestations: []verdictstypes.SignedAttestation{{Operator: operator.String(), Attestation: attestation}},
	}
}

func TestArchiveThatDoesNotMatchItsRootsIsRefused(t *testing.T) {
	whole := example()
	data, err := whole.Marshal()
	require.NoError(t, err)
	_, err = decodeArchive(data)
	require.NoError(t, err)
	for want, spoil := range map[string]func(*verdictstypes.RoundArchive){
		"members of round 7 do not match":          func(a *verdictstypes.RoundArchive) { a.Members[0]++ },
		"have 63 bytes for 2 samples":              func(a *verdictstypes.RoundArchive) { a.Members = a.Members[1:] },
		"attestations of round 7 do not match":     func(a *verdictstypes.RoundArchive) { a.Attestations = nil },
		"attestations of round 7 do not match its": func(a *verdictstypes.RoundArchive) { a.Attestations[0].Attestation.Vectors[0].Version = "2" },
		"attestation 0 of round 7":                 func(a *verdictstypes.RoundArchive) { a.Attestations[0].Operator = "nobody" },
	} {
		kept := example()
		spoil(&kept)
		data, err := kept.Marshal()
		require.NoError(t, err)
		_, err = decodeArchive(data)
		require.ErrorContains(t, err, want)
	}
}

// Archives come from the swarm.
func FuzzDecodeArchive(f *testing.F) {
	whole := example()
	data, err := whole.Marshal()
	require.NoError(f, err)
	f.Add(data)
	f.Add(data[:len(data)-1])
	f.Add(data[1:])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		kept, err := decodeArchive(data)
		if err != nil {
			require.Zero(t, kept)
			return
		}
		again, err := kept.Marshal()
		require.NoError(t, err)
		same, err := decodeArchive(again)
		require.NoError(t, err)
		require.Equal(t, kept.Round.AttestationsRoot, same.Round.AttestationsRoot)
		require.Equal(t, kept.Members, same.Members)
	})
}
