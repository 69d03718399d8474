package rewards

import (
	"github.com/cosmos/gogoproto/proto"

	samples "github.com/virusmap/virusmap/x/samples/types"
	supernode "github.com/virusmap/virusmap/x/supernode/types"
	verdicts "github.com/virusmap/virusmap/x/verdicts/types"
)

// register follows the samples.
type register struct {
	samples map[string]*sample
	// claimed are the heights at which somebody claimed to have a sample.
	claimed map[int64]bool
}

// sample is what the events tell of a sample that is on chain.
type sample struct {
	kind                 samples.Kind
	contributor, gateway string
	// submitted is the height of its submission.
	submitted        int64
	invalid, blocked bool
}

func newRegister() register {
	return register{samples: make(map[string]*sample), claimed: make(map[int64]bool)}
}

func (r register) apply(event proto.Message, height int64) {
	switch event := event.(type) {
	case *samples.EventSubmitted:
		r.samples[string(event.Sha256)] = &sample{
			kind: event.Kind, contributor: event.Contributor, gateway: event.Gateway, submitted: height,
		}
	case *samples.EventContributorReplaced:
		if s, known := r.samples[string(event.Sha256)]; known {
			s.replace(event.Contributor)
		}
	case *samples.EventClaimed:
		r.claimed[height] = event.Claims > 0 || r.claimed[height]
	case *samples.EventBlocked:
		if s, known := r.samples[string(event.Sha256)]; known {
			s.blocked = true
		}
	case *samples.EventExpired:
		delete(r.samples, string(event.Sha256))
	}
}

// replace credits another contributor. Who paid the deposit stays the gateway, unless it
// is the contributor itself.
func (s *sample) replace(contributor string) {
	payer := s.gateway
	if payer == "" {
		payer = s.contributor
	}
	s.contributor, s.gateway = contributor, payer
	if payer == contributor {
		s.gateway = ""
	}
}

// finished marks the samples that a round could not open.
func (a *Audit) finished(event *verdicts.EventRoundFinal) error {
	if err := a.rounds.Apply(event); err != nil {
		return err
	}
	round, err := a.rounds.Round(event.Round)
	if err != nil {
		return err
	}
	if round.Kind != verdicts.ROUND_KIND_INITIAL && round.Kind != verdicts.ROUND_KIND_RESCAN {
		return nil
	}
	for _, member := range round.Members {
		if s, known := a.register.samples[member]; known && round.Outcome(member) == verdicts.OUTCOME_INVALID {
			s.invalid = true
		}
	}
	return nil
}

// operators follows who is registered and whose sidecar an account is.
type operators struct{ sidecarOf, ofSidecar map[string]string }

func newOperators(genesis supernode.GenesisState) operators {
	o := operators{sidecarOf: make(map[string]string), ofSidecar: make(map[string]string)}
	for _, entry := range genesis.Supernodes {
		o.set(entry.Operator, entry.Profile.Sidecar)
	}
	return o
}

func (o operators) apply(event proto.Message) {
	switch event := event.(type) {
	case *supernode.EventRegistered:
		o.set(event.Operator, event.Sidecar)
	case *supernode.EventEdited:
		o.set(event.Operator, event.Sidecar)
	case *supernode.EventReleased:
		delete(o.ofSidecar, o.sidecarOf[event.Operator])
		delete(o.sidecarOf, event.Operator)
	}
}

func (o operators) set(operator, sidecar string) {
	delete(o.ofSidecar, o.sidecarOf[operator])
	o.sidecarOf[operator], o.ofSidecar[sidecar] = sidecar, operator
}

func (o operators) registered(operator string) bool {
	_, registered := o.sidecarOf[operator]
	return registered
}
