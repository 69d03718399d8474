package rewards

import (
	"bytes"
	"fmt"
	"sort"

	"github.com/cosmos/gogoproto/proto"

	samples "github.com/virusmap/virusmap/x/samples/types"
)

// challenges follows which supernodes proved that they store what they must.
type challenges struct {
	perBlock int
	open     map[challengeKey]*challenge
	// missed are those that ended unanswered in the running block.
	missed map[challengeKey]bool
}

type challengeKey struct {
	operator string
	epoch    uint64
	index    uint32
}

type challenge struct {
	deadline int64
	proved   bool
}

func newChallenges(params samples.Params) challenges {
	return challenges{
		perBlock: int(params.MaxExpiriesPerBlock), open: make(map[challengeKey]*challenge),
		missed: make(map[challengeKey]bool),
	}
}

func (c challenges) apply(event proto.Message) error {
	switch event := event.(type) {
	case *samples.EventChallenged:
		c.open[challengeKey{event.Operator, event.Epoch, event.Index}] = &challenge{deadline: event.DeadlineHeight}
	case *samples.EventStorageProved:
		of, known := c.open[challengeKey{event.Operator, event.Epoch, event.Index}]
		if !known {
			return fmt.Errorf("challenge %d of %s in epoch %d was never made", event.Index, event.Operator, event.Epoch)
		}
		of.proved = true
	case *samples.EventStorageMissed:
		c.missed[challengeKey{event.Operator, event.Epoch, event.Index}] = true
	}
	return nil
}

// endChallenges counts the challenges whose deadline has passed. An answer counts when
// its challenge ends; one that nobody is to blame for does not count.
func (a *Audit) endChallenges() {
	for _, key := range a.challenges.due(a.height - 1) {
		proved := a.challenges.open[key].proved
		delete(a.challenges.open, key)
		if !proved && !a.challenges.missed[key] {
			continue
		}
		work := a.work(key.operator)
		work.Challenged++
		if proved {
			work.Proved++
		}
	}
	clear(a.challenges.missed)
}

// due are the challenges that end in a block, in the order of the chain.
func (c challenges) due(last int64) (keys []challengeKey) {
	for key, challenge := range c.open {
		if challenge.deadline <= last {
			keys = append(keys, key)
		}
	}
	sort.Slice(keys, func(i, j int) bool {
		x, y := keys[i], keys[j]
		if dx, dy := c.open[x].deadline, c.open[y].deadline; dx != dy {
			return dx < dy
		}
		if order := bytes.Compare(raw(x.operator), raw(y.operator)); order != 0 {
			return order < 0
		}
		if x.epoch != y.epoch {
			return x.epoch < y.epoch
		}
		return x.index < y.index
	})
	return keys[:min(len(keys), c.perBlock)]
}
