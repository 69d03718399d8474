package light

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/codec/address"
	sdk "github.com/cosmos/cosmos-sdk/types"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxDifferences bounds the differences a claim names.
const maxDifferences = 8

const addressPrefix = "vmt"

var operators = address.NewBech32Codec(addressPrefix)

// attested reads everything that was revealed in the round and recomputes the root,
// so that nothing can be left out or changed.
func (c *check) attested(ctx context.Context) (string, error) {
	round := c.proof.Round
	var answer verdictstypes.QueryAttestationsResponse
	err := c.query(ctx, "Attestations", &verdictstypes.QueryAttestationsRequest{Round: round.Number}, &answer, func() error {
		if len(answer.Attestations) != int(round.Attestations) {
			return refute("%d attestations, the round has %d", len(answer.Attestations), round.Attestations)
		}
		leaves := make([][]byte, len(answer.Attestations))
		for i, signed := range answer.Attestations {
			operator, err := operators.StringToBytes(signed.Operator)
			if err != nil {
				return refute("operator %.100q: %w", signed.Operator, err)
			}
			if leaves[i], err = verdictstypes.AttestationLeaf(operator, signed.Attestation); err != nil {
				return refute("attestation of %s: %w", signed.Operator, err)
			}
		}
		if !bytes.Equal(verdictstypes.AttestationsRoot(leaves), round.AttestationsRoot) {
			return refute("the attestations do not give the round's attestations root")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	c.attestations = answer.Attestations
	for _, signed := range c.attestations {
		if err := signed.Attestation.Validate(int(round.Samples)); err != nil {
			return "", refute("attestation of %s: %w", signed.Operator, err)
		}
	}
	c.proof.Verdicts, _, err = verdictstypes.VerdictsOf(c.attestations, verdictstypes.WeightTable{}, c.proof.Index, int(round.Samples))
	if err != nil {
		return "", refute("%w", err)
	}
	return fmt.Sprintf("%d attestations give the round's attestations root", len(c.attestations)), nil
}

// weights proves what the engines weighed in the round's epoch, or that nothing was
// stored of it.
func (c *check) weights(ctx context.Context) (string, error) {
	epoch := c.proof.Round.Epoch
	key, err := verdictstypes.WeightsStoreKey(epoch)
	if err != nil {
		return "", err
	}
	c.table = verdictstypes.DefaultWeights(epoch)
	detail := fmt.Sprintf("epoch %d has no weights, so that all engines weigh the same", epoch)
	found, err := c.readIfAny(ctx, verdictstypes.StoreKey, key, &c.table)
	if err != nil {
		return "", err
	}
	if found {
		detail = fmt.Sprintf("the weights of epoch %d name %d engines", epoch, len(c.table.Rows))
	}
	weightOf := c.table.Lookup()
	for i, verdict := range c.proof.Verdicts {
		c.proof.Verdicts[i].Weight = weightOf(verdict.Operator, verdict.Engine)
	}
	return detail, nil
}

// engines compares the sets of (operator, engine).
func (c *check) engines(context.Context) (string, error) {
	attested := map[[2]string]bool{}
	for _, verdict := range c.proof.Verdicts {
		attested[[2]string{verdict.Operator, verdict.Engine}] = true
	}
	var differences []string
	reported := map[[2]string]bool{}
	for key, result := range c.report.Results {
		id := [2]string{result.Operator, result.Engine}
		switch {
		case reported[id]:
			differences = append(differences, fmt.Sprintf("%s repeats %s of %s", key, result.Engine, result.Operator))
		case !attested[id]:
			differences = append(differences, fmt.Sprintf("%s: nobody attested engine %s of %s", key, result.Engine, result.Operator))
		}
		reported[id] = true
	}
	for id := range attested {
		if !reported[id] {
			differences = append(differences, fmt.Sprintf("engine %s of %s is left out", id[1], id[0]))
		}
	}
	return fmt.Sprintf("the report has exactly the %d engines that attested", len(attested)), differ(differences)
}

// verdicts compares every field of every result.
func (c *check) verdicts(ctx context.Context) (string, error) {
	proved := map[[2]string]verdictstypes.EngineVerdict{}
	count := map[string]int{}
	for _, verdict := range c.proof.Verdicts {
		proved[[2]string{verdict.Operator, verdict.Engine}] = verdict
		count[verdict.Engine]++
	}
	var differences []string
	for key, result := range c.report.Results {
		verdict, ok := proved[[2]string{result.Operator, result.Engine}]
		if !ok {
			continue // the engines claim names it
		}
		name, err := c.displayName(ctx, key, verdict, count[verdict.Engine] == 1)
		if err != nil {
			return "", err
		}
		if key != name {
			differences = append(differences, fmt.Sprintf("%s: the engine is %s", key, name))
		}
		for _, field := range compare(result, newResult(key, verdict)) {
			differences = append(differences, key+": "+field)
		}
	}
	return fmt.Sprintf("category, label, version, confidence and signature set of all %d results are as attested", len(proved)), differ(differences)
}

// displayName is the key that a result should have, see Results. A moniker is proved
// when it is used, and refused when it passes for an address.
func (c *check) displayName(ctx context.Context, key string, verdict verdictstypes.EngineVerdict, unique bool) (string, error) {
	byOperator := verdict.Engine + "@" + verdict.Operator
	switch {
	case unique:
		return verdict.Engine, nil
	case key == byOperator:
		return key, nil
	}
	operator, err := operators.StringToBytes(verdict.Operator)
	if err != nil {
		return "", refute("operator %.100q: %w", verdict.Operator, err)
	}
	storeKey, err := collections.EncodeKeyWithPrefix(supernodetypes.SupernodesKey, sdk.AccAddressKey, sdk.AccAddress(operator))
	if err != nil {
		return "", err
	}
	var supernode supernodetypes.Supernode
	err = c.read(ctx, supernodetypes.StoreKey, storeKey, &supernode)
	moniker := supernode.Profile.Moniker
	if errors.As(err, new(refuted)) || moniker == "" || strings.HasPrefix(strings.ToLower(moniker), addressPrefix+"1") {
		return byOperator, nil
	}
	return verdict.Engine + "@" + moniker, err
}

func compare(got, want EngineResult) []string {
	var differences []string
	for _, field := range []struct{ name, got, want string }{
		{"category", got.Category, want.Category},
		{"engine_name", got.EngineName, want.EngineName},
		{"engine_version", got.EngineVersion, want.EngineVersion},
		{"engine_update", got.EngineUpdate, want.EngineUpdate},
		{"method", got.Method, want.Method},
		{"result", quote(got.Label), quote(want.Label)},
		{"confidence", fmt.Sprint(got.Confidence), fmt.Sprint(want.Confidence)},
		{"signature_digest", got.SignatureDigest, want.SignatureDigest},
	} {
		if field.got != field.want {
			differences = append(differences, fmt.Sprintf("%s is %s in the report, %s on the chain", field.name, field.got, field.want))
		}
	}
	return differences
}

func quote(label *string) string {
	if label == nil {
		return "null"
	}
	return fmt.Sprintf("%q", *label)
}

// stats compares the counts with those of the proved verdicts.
func (c *check) stats(context.Context) (string, error) {
	want := make(Stats, len(Categories))
	for _, verdict := range c.proof.Verdicts {
		want[CategoryName(verdict.Category)]++
	}
	var differences []string
	for _, category := range Categories {
		if c.report.Stats[category] != want[category] {
			differences = append(differences, fmt.Sprintf("%s is %d in the report, %d on the chain", category, c.report.Stats[category], want[category]))
		}
	}
	return "the counts by category are those of the attested verdicts", differ(differences)
}

// outcome tallies again by the round's own rules.
func (c *check) outcome(context.Context) (string, error) {
	round, index := c.proof.Round, c.proof.Index
	columns, err := verdictstypes.Columns(c.attestations, c.table, int(round.Samples))
	if err != nil {
		return "", refute("%w", err)
	}
	outcome := OutcomeName(verdictstypes.Tally(round.Rules, round.ExpectedWeight, columns, index, index+1)[0])
	if outcome != c.proof.Outcome {
		return "", refute("the attestations give %s, the chain says %s", outcome, c.proof.Outcome)
	}
	return fmt.Sprintf("the round's rules over the %d attested and weighed verdicts give %s", len(c.proof.Verdicts), outcome), nil
}

// differ refutes when there is any difference.
func differ(differences []string) error {
	if len(differences) == 0 {
		return nil
	}
	slices.Sort(differences)
	if more := len(differences) - maxDifferences; more > 0 {
		differences = append(differences[:maxDifferences], fmt.Sprintf("and %d more", more))
	}
	return refute("%s", strings.Join(differences, "; "))
}
