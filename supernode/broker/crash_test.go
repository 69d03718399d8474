package broker

import (
	"context"
	"errors"
	"sync"
	"testing"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

var errKilled = errors.New("the process is dead")

// moment is a step around which a process dies.
type moment string

const (
	listing  moment = "when it knows of the orders"
	opening  moment = "when it opens a file key"
	before   moment = "before the keys are sent"
	onTheWay moment = "when the keys are on their way"
	after    moment = "when the keys are in a block and it does not know"
)

// mortal is the chain and the vault as a process sees them that dies at a moment.
type mortal struct {
	Chain
	Vault
	at   moment
	once sync.Once
	dead chan struct{}
	late chan struct{} // closed when what was on its way is in a block
}

func (m *mortal) dies(at moment) bool {
	if m.at == at {
		m.once.Do(func() { close(m.dead) })
	}
	select {
	case <-m.dead:
		return true
	default:
		return false
	}
}

func (m *mortal) Market() markettypes.QueryClient {
	m.dies(listing)
	return m.Chain.Market()
}

func (m *mortal) FileKey(ctx context.Context, c cid.Cid, with ...age.Identity) ([]byte, error) {
	if m.dies(opening) {
		return nil, errKilled
	}
	return m.Vault.FileKey(ctx, c, with...)
}

func (m *mortal) Broadcast(ctx context.Context, tx chain.Tx) (*sdk.TxResponse, error) {
	switch m.at {
	case onTheWay:
		m.once.Do(func() {
			close(m.dead)
			go func() {
				<-m.late
				_, _ = m.Chain.Broadcast(context.WithoutCancel(ctx), tx)
			}()
		})
		return nil, errKilled
	case after:
		_, _ = m.Chain.Broadcast(ctx, tx)
	}
	m.dies(m.at)
	return nil, errKilled
}

func TestCrashAtAnyStepDeliversOnce(t *testing.T) {
	t.Parallel()
	for _, at := range []moment{listing, opening, before, onTheWay, after} {
		t.Run(string(at), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, 1)
			orders := f.orders(12, f.operators[0], wide)
			deps := f.deps(f.operators[0])
			m := &mortal{Chain: deps.Chain, Vault: f.vault, at: at, dead: make(chan struct{}), late: make(chan struct{})}
			deps.Chain, deps.Vault = m, m
			kill := f.run(f.broker(f.operators[0], deps))
			<-m.dead
			kill()
			if at == onTheWay {
				close(m.late) // what the dead process sent races with what the new one sends
			}
			b, _ := f.start(f.operators[0])
			f.ticking()
			f.eventually("all", func() bool { return f.delivered(orders...) })
			f.eventually("nothing is on its way", func() bool { return b.metric("orders_running") == 0 })
			f.requireRight(orders...)
			if at != onTheWay {
				f.requireOnce(orders...)
			}
			var events int
			for _, block := range f.ledger.All() {
				for _, event := range block.Events {
					if event.Type == "virusmap.market.v1.EventDelivered" {
						events++
					}
				}
			}
			require.Equal(t, len(orders), events)
		})
	}
}
