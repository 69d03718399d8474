package scanner

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/wanted"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// wantedChain is a chain with these bounties.
type wantedChain struct {
	Chain
	bounties []bountytypes.Bounty
}

type wantedQuery struct {
	bountytypes.QueryClient
	chain wantedChain
}

func (c wantedChain) Bounties() bountytypes.QueryClient { return wantedQuery{chain: c} }

func (q wantedQuery) Bounties(_ context.Context, request *bountytypes.QueryBountiesRequest, _ ...grpc.CallOption) (*bountytypes.QueryBountiesResponse, error) {
	response := &bountytypes.QueryBountiesResponse{}
	for _, bounty := range q.chain.bounties {
		if bounty.Kind == request.Kind {
			response.Bounties = append(response.Bounties, bounty)
		}
	}
	return response, nil
}

// noBounties is a chain whose bounties cannot be read.
type noBounties struct{ Chain }

type noQuery struct{ bountytypes.QueryClient }

func (noBounties) Bounties() bountytypes.QueryClient { return noQuery{} }

func (noQuery) Bounties(context.Context, *bountytypes.QueryBountiesRequest, ...grpc.CallOption) (*bountytypes.QueryBountiesResponse, error) {
	return nil, status.Error(codes.Unavailable, "the node is away")
}

func bountyFor(kind bountytypes.BountyKind, target string) bountytypes.Bounty {
	id := sha256.Sum256([]byte(target))
	return bountytypes.Bounty{Id: id[:], Kind: kind, Target: target, PostedHeight: 1}
}

// features returns the members of a round, in hex, and what the first supernode found out.
func (f *fixture) revealedFeatures(round uint64) (members []string, features verdictstypes.FeatureVector) {
	f.t.Helper()
	response, err := f.gateway.Verdicts().Members(f.t.Context(), &verdictstypes.QueryMembersRequest{Round: round})
	require.NoError(f.t, err)
	for hash := range slices.Chunk(response.Hashes, 32) {
		members = append(members, hex.EncodeToString(hash))
	}
	given, err := f.gateway.Verdicts().Attestations(f.t.Context(), &verdictstypes.QueryAttestationsRequest{Round: round})
	require.NoError(f.t, err)
	return members, given.Attestations[0].Attestation.Features
}

func TestRoundNamesTheSamplesThatAreWanted(t *testing.T) {
	t.Parallel()
	const (
		hash   = bountytypes.BOUNTY_KIND_HASH
		family = bountytypes.BOUNTY_KIND_FAMILY
		yara   = bountytypes.BOUNTY_KIND_YARA
	)
	contents := []string{"evil one", "evil two, magenta", "plain three", "plain four, magenta", ""}
	digest := func(content string) string {
		sum := md5.Sum([]byte(content))
		return hex.EncodeToString(sum[:])
	}
	digest1 := func(content string) string {
		sum := sha1.Sum([]byte(content))
		return hex.EncodeToString(sum[:])
	}
	digest256 := func(content string) string {
		sum := sha256.Sum256([]byte(content))
		return hex.EncodeToString(sum[:])
	}
	// What is wanted, with the contents that are.
	wants := []struct {
		bounty   bountytypes.Bounty
		contents []string
	}{
		{bountyFor(hash, digest256("evil one")), []string{"evil one"}},
		{bountyFor(hash, digest("plain three")), []string{"plain three"}},
		{bountyFor(hash, digest1("plain four, magenta")), []string{"plain four, magenta"}},
		{bountyFor(family, "test.first"), []string{"evil one", "evil two, magenta"}},
		{bountyFor(yara, `rule a { strings: $a = "magenta" condition: $a }`), []string{"evil two, magenta", "plain four, magenta"}},
		{bountyFor(yara, `rule a { condition: filesize == 0 }`), []string{""}},
		// Nothing is these, or the sample does not open.
		{bountyFor(hash, digest256("another")), nil},
		{bountyFor(hash, strings.Repeat("07", 32)), nil},
		{bountyFor(family, "first.test"), nil},
		{bountyFor(yara, `rule a { strings: $a = "cyan" condition: $a }`), nil},
		{bountyFor(yara, `rule a { not a rule`), nil},
	}
	var bounties []bountytypes.Bounty
	for _, want := range wants {
		bounties = append(bounties, want.bounty)
	}

	f, v := newFixture(t, 1, rules{commit: 60, reveal: 50}), offline(t)
	f.operator(0, v, detecting("First"), detecting("Second")).startOn(func(c Chain, _ func()) Chain {
		return wantedChain{c, bounties}
	})
	var samples []samplestypes.Submission
	for _, content := range contents {
		samples = append(samples, f.seal(v, content))
	}
	closed := f.seal(v, "it does not open")
	closed.Sha256 = []byte(strings.Repeat("\x07", 32))
	f.submit(append(samples, closed)...)
	round := f.report(samples[0]).Round.Number
	members, features := f.revealedFeatures(round)
	require.Len(t, members, len(contents)+1, "all are in one round")

	found := make(map[string][]string) // hashes by bounty
	for _, match := range features.Matches {
		for _, sample := range match.Samples {
			found[string(match.Bounty)] = append(found[string(match.Bounty)], members[sample])
		}
	}
	for _, want := range wants {
		var hashes []string
		for _, content := range want.contents {
			hashes = append(hashes, digest256(content))
		}
		require.ElementsMatch(t, hashes, found[string(want.bounty.Id)], want.bounty.Target)
	}
	require.Len(t, found, 6)
}

