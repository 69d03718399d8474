package keeper_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// report lets a supernode report that a contributor brought it samples.
func (s *scoring) report(of node, contributor sdk.AccAddress, hashes ...[]byte) uint32 {
	s.t.Helper()
	msg := &types.MsgReportSightings{Sidecar: of.sidecar.String(), Operator: of.operator.String()}
	for _, sha256 := range hashes {
		msg.Sightings = append(msg.Sightings, types.Sighted{Sha256: sha256, Contributor: contributor.String()})
	}
	response, err := s.msgs.ReportSightings(s.ctx, msg)
	require.NoError(s.t, err)
	return response.Counted
}

func (s *scoring) sighters(sha256 []byte) (sighters []string) {
	for _, node := range s.nodes {
		for _, sighter := range s.cluster(sha256).Sighters {
			if sighter == node.operator.String() {
				sighters = append(sighters, sighter)
			}
		}
	}
	return sighters
}

func TestSightingsRefused(t *testing.T) {
	s := newScoring(t)
	sha256 := s.submit("sample", s.nodes[0], party("contributor"))
	stranger := party("stranger")
	for name, test := range map[string]struct {
		change func(*types.MsgReportSightings)
		want   error
		says   string
	}{
		"sidecar":          {func(m *types.MsgReportSightings) { m.Sidecar = "" }, types.ErrInvalidAddress, "sidecar"},
		"operator":         {func(m *types.MsgReportSightings) { m.Operator = "x" }, types.ErrInvalidAddress, "operator"},
		"none":             {func(m *types.MsgReportSightings) { m.Sightings = nil }, types.ErrInvalidSighting, "sightings: 0"},
		"short hash":       {func(m *types.MsgReportSightings) { m.Sightings[0].Sha256 = nil }, types.ErrInvalidSighting, "sightings[0].sha256"},
		"contributor":      {func(m *types.MsgReportSightings) { m.Sightings[0].Contributor = "x" }, types.ErrInvalidSighting, "sightings[0]"},
		"foreign sidecar":  {func(m *types.MsgReportSightings) { m.Sidecar = s.nodes[2].sidecar.String() }, types.ErrForeignSidecar, s.nodes[2].sidecar.String()},
		"unknown operator": {func(m *types.MsgReportSightings) { m.Operator = stranger.String() }, types.ErrForeignSidecar, stranger.String()},
	} {
		t.Run(name, func(t *testing.T) {
			msg := &types.MsgReportSightings{
				Sidecar: s.nodes[1].sidecar.String(), Operator: s.nodes[1].operator.String(),
				Sightings: []types.Sighted{{Sha256: sha256}},
			}
			test.change(msg)
			err := s.tx(func(ctx context.Context) error {
				_, err := s.msgs.ReportSightings(ctx, msg)
				return err
			})
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.says)
		})
	}
	t.Run("not seated", func(t *testing.T) {
		ctx, _ := s.ctx.CacheContext()
		require.NoError(t, s.supernode.Current.Set(ctx, 0))
		require.NoError(t, s.supernode.Epochs.Remove(ctx, 1))
		_, err := s.msgs.ReportSightings(ctx, &types.MsgReportSightings{
			Sidecar: s.nodes[1].sidecar.String(), Operator: s.nodes[1].operator.String(),
			Sightings: []types.Sighted{{Sha256: sha256}},
		})
		require.Error(t, err)
	})
	require.Empty(t, s.export().Sightings)
}

func TestSightingsThatCount(t *testing.T) {
	s := newScoring(t)
	sha256 := s.submit("sample", s.nodes[0], party("contributor"))
	other := party("other")
	require.Zero(t, s.report(s.nodes[1], party("contributor"), sha256), "of the same contributor")
	require.Zero(t, s.report(s.nodes[0], other, sha256), "at the gateway of the submission")
	require.Zero(t, s.report(s.nodes[1], other, make([]byte, 32)), "of a sample that is not there")
	require.EqualValues(t, 1, s.report(s.nodes[1], other, sha256, sha256))
	require.Zero(t, s.report(s.nodes[1], other, sha256), "again")
	require.EqualValues(t, 1, s.report(s.nodes[2], nil, sha256), "of somebody without a name")
	require.Len(t, happened[*types.EventSighted](s), 2)
	require.Len(t, s.export().Sightings, 2)

	s.hear(s.judgement(1, 0, sha256))
	require.Len(t, s.sighters(sha256), 2)
	require.Empty(t, s.export().Sightings)
	require.Zero(t, s.report(s.nodes[2], other, sha256), "again, after it was scored")
	require.EqualValues(t, 1, s.report(s.nodes[3], other, sha256))
	require.Len(t, s.sighters(sha256), 3)
	require.Equal(t, []types.SightingCount{
		{Epoch: 1, Operator: s.nodes[1].operator.String(), Sightings: 1},
		{Epoch: 1, Operator: s.nodes[2].operator.String(), Sightings: 1},
		{Epoch: 1, Operator: s.nodes[3].operator.String(), Sightings: 1},
	}, s.export().SightingCounts)
}

