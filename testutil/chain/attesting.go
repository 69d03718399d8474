package chaintest

import (
	"fmt"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// commits lets some supernodes commit in each open round. Some commit to answers
// that they can never reveal.
func (s *Simulation) commits() [][]byte {
	var txs [][]byte
	for _, round := range s.openRounds() {
		for _, node := range s.Supernodes {
			if s.rand.Intn(3) == 0 {
				continue
			}
			key := preparedKey(round.Number, node)
			attestation, again := s.prepared[key]
			if !again {
				attestation = s.attest(node, round)
				s.prepared[key] = attestation
			}
			txs = append(txs, s.SignFree(node.Sidecar, 2_000_000, node.Commit(round.Number, attestation)))
		}
	}
	return txs
}

// reveals lets some supernodes open what they committed to last, or something else.
func (s *Simulation) reveals() [][]byte {
	var txs [][]byte
	for _, round := range s.openRounds() {
		for _, node := range s.Supernodes {
			attestation, committed := s.prepared[preparedKey(round.Number, node)]
			if !committed || s.rand.Intn(4) == 0 {
				continue
			}
			if s.rand.Intn(12) == 0 {
				attestation = s.attest(node, round)
			}
			txs = append(txs, s.SignFree(node.Sidecar, 4_000_000, node.Reveal(round.Number, attestation)))
		}
	}
	return txs
}

// attest answers for the registered engines of a supernode; a dishonest one answers
// for an engine it has not, or for more members than there are.
func (s *Simulation) attest(node *Supernode, round verdictstypes.Round) verdictstypes.Attestation {
	engines := s.engines(node)
	members := int(round.Samples)
	switch s.rand.Intn(16) {
	case 0:
		engines = append(engines, "engine-x")
	case 1:
		members++
	}
	undecryptable := s.rand.Intn(8) == 0
	var vectors []verdictstypes.VerdictVector
	for _, engine := range engines {
		answers := Answers(members, func(int) verdictstypes.Answer {
			if undecryptable {
				return verdictstypes.Answer{Category: verdictstypes.CATEGORY_UNDECRYPTABLE}
			}
			return s.answer()
		})
		vectors = append(vectors, verdictstypes.NewVerdictVector(engine, "1.0", nil, 0, answers))
	}
	features := verdictstypes.NewFeatureVector(make([]string, members))
	features.Matches = s.wantedMatches(round)
	return verdictstypes.NewAttestation(vectors, features)
}

func (s *Simulation) answer() verdictstypes.Answer {
	category := verdictstypes.Category(1 + s.rand.Intn(int(verdictstypes.CATEGORY_FAILURE)))
	answer := verdictstypes.Answer{Category: category, Confidence: uint8(s.rand.Intn(16))}
	if category == verdictstypes.CATEGORY_MALICIOUS {
		answer.Label = fmt.Sprintf("Eicar-Test-%d", s.rand.Intn(5))
	}
	return answer
}

func (s *Simulation) engines(node *Supernode) []string {
	var names []string
	operator := collections.NewPrefixedPairRange[sdk.AccAddress, string](node.Operator.Address)
	err := s.App.VerdictsKeeper.Engines.Walk(s.Context(), operator,
		func(_ collections.Pair[sdk.AccAddress, string], engine verdictstypes.Engine) (bool, error) {
			names = append(names, engine.Name)
			return false, nil
		})
	if err != nil {
		s.t.Fatal(err)
	}
	return names
}

func (s *Simulation) openRounds() []verdictstypes.Round {
	var rounds []verdictstypes.Round
	ctx := s.Context()
	err := s.App.VerdictsKeeper.OpenRounds.Walk(ctx, nil, func(number uint64) (bool, error) {
		round, err := s.App.VerdictsKeeper.Rounds.Get(ctx, number)
		rounds = append(rounds, round)
		return false, err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return rounds
}

func preparedKey(round uint64, node *Supernode) string {
	return fmt.Sprintf("%d/%s", round, node.Operator.Address)
}
