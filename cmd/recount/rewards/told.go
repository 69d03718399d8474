package rewards

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/cosmos/gogoproto/proto"

	bounty "github.com/virusmap/virusmap/x/bounty/types"
)

// told holds what x/bounty told in the running block against what it should have.
type told map[toldKey]*pair

type toldKey struct{ what, item string }

type pair struct{ ours, theirs proto.Message }

// note takes an event of x/bounty that is to be compared.
func (t told) note(event proto.Message) {
	switch event := event.(type) {
	case *bounty.EventScored:
		t.at("samples", hexOf(string(event.Sha256))).theirs = event
	case *bounty.EventCredited:
		t.at("stages", fmt.Sprintf("%x/%d", event.Sha256, event.Stage)).theirs = event
	case *bounty.EventEpochSettled:
		t.at("epochs", fmt.Sprint(event.Epoch)).theirs = event
	case *bounty.EventOperatorPaid:
		t.at("operators", fmt.Sprintf("%d/%s", event.Epoch, event.Operator)).theirs = event
	case *bounty.EventClaimed:
		t.at("claims", event.Contributor).theirs = event
	case *bounty.EventEpochClosed:
		t.at("closed epochs", fmt.Sprint(event.Epoch)).theirs = event
	}
}

// want enters an event that the block should tell.
func (t told) want(what, item string, event proto.Message) { t.at(what, item).ours = event }

func (t told) at(what, item string) *pair {
	key := toldKey{what, item}
	if t[key] == nil {
		t[key] = new(pair)
	}
	return t[key]
}

// scored is what the block tells of a sample's score.
func (t told) scored(member string) (*bounty.EventScored, bool) {
	return theirs[*bounty.EventScored](t, toldKey{"samples", hexOf(member)})
}

// settled is what the block tells of the settlement of an epoch.
func (t told) settled(number uint64) (*bounty.EventEpochSettled, bool) {
	return theirs[*bounty.EventEpochSettled](t, toldKey{"epochs", fmt.Sprint(number)})
}

// paid is what the block tells of the payment of an operator.
func (t told) paid(number uint64, operator string) (*bounty.EventOperatorPaid, bool) {
	return theirs[*bounty.EventOperatorPaid](t, toldKey{"operators", fmt.Sprintf("%d/%s", number, operator)})
}

func theirs[E proto.Message](t told, key toldKey) (event E, told bool) {
	if pair, known := t[key]; known && pair.theirs != nil {
		event, told = pair.theirs.(E)
	}
	return event, told
}

// compareEvents compares what the block told with what it should have told.
func (a *Audit) compareEvents() {
	keys := slices.SortedFunc(maps.Keys(a.told), func(x, y toldKey) int {
		return cmp.Or(cmp.Compare(x.what, y.what), cmp.Compare(x.item, y.item))
	})
	for _, key := range keys {
		ours, theirs := differing(a.told[key].ours, a.told[key].theirs)
		a.Report.compare(a.height, key.what, key.item, ours, theirs)
	}
}

func hexOf(hash string) string { return fmt.Sprintf("%x", hash) }