func TestSightingsAreBoundedPerEpoch(t *testing.T) {
	s := newScoring(t)
	s.setParams(func(p *types.Params) { p.SightingsPerEpoch = 3 })
	var hashes [][]byte
	for i := range 5 {
		hashes = append(hashes, s.submit(fmt.Sprint(i), s.nodes[0], party("contributor")))
	}
	require.EqualValues(t, 2, s.report(s.nodes[1], party("other"), hashes[:2]...))
	require.EqualValues(t, 1, s.report(s.nodes[1], party("other"), hashes...))
	require.Zero(t, s.report(s.nodes[1], party("other"), hashes...))
	require.EqualValues(t, 3, s.report(s.nodes[2], party("other"), hashes...), "each operator has its own")
	s.startEpoch(2)
	require.EqualValues(t, 2, s.report(s.nodes[1], party("other"), hashes...))
}

// Without sightings a sample is worthless; what comes late is made up for by the next
// judgement.
func TestSightingsAreCaughtUp(t *testing.T) {
	s := newScoring(t)
	s.setParams(func(p *types.Params) { p.SightingsFull = 2 })
	sha256 := s.submit("sample", s.nodes[0], party("contributor"))
	s.hear(s.judgement(1, 0, sha256))
	s.credit()
	s.report(s.nodes[1], party("other"), sha256)
	s.hear(s.judgement(1, 1, sha256))
	s.endBlock(1)
	s.report(s.nodes[2], party("other"), sha256)
	s.report(s.nodes[3], party("other"), sha256)
	s.hear(s.judgement(1, 2, sha256))
	s.endBlock(1)
	require.Equal(t, []uint64{0, 210_000, 390_000}, s.points(sha256))
	for i, sightings := range []uint32{0, 1, 3} {
		require.Equal(t, sightings, s.score(sha256).Stages[i].Sightings)
	}
}

// A mutant that another contributor brings to another gateway is a sighting of the cluster;
// one of the same contributor, or at the same gateway, or at none is not.
func TestMembersAreSightings(t *testing.T) {
	s := newScoring(t)
	first := s.submit("first", s.nodes[0], party("contributor"))
	s.hear(resembling(s.judgement(1, 0, first), 0, "same"))
	for i, member := range []struct {
		through     node
		contributor string
		sighters    int
	}{
		{s.nodes[1], "contributor", 0},
		{s.nodes[0], "other", 0},
		{node{sidecar: s.person("reseller")}, "other", 0},
		{s.nodes[1], "other", 1},
		{s.nodes[1], "third", 1},
		{s.nodes[2], "other", 2},
	} {
		sha256 := s.submit(fmt.Sprint("mutant ", i), member.through, party(member.contributor))
		s.hear(resembling(s.judgement(uint64(2+i), 0, sha256), 0, "same"))
		require.Len(t, s.sighters(first), member.sighters, "member %d", i)
	}
}

// Sightings of what is never found malicious are dropped at the last judgement.
func TestSightingsOfCleanSamplesAreDropped(t *testing.T) {
	s := newScoring(t)
	sha256 := s.submit("sample", s.nodes[0], party("contributor"))
	s.report(s.nodes[1], party("other"), sha256)
	for stage, left := range []int{1, 1, 0} {
		s.hear(truth(s.judgement(1, uint32(stage), sha256), 1))
		require.Len(t, s.export().Sightings, left)
	}
	has, err := s.keeper.Sightings.Has(s.ctx, collections.Join(sha256, s.nodes[1].operator))
	require.NoError(t, err)
	require.False(t, has)
}