func TestRoundIsAnsweredWithoutItsBounties(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 50, reveal: 50}), offline(t)
	f.operator(0, v, detecting("First")).startOn(func(c Chain, _ func()) Chain { return noBounties{c} })
	evil := f.seal(v, "evil thing")
	f.submit(evil)
	report := f.report(evil)
	require.Equal(t, verdictstypes.OUTCOME_MALICIOUS, report.Outcome)
	_, features := f.revealedFeatures(report.Round.Number)
	require.Empty(t, features.Matches)
}

func TestWantedSamplesAreLookedForInRoundsOfTheChainsOwn(t *testing.T) {
	s := &Scanner{hunter: wanted.New(noBounties{}, 1, slog.New(slog.DiscardHandler))}
	for kind, want := range map[verdictstypes.RoundKind]bool{
		verdictstypes.ROUND_KIND_INITIAL:       true,
		verdictstypes.ROUND_KIND_RETROSPECTIVE: true,
		verdictstypes.ROUND_KIND_RESCAN:        false,
		verdictstypes.ROUND_KIND_APPEAL:        false,
	} {
		require.Equal(t, want, s.beginHunt(t.Context(), verdictstypes.Round{Kind: kind}) != nil, kind)
	}
}

// The largest round, of which every sample matches every bounty but one.
func TestMatchesLeaveRoomInTheAttestation(t *testing.T) {
	infos := make([]engine.Info, verdictstypes.MaxEngines)
	findings := make([]finding, verdictstypes.MaxRoundSamples)
	for e := range infos {
		infos[e] = engine.Info{Name: fmt.Sprint("Engine", e), Version: "1"}
	}
	all := make([]uint32, len(findings))
	for i := range findings {
		all[i] = uint32(i)
		for e := range infos {
			findings[i].answers = append(findings[i].answers, verdictstypes.Answer{
				Category: verdictstypes.CATEGORY_MALICIOUS, Label: fmt.Sprint("A.Label.Of.Its.Own-", e, "-", i),
			})
		}
	}
	attestation := assemble(infos, findings)
	selective := make([]byte, verdictstypes.BountyIDBytes)
	attestation.Features.Match(selective, []uint32{7})
	for i := 1; i < verdictstypes.MaxMatchedBounties; i++ {
		id := make([]byte, verdictstypes.BountyIDBytes)
		id[0] = byte(i)
		attestation.Features.Match(id, all)
	}
	require.NotZero(t, trimMatches(&attestation.Features, maxMatchBytes))
	require.LessOrEqual(t, attestation.Size(), maxAttestationBytes)
	require.NoError(t, attestation.Validate(len(findings)))
	require.Equal(t, selective, attestation.Features.Matches[0].Bounty, "what wants everything is left out first")
	require.NotEmpty(t, attestation.Vectors[0].Labels)
	require.Zero(t, trimMatches(&attestation.Features, maxMatchBytes))
}
