package custody

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/vault/peers"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// maxHeadAge is how old the newest block of a node may be that is believed when it knows
// nothing of a sample.
const maxHeadAge = 10 * time.Minute

// terms are what decides who holds what: frozen for one look at the samples.
type terms struct {
	epoch       uint64
	replication int
	// attesters of the current epoch, and of the grace epochs before it, newest first.
	attesters []sdk.AccAddress
	former    [][]sdk.AccAddress
	// graceStart is the height at which the oldest grace epoch began; 0 when the chain is
	// too young for anything to be out of grace, or has forgotten that epoch.
	graceStart int64
	// fresh tells that the node is not behind, so that a record it lacks is gone.
	fresh bool
}

// readTerms asks the chain. There are no holders before the first epoch.
func readTerms(ctx context.Context, chain Chain, grace int) (t terms, err error) {
	params, err := chain.Samples().Params(ctx, &samplestypes.QueryParamsRequest{})
	if err != nil {
		return terms{}, err
	}
	t.replication = int(params.Params.Replication)
	head, err := chain.Status(ctx)
	if err != nil {
		return terms{}, err
	}
	t.fresh = !head.CatchingUp && time.Since(head.Time) < maxHeadAge
	current, err := chain.Supernodes().Epoch(ctx, &supernodetypes.QueryEpochRequest{})
	if status.Code(err) == codes.NotFound {
		return t, nil
	}
	if err != nil {
		return terms{}, err
	}
	t.epoch = current.Epoch.Number
	if t.attesters, err = attesters(current); err != nil {
		return terms{}, err
	}
	for back := range uint64(grace) {
		if t.epoch <= back+1 {
			return t, nil
		}
		former, err := chain.Supernodes().Epoch(ctx, &supernodetypes.QueryEpochRequest{Number: t.epoch - back - 1})
		if status.Code(err) == codes.NotFound {
			return t, nil
		}
		if err != nil {
			return terms{}, err
		}
		operators, err := attesters(former)
		if err != nil {
			return terms{}, err
		}
		t.former = append(t.former, operators)
		if back+1 == uint64(grace) {
			t.graceStart = former.Epoch.StartHeight
		}
	}
	return t, nil
}

func attesters(epoch *supernodetypes.QueryEpochResponse) ([]sdk.AccAddress, error) {
	var operators []sdk.AccAddress
	for _, text := range peers.Attesters(epoch) {
		operator, err := sdk.AccAddressFromBech32(text)
		if err != nil {
			return nil, fmt.Errorf("epoch %d: operator %q: %w", epoch.Epoch.Number, text, err)
		}
		operators = append(operators, operator)
	}
	return operators, nil
}

// holders of a sample in the current epoch.
func (t terms) holders(sha256 []byte) []sdk.AccAddress {
	return samplestypes.Holders(sha256, t.attesters, t.replication)
}

// assigned tells whether the operator must hold a sample now.
func (t terms) assigned(operator sdk.AccAddress, sample samplestypes.SampleEntry) bool {
	return kept(sample) && samplestypes.Holds(sample.Sha256, operator, t.attesters, t.replication)
}

// outOfGrace tells whether the operator has not been asked to hold a sample for so long
// that it may drop it. What is being scanned is needed, whoever holds it.
func (t terms) outOfGrace(operator sdk.AccAddress, sample samplestypes.SampleEntry) bool {
	busy := sample.Sample.Status == samplestypes.STATUS_QUEUED || sample.Sample.Status == samplestypes.STATUS_SCANNING
	if busy || t.graceStart == 0 || sample.Sample.SubmittedHeight >= t.graceStart {
		return false
	}
	for _, attesters := range append([][]sdk.AccAddress{t.attesters}, t.former...) {
		if samplestypes.Holds(sample.Sha256, operator, attesters, t.replication) {
			return false
		}
	}
	return true
}

// kept tells whether anybody should hold a sample: nobody does what was taken down, or
// what opens to something else than was promised.
func kept(sample samplestypes.SampleEntry) bool {
	return sample.Sample.Status != samplestypes.STATUS_BLOCKED && sample.Sample.Status != samplestypes.STATUS_INVALID
}
