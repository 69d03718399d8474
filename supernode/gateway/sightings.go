package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/queue"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// SightingsSubject is the queue's subject of files that are on chain through others and
// were brought here too; its messages are bounty.v1.Sighted in protobuf.
const SightingsSubject = "sightings"

const (
	sightingsName  = "sightings"
	sightingsBatch = 100 // what one message takes
	// sightingsWait gathers: nothing waits for a sighting, and each message pays a fee.
	sightingsWait = 2 * time.Second
	// sightTimeout bounds what is done for a sighting after its upload was answered.
	sightTimeout = 5 * time.Second
)

// Labels of the metric.
const (
	sightingQueued   = "queued"
	sightingReported = "reported"
	sightingDropped  = "dropped"
)

// ReportsSightings tells whether there is an operator to report for.
func (g *Gateway) ReportsSightings() bool { return g.cfg.Sightings && g.cfg.Operator != "" }

// sight queues the word that somebody brought a file which somebody else had brought
// elsewhere. It is a favour to contributors: it neither delays nor fails the upload.
func (g *Gateway) sight(f form, sample *samplestypes.Sample) {
	if sample == nil || len(f.claimSalt) > 0 || sample.Contributor == f.contributor || g.broughtHere(*sample) || !g.ReportsSightings() {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), sightTimeout)
		defer cancel()
		if err := g.queueSighting(ctx, f); err != nil {
			g.metrics.sightings.WithLabelValues(sightingDropped).Inc()
			g.log.Warn("a sighting is lost", "sha256", hex.EncodeToString(f.sealed.SHA256[:]), "error", err)
		}
	}()
}

// broughtHere tells whether a sample came to the chain through this gateway.
func (g *Gateway) broughtHere(sample samplestypes.Sample) bool {
	own := g.deps.Chain.Address().String()
	return sample.Gateway == own || sample.Contributor == own
}

func (g *Gateway) queueSighting(ctx context.Context, f form) error {
	told, err := g.deps.Index.Sighted(ctx, f.sealed.SHA256)
	if err != nil || told {
		return err
	}
	data, err := (&bountytypes.Sighted{Sha256: f.sealed.SHA256[:], Contributor: f.contributor}).Marshal()
	if err != nil {
		return err
	}
	if err := g.deps.Queue.Publish(ctx, SightingsSubject, hex.EncodeToString(f.sealed.SHA256[:]), data); err != nil {
		return err
	}
	g.metrics.sightings.WithLabelValues(sightingQueued).Inc()
	return nil
}

// ReportSightings tells the chain of queued sightings until ctx ends.
func (g *Gateway) ReportSightings(ctx context.Context) error {
	err := g.deps.Queue.Consume(ctx, SightingsSubject, sightingsName, sightingsBatch, g.sightingsWait, g.reportMessages)
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("gateway: sightings: %w", err)
}

// reportMessages fails only for what passes; what the chain does not take is dropped.
func (g *Gateway) reportMessages(ctx context.Context, messages []queue.Message) error {
	sightings, err := g.readSightings(ctx, messages)
	if err != nil || len(sightings) == 0 {
		return err
	}
	seated, err := g.seated(ctx)
	if err != nil {
		return err
	}
	if !seated {
		g.dropSightings(sightings, "the operator has no seat")
		return nil
	}
	message := &bountytypes.MsgReportSightings{
		Sidecar: g.deps.Chain.Address().String(), Operator: g.cfg.Operator, Sightings: sightings,
	}
	_, err = g.deps.Chain.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{message}})
	if refusal := new(chain.Error); errors.As(err, &refusal) {
		g.dropSightings(sightings, refusal.Error())
		return nil
	}
	if err != nil {
		return err
	}
	g.metrics.sightings.WithLabelValues(sightingReported).Add(float64(len(sightings)))
	hashes := make([][32]byte, len(sightings))
	for i, sighting := range sightings {
		hashes[i] = [32]byte(sighting.Sha256)
	}
	return g.deps.Index.MarkSighted(ctx, hashes)
}

// readSightings leaves out what cannot be read and what was reported meanwhile.
func (g *Gateway) readSightings(ctx context.Context, messages []queue.Message) ([]bountytypes.Sighted, error) {
	var sightings []bountytypes.Sighted
	seen := make(map[[32]byte]bool, len(messages))
	for _, message := range messages {
		var sighting bountytypes.Sighted
		if err := sighting.Unmarshal(message.Data); err != nil || len(sighting.Sha256) != 32 {
			g.log.Error("a queued sighting cannot be read and is dropped", "id", message.ID, "error", err)
			continue
		}
		hash := [32]byte(sighting.Sha256)
		told, err := g.deps.Index.Sighted(ctx, hash)
		if err != nil {
			return nil, err
		}
		if !told && !seen[hash] {
			seen[hash] = true
			sightings = append(sightings, sighting)
		}
	}
	return sightings, nil
}

func (g *Gateway) dropSightings(sightings []bountytypes.Sighted, reason string) {
	g.metrics.sightings.WithLabelValues(sightingDropped).Add(float64(len(sightings)))
	g.log.Warn("sightings are dropped", "count", len(sightings), "reason", reason)
}

// seated tells whether the operator has a seat in the current epoch.
func (g *Gateway) seated(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	current, err := g.deps.Supernodes.Epoch(ctx, &supernodetypes.QueryEpochRequest{})
	if status.Code(err) == codes.NotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read epoch: %w", err)
	}
	for _, seat := range current.Seats {
		if seat.Operator == g.cfg.Operator {
			return true, nil
		}
	}
	return false, nil
}
