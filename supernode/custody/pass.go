package custody

import (
	"context"
	"encoding/binary"
	"math"
	"sync/atomic"
	"time"

	"github.com/ipfs/go-cid"
	"golang.org/x/sync/errgroup"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const (
	// pageSize is how many records are looked at in one step.
	pageSize = vault.MaxHave
	// logEvery is how often a long pass tells how far it is.
	logEvery = 30 * time.Second
)

// tally counts what a look at samples found.
type tally struct{ seen, held, missing, dropped int }

func (t *tally) add(other tally) {
	t.seen += other.seen
	t.held += other.held
	t.missing += other.missing
	t.dropped += other.dropped
}

// pass goes through all samples in the order of their hashes.
func (c *Custody) pass(ctx context.Context) (total tally, err error) {
	t, n, err := c.prepare(ctx)
	if err != nil {
		return tally{}, err
	}
	told := time.Now()
	err = eachPage(ctx, c.Chain, func(from, through []byte, entries []samplestypes.SampleEntry) error {
		// First, because a new pin takes the place of the one that tells of an old ciphertext.
		swept, err := c.sweep(ctx, t, from, through, entries)
		if err != nil {
			return err
		}
		found, err := c.settle(ctx, t, n, entries)
		if err != nil {
			return err
		}
		found.dropped += swept
		total.add(found)
		done := progress(through)
		c.metrics.progress.Set(done)
		if time.Since(told) > logEvery {
			told = time.Now()
			c.Log.Info("custody goes through all samples", "progress", math.Round(done*1000)/1000, "seen", total.seen, "held", total.held, "missing", total.missing)
		}
		return nil
	})
	if err != nil {
		return total, err
	}
	c.metrics.held.Set(float64(total.held))
	c.metrics.missing.Set(float64(total.missing))
	c.metrics.passes.Inc()
	c.Log.Info("custody has gone through all samples", "epoch", t.epoch, "seen", total.seen,
		"held", total.held, "missing", total.missing, "dropped", total.dropped)
	return total, nil
}

// eachPage hands over all records page by page. A page covers the hashes after from, up to
// and with through; the last one goes on to the end, where through is nil.
func eachPage(ctx context.Context, chain Chain, handle func(from, through []byte, entries []samplestypes.SampleEntry) error) error {
	var from, next []byte
	for {
		response, err := chain.Samples().Samples(ctx, &samplestypes.QuerySamplesRequest{
			Pagination: &query.PageRequest{Key: next, Limit: pageSize},
		})
		if err != nil {
			return err
		}
		next = nil
		if response.Pagination != nil {
			next = response.Pagination.NextKey
		}
		var through []byte
		if len(next) > 0 && len(response.Entries) > 0 {
			through = response.Entries[len(response.Entries)-1].Sha256
		}
		if err := handle(from, through, response.Entries); err != nil {
			return err
		}
		if through == nil {
			return nil
		}
		from = through
	}
}

// progress is how far a hash lies from the first to the last one: hashes are uniform.
func progress(through []byte) float64 {
	if len(through) < 8 {
		return 1
	}
	return float64(binary.BigEndian.Uint64(through)) / math.MaxUint64
}

// settle does with each of at most pageSize samples what the terms ask for: fetch what is
// assigned, drop what others hold. What is here gets its pin.
func (c *Custody) settle(ctx context.Context, t terms, n neighbours, entries []samplestypes.SampleEntry) (found tally, err error) {
	var (
		here   []vault.Pin
		wanted []file
		spare  []file // when a holder has it
		away   []file
	)
	for _, entry := range entries {
		found.seen++
		id, err := cid.Cast(entry.Sample.Sealing.Cid)
		if err != nil || len(entry.Sha256) != 32 {
			continue // the chain takes no such record
		}
		f := file{name: [32]byte(entry.Sha256), cid: id}
		held, assigned := c.Vault.Has(ctx, id), t.assigned(c.operator, entry)
		if held {
			here = append(here, vault.Pin{Name: f.name, CID: id})
		}
		switch {
		case assigned && held:
			found.held++
		case assigned && entry.Sample.Status == samplestypes.STATUS_FINAL && !entry.Sample.Opened:
			// No round could open it, so nobody is asked to prove it.
		case assigned:
			wanted = append(wanted, f)
		case held && entry.Sample.Status == samplestypes.STATUS_BLOCKED:
			away = append(away, f)
		case held && t.outOfGrace(c.operator, entry):
			f.holders = t.holders(entry.Sha256)
			spare = append(spare, f)
		}
	}
	if err := c.Vault.Pin(here...); err != nil {
		return found, err
	}
	fetched, err := c.fetch(ctx, n, wanted)
	if err != nil {
		return found, err
	}
	found.held += fetched
	found.missing = len(wanted) - fetched
	for i, confirmed := range n.confirmed(ctx, spare) {
		// The last copy is never dropped, whoever should have taken it over.
		if confirmed > 0 {
			away = append(away, spare[i])
		}
	}
	found.dropped = len(away)
	return found, c.drop(ctx, away)
}

// fetch gets files from peers and returns how many came. What no peer offers is not
// waited for, unless no peer can tell what it has.
func (c *Custody) fetch(ctx context.Context, n neighbours, wanted []file) (int, error) {
	if len(wanted) == 0 {
		return 0, nil
	}
	cids := make([]cid.Cid, len(wanted))
	for i, f := range wanted {
		cids[i] = f.cid
	}
	offered, asked := n.offered(ctx, cids)
	var (
		fetched atomic.Int64
		group   errgroup.Group
	)
	group.SetLimit(c.cfg.Parallel)
	for i, f := range wanted {
		if asked && !offered[i] {
			continue
		}
		group.Go(func() error {
			if err := c.Vault.Fetch(ctx, []cid.Cid{f.cid}); err != nil {
				c.metrics.failedFetches.Inc()
				c.Log.Debug("an assigned sample does not come", "cid", f.cid, "error", err)
				return ctx.Err()
			}
			c.metrics.fetched.Inc()
			fetched.Add(1)
			return c.Vault.Pin(vault.Pin{Name: f.name, CID: f.cid})
		})
	}
	err := group.Wait()
	return int(fetched.Load()), err
}
