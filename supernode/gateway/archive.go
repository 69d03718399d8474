package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sort"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Archive returns a finished round that the chain has pruned. It has checked the
// round's contents against the roots that stand in it.
type Archive func(ctx context.Context, round uint64) (verdictstypes.RoundArchive, error)

// errOtherRound means that an archive holds something else than the chain finalised.
var errOtherRound = errors.New("the archived round has other roots than the chain's")

// fromArchive completes the report of a pruned round with the verdicts that this
// supernode kept. What the chain still says of the round decides whether they are true;
// what the engines weighed is not kept.
func (g *Gateway) fromArchive(ctx context.Context, sha256 [32]byte, report *verdictstypes.Report) error {
	kept, err := g.deps.Archive(ctx, report.Round.Number)
	if err != nil {
		return err
	}
	if !bytes.Equal(kept.Round.MembersRoot, report.Round.MembersRoot) ||
		!bytes.Equal(kept.Round.AttestationsRoot, report.Round.AttestationsRoot) {
		return errOtherRound
	}
	samples := len(kept.Members) / 32
	member := func(i int) []byte { return kept.Members[32*i : 32*i+32] }
	index := sort.Search(samples, func(i int) bool { return bytes.Compare(member(i), sha256[:]) >= 0 })
	if index == samples || !bytes.Equal(member(index), sha256[:]) {
		return fmt.Errorf("sample %x is not a member of round %d", sha256, report.Round.Number)
	}
	report.Verdicts, report.FileType, err = verdictstypes.VerdictsOf(kept.Attestations, verdictstypes.WeightTable{}, index, samples)
	return err
}
