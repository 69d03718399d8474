package custody

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"

	"github.com/ipfs/go-cid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// maxProving bounds the ciphertexts that are read for proofs at one time.
const maxProving = 2

// challengeKey tells the challenges of the operator apart.
type challengeKey struct {
	epoch uint64
	index uint32
}

// answerChallenges takes up, at each signal, the open challenges that are new.
func (c *Custody) answerChallenges(ctx context.Context) {
	taken := make(map[challengeKey]bool) // also those that are over: a few for each epoch
	proving := make(chan struct{}, maxProving)
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.challenges:
		}
		var open []samplestypes.Challenge
		c.retry(ctx, "challenges", func(ctx context.Context) (err error) {
			open, err = c.openChallenges(ctx)
			return err
		})
		for _, challenge := range open {
			key := challengeKey{challenge.Epoch, challenge.Index}
			if !taken[key] {
				taken[key] = true
				c.work.Go(func() { c.answer(ctx, challenge, proving) })
			}
		}
	}
}

// openChallenges are those of the operator that wait for a proof: a few for each epoch.
func (c *Custody) openChallenges(ctx context.Context) (open []samplestypes.Challenge, err error) {
	for next := []byte(nil); ; {
		response, err := c.Chain.Samples().Challenges(ctx, &samplestypes.QueryChallengesRequest{
			Operator: c.operator.String(), Pagination: &query.PageRequest{Key: next},
		})
		if err != nil {
			return nil, err
		}
		for _, challenge := range response.Challenges {
			if !challenge.Proved {
				open = append(open, challenge)
			}
		}
		if response.Pagination == nil || len(response.Pagination.NextKey) == 0 {
			return open, nil
		}
		next = response.Pagination.NextKey
	}
}

// answer proves until the chain has the proof, or does not take it any more.
func (c *Custody) answer(ctx context.Context, challenge samplestypes.Challenge, proving chan struct{}) {
	log := c.Log.With("epoch", challenge.Epoch, "index", challenge.Index, "sha256", hex.EncodeToString(challenge.Sha256))
	for ctx.Err() == nil {
		head, err := c.Chain.Status(ctx)
		if err == nil && head.Height >= challenge.DeadlineHeight {
			c.metrics.failedProofs.Inc()
			log.Error("a storage challenge was not answered in time")
			return
		}
		if err == nil {
			err = c.prove(ctx, challenge, proving)
		}
		switch {
		case err == nil:
			c.metrics.proofs.Inc()
			log.Info("answered a storage challenge")
			return
		case errors.Is(err, samplestypes.ErrProved), errors.Is(err, samplestypes.ErrNotChallenged):
			log.Debug("a storage challenge is settled already")
			return
		case errors.Is(err, errNothingToProve):
			log.Warn("a storage challenge cannot be answered at all", "error", err)
			return
		}
		log.Warn("a storage challenge cannot be answered yet", "error", err)
		sleep(ctx, c.paces.challenge)
	}
}

// errNothingToProve means that the challenge has no answer, whoever has the file.
var errNothingToProve = errors.New("the sample has no record any more, or its file is not what was recorded")

// prove reads the chunk with its path and sends them. A ciphertext that is missing is
// fetched; one that a disk has damaged is fetched anew.
func (c *Custody) prove(ctx context.Context, challenge samplestypes.Challenge, proving chan struct{}) error {
	response, err := c.Chain.Samples().Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(challenge.Sha256)})
	if status.Code(err) == codes.NotFound {
		return errNothingToProve
	}
	if err != nil {
		return err
	}
	sealing := response.Entry.Sample.Sealing
	id, err := cid.Cast(sealing.Cid)
	if err != nil {
		return err
	}
	if !c.Vault.Has(ctx, id) {
		if err := c.bring(ctx, id); err != nil {
			return err
		}
	}
	proof, err := c.read(ctx, id, challenge.Chunk, proving)
	if err != nil {
		return errors.Join(err, c.replace(ctx, id))
	}
	if !bytes.Equal(proof.Root[:], sealing.StorageRoot) {
		return errNothingToProve // its blocks are those of the CID, so the record is wrong
	}
	_, err = c.Chain.Broadcast(ctx, chain.Tx{Free: true, Msgs: []sdk.Msg{&samplestypes.MsgProveStorage{
		Sidecar: c.Chain.Address().String(), Operator: c.operator.String(),
		Epoch: challenge.Epoch, Index: challenge.Index, Chunk: proof.Chunk, Path: proof.Path,
	}}})
	return err
}

// replace fetches a file anew that does not read any more. What is left of the only copy
// stays where it is.
func (c *Custody) replace(ctx context.Context, id cid.Cid) error {
	_, n, err := c.prepare(ctx)
	if err != nil {
		return err
	}
	if offered, _ := n.offered(ctx, []cid.Cid{id}); !offered[0] {
		return nil
	}
	if err := c.Vault.Remove(ctx, id); err != nil {
		return err
	}
	return c.Vault.Fetch(ctx, []cid.Cid{id})
}

// bring fetches one file, from whoever of the neighbours has it.
func (c *Custody) bring(ctx context.Context, id cid.Cid) error {
	if _, _, err := c.prepare(ctx); err != nil {
		return err
	}
	return c.Vault.Fetch(ctx, []cid.Cid{id})
}

func (c *Custody) read(ctx context.Context, id cid.Cid, chunk uint64, proving chan struct{}) (vault.StorageProof, error) {
	select {
	case proving <- struct{}{}:
		defer func() { <-proving }()
	case <-ctx.Done():
		return vault.StorageProof{}, ctx.Err()
	}
	return c.Vault.ProveStorage(ctx, id, chunk)
}
