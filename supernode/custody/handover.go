package custody

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ipfs/go-cid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// Handover is how far a supernode is with leaving.
type Handover struct {
	// Epoch is the current one.
	Epoch uint64 `json:"epoch"`
	// Seated tells that the operator still has to hold samples in it.
	Seated bool `json:"seated"`
	// Held is how many samples are here, and Confirmed how many of them all their holders
	// say they have.
	Held      int `json:"held"`
	Confirmed int `json:"confirmed"`
}

// Safe tells whether nothing is lost when this supernode is switched off.
func (h Handover) Safe() bool { return h.Epoch > 0 && !h.Seated && h.Confirmed == h.Held }

// Leave waits until the operator has no seat any more and every sample that is here is
// with all its holders, which fetch it from the vault meanwhile. It tells how far it is
// after each look, and returns the newest state also with an error, which is ctx's.
func Leave(ctx context.Context, operator sdk.AccAddress, deps Deps, every time.Duration, tell func(Handover)) (state Handover, err error) {
	for {
		found, err := look(ctx, operator, deps)
		if err == nil {
			state = found
			tell(state)
			if state.Safe() {
				return state, nil
			}
		} else if ctx.Err() == nil {
			deps.Log.Warn("cannot tell how far the hand-over is", "error", err)
		}
		sleep(ctx, every)
		if ctx.Err() != nil {
			return state, fmt.Errorf("custody: leave: %w", context.Cause(ctx))
		}
	}
}

// look asks the holders of every sample that is here.
func look(ctx context.Context, operator sdk.AccAddress, deps Deps) (Handover, error) {
	t, err := readTerms(ctx, deps.Chain, 0)
	if err != nil {
		return Handover{}, err
	}
	n, err := meet(ctx, deps.Chain, deps.Vault, t, operator, deps.Log)
	if err != nil {
		return Handover{}, err
	}
	state := Handover{Epoch: t.epoch, Seated: slices.ContainsFunc(t.attesters, func(a sdk.AccAddress) bool { return a.Equals(operator) })}
	err = eachPage(ctx, deps.Chain, func(_, _ []byte, entries []samplestypes.SampleEntry) error {
		files := heldFiles(ctx, deps.Vault, t, entries)
		state.Held += len(files)
		for i, confirmed := range n.confirmed(ctx, files) {
			if len(files[i].holders) > 0 && confirmed == len(files[i].holders) {
				state.Confirmed++
			}
		}
		return nil
	})
	return state, err
}

// heldFiles are those of some samples that are here and that somebody should hold.
func heldFiles(ctx context.Context, v *vault.Vault, t terms, entries []samplestypes.SampleEntry) (files []file) {
	for _, entry := range entries {
		id, err := cid.Cast(entry.Sample.Sealing.Cid)
		if err == nil && kept(entry) && v.Has(ctx, id) {
			files = append(files, file{cid: id, holders: t.holders(entry.Sha256)})
		}
	}
	return files
}
