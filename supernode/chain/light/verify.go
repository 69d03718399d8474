package light

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/collections"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// check is one run over a report: each step proves more of Proof from what the
// steps before it proved, and compares the report with it.
type check struct {
	verifier *Verifier
	report   Report
	sha256   []byte

	state        state
	proof        Proof
	attestations []verdictstypes.SignedAttestation
	table        verdictstypes.WeightTable
}

// steps in order. A step with a failed predecessor in needs is not run.
var steps = []struct {
	name  string
	needs []string
	run   func(*check, context.Context) (string, error)
}{
	{"header", nil, (*check).header},
	{"fresh", []string{"header"}, (*check).fresh},
	{"chain", nil, (*check).chain},
	{"sample", []string{"header"}, (*check).sample},
	{"newest", []string{"header"}, (*check).newest},
	{"round", []string{"newest"}, (*check).round},
	{"member", []string{"round"}, (*check).member},
	{"attestations", []string{"member"}, (*check).attested},
	{"weights", []string{"attestations"}, (*check).weights},
	{"engines", []string{"attestations"}, (*check).engines},
	{"verdicts", []string{"attestations"}, (*check).verdicts},
	{"stats", []string{"attestations"}, (*check).stats},
	{"outcome", []string{"weights"}, (*check).outcome},
}

// Verify checks a report. The error is for what could not be checked, such as
// servers that do not answer; what is false is a failed claim.
func (v *Verifier) Verify(ctx context.Context, report Report) (Result, error) {
	sha256, err := hex.DecodeString(report.SHA256)
	if err != nil || len(sha256) != 32 {
		return Result{}, fmt.Errorf("report: %.80q is not a SHA-256 in hex", report.SHA256)
	}
	check := &check{verifier: v, report: report, sha256: sha256}
	check.proof.ChainID = v.config.ChainID
	result := Result{SHA256: report.SHA256, Unproved: Unproved}
	failed := map[string]bool{}
	for _, step := range steps {
		claim := Claim{Name: step.name}
		for _, need := range step.needs {
			if failed[need] {
				claim.Detail = "not checked, because " + need + " failed"
			}
		}
		if claim.Detail == "" {
			claim.Detail, err = step.run(check, ctx)
			switch {
			case err == nil:
				claim.OK = true
			case errors.As(err, new(refuted)):
				claim.Detail = err.Error()
			default:
				return Result{}, fmt.Errorf("%s: %w", step.name, err)
			}
		}
		failed[step.name] = !claim.OK
		result.Claims = append(result.Claims, claim)
	}
	result.Proof = check.proof
	return result, nil
}

func (c *check) header(ctx context.Context) (string, error) {
	block, witnesses, err := c.verifier.header(ctx, c.report.Chain.Height)
	if err != nil {
		return "", err
	}
	c.proof.Height = block.Height - 1
	c.proof.HeaderHash = block.Hash()
	c.proof.HeaderTime = block.Time
	c.proof.AppHash = block.AppHash
	c.proof.Witnesses = witnesses
	c.state = state{c.verifier.servers, c.proof.Height, c.proof.AppHash}
	return fmt.Sprintf("block %d is signed by more than two thirds of the %d validators that follow from trusted block %d; cross-checked with %d more servers",
		block.Height, block.ValidatorSet.Size(), c.verifier.config.Trust.Height, c.proof.Witnesses), nil
}

func (c *check) fresh(context.Context) (string, error) {
	if age := time.Since(c.proof.HeaderTime); age > c.verifier.config.MaxAge {
		return "", refute("the newest block the servers show is %s old, at most %s allowed: the servers or the chain stand still", age.Round(time.Second), c.verifier.config.MaxAge)
	}
	return fmt.Sprintf("the proved state is of height %d, %s", c.proof.Height, c.proof.HeaderTime.UTC().Format(time.RFC3339)), nil
}

func (c *check) chain(context.Context) (string, error) {
	if got, want := c.report.Chain.ChainID, c.verifier.config.ChainID; got != want {
		return "", refute("the report is of chain %q, trusted is %q", got, want)
	}
	return "the report is of chain " + c.report.Chain.ChainID, nil
}

func (c *check) sample(ctx context.Context) (string, error) {
	key, err := collections.EncodeKeyWithPrefix(samplestypes.SamplesPrefix, collections.BytesKey, c.sha256)
	if err != nil {
		return "", err
	}
	if err := c.read(ctx, samplestypes.StoreKey, key, &c.proof.Sample); err != nil {
		return "", err
	}
	sample := c.proof.Sample
	if c.report.SizeBytes != nil && *c.report.SizeBytes != sample.SizeBytes {
		return "", refute("the report says %d bytes, the chain %d", *c.report.SizeBytes, sample.SizeBytes)
	}
	if c.report.Kind != sample.Kind {
		return "", refute("the report is about a %s, the chain has a %s", enumName(c.report.Kind.String(), "KIND_"), enumName(sample.Kind.String(), "KIND_"))
	}
	return fmt.Sprintf("registered at height %d with %d bytes, status %s", sample.SubmittedHeight, sample.SizeBytes,
		enumName(sample.Status.String(), "STATUS_")), nil
}

func (c *check) newest(ctx context.Context) (string, error) {
	round, outcome, proof, err := c.state.newest(ctx, c.sha256)
	if err != nil {
		return "", err
	}
	c.proof.Stores = append(c.proof.Stores, proof)
	c.proof.Outcome = OutcomeName(outcome)
	if c.report.Chain.Round != round {
		return "", refute("the report is of round %d, the newest outcome is of round %d", c.report.Chain.Round, round)
	}
	if c.report.Chain.Outcome != c.proof.Outcome {
		return "", refute("the report says %s, the chain %s", c.report.Chain.Outcome, c.proof.Outcome)
	}
	return fmt.Sprintf("round %d decided %s and no later round has an outcome", round, c.proof.Outcome), nil
}

func (c *check) round(ctx context.Context) (string, error) {
	key, err := verdictstypes.RoundStoreKey(c.report.Chain.Round)
	if err != nil {
		return "", err
	}
	if err := c.read(ctx, verdictstypes.StoreKey, key, &c.proof.Round); err != nil {
		return "", err
	}
	round, said := c.proof.Round, c.report.Chain
	if round.Samples > verdictstypes.MaxRoundSamples {
		return "", refute("round %d has %d samples", round.Number, round.Samples)
	}
	// The report may be from before the last outcomes of its round.
	status := round.Status
	if status == verdictstypes.ROUND_STATUS_FINAL && said.Height < round.FinalHeight {
		status = verdictstypes.ROUND_STATUS_TALLY
	}
	switch {
	case said.Height < round.OpenedHeight || said.Height > c.proof.Height:
		return "", refute("the report is from height %d, outside %d..%d", said.Height, round.OpenedHeight, c.proof.Height)
	case said.RoundStatus != RoundStatusName(status):
		return "", refute("the report says round status %s, the chain %s at height %d", said.RoundStatus, RoundStatusName(status), said.Height)
	case said.Seats != round.Seats:
		return "", refute("the report says %d seats, the chain %d", said.Seats, round.Seats)
	case said.Attestations != round.Attestations:
		return "", refute("the report says %d attestations, the chain %d", said.Attestations, round.Attestations)
	}
	return fmt.Sprintf("%d of %d seated supernodes attested %d samples", round.Attestations, round.Seats, round.Samples), nil
}

func (c *check) member(ctx context.Context) (string, error) {
	round := c.proof.Round
	if round.Pruned {
		return "", refute("members and vectors of round %d have left the state, only its roots remain", round.Number)
	}
	var answer verdictstypes.QueryMembersResponse
	err := c.query(ctx, "Members", &verdictstypes.QueryMembersRequest{Round: round.Number}, &answer, func() error {
		if len(answer.Hashes) != 32*int(round.Samples) {
			return refute("%d bytes for %d members", len(answer.Hashes), round.Samples)
		}
		hashes := make([][]byte, round.Samples)
		for i := range hashes {
			hashes[i] = answer.Hashes[32*i : 32*i+32]
		}
		if !bytes.Equal(verdictstypes.MembersRoot(hashes), round.MembersRoot) {
			return refute("the members do not give the round's members root")
		}
		c.proof.Index = sort.Search(len(hashes), func(i int) bool { return bytes.Compare(hashes[i], c.sha256) >= 0 })
		if c.proof.Index == len(hashes) || !bytes.Equal(hashes[c.proof.Index], c.sha256) {
			return refute("the sample is not a member of round %d", round.Number)
		}
		return nil
	})
	return fmt.Sprintf("the sample is member %d of %d under the members root", c.proof.Index+1, round.Samples), err
}

// read proves a record that has to exist and decodes it.
func (c *check) read(ctx context.Context, store string, key []byte, record proto.Message) error {
	proof, err := c.state.prove(ctx, store, key)
	if err != nil {
		return err
	}
	return c.decode(proof, record)
}

// readIfAny proves a record and decodes it, or proves that there is none.
func (c *check) readIfAny(ctx context.Context, store string, key []byte, record proto.Message) (bool, error) {
	proof, err := c.state.proveIfAny(ctx, store, key)
	if err != nil {
		return false, err
	}
	if len(proof.Value) == 0 {
		c.proof.Stores = append(c.proof.Stores, proof)
		return false, nil
	}
	record.Reset()
	return true, c.decode(proof, record)
}

func (c *check) decode(proof StoreProof, record proto.Message) error {
	c.proof.Stores = append(c.proof.Stores, proof)
	if err := proto.Unmarshal(proof.Value, record); err != nil {
		return refute("store %s, key %X: %w", proof.Store, proof.Key, err)
	}
	return nil
}

// query asks x/verdicts at the proved height; accept has to prove the answer.
func (c *check) query(ctx context.Context, method string, request, response proto.Message, accept func() error) error {
	data, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	path := "/virusmap.verdicts.v1.Query/" + method
	return ask(ctx, c.state.servers, path, data, c.state.height, false, func(answer abci.ResponseQuery) error {
		response.Reset()
		if err := proto.Unmarshal(answer.Value, response); err != nil {
			return refute("%s: %w", method, err)
		}
		return accept()
	})
}
