package system

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// How many orders and kills TestMarketKilled makes; `make test-market` asks for more.
const (
	ordersVariable = "MARKET_ORDERS"
	killsVariable  = "MARKET_KILLS"
)

// killSettings leave a seller that comes back the time to deliver.
var killSettings = map[string]any{
	"app_state.epochs.epochs.0.duration":             "900s",
	"app_state.market.params.delivery_window_blocks": 90,
	"app_state.market.params.fallback_blocks":        20,
	"app_state.market.params.dispute_window_blocks":  20,
}

// Brokers, buyers and the node are killed at random moments of many purchases. In the end
// every sample is there, paid once, and no escrow holds anything.
func TestMarketKilled(t *testing.T) {
	const perBuyer = 10
	orders, kills := number(t, ordersVariable, 30), number(t, killsVariable, 8)
	w := ownWorld(t, "market-kills", setup{supernodes: 2, genesis: killSettings})
	s := &shoppers{hashes: w.submitted(t, perBuyer, ""), out: t.TempDir(), least: orders / perBuyer}
	for i := range s.least * 3 { // some may have to buy on while kills are left
		s.buyers = append(s.buyers, w.newVendor(t, fmt.Sprintf("vendor%d", i), 100*samplePrice, w.Supernodes[i%2]))
	}
	var lanes sync.WaitGroup
	for range 2 {
		lanes.Go(func() { s.shop(t) })
	}
	w.killAtRandom(t, s, kills)
	s.enough.Store(true)
	lanes.Wait()
	require.False(t, t.Failed())

	paid := 0
	for _, buyer := range s.buyers[:s.taken] {
		requireOpened(t, s.folder(buyer), s.hashes)
		bought := w.ended(t, buyer)
		require.Len(t, bought, perBuyer, "each sample was paid once")
		for _, order := range bought {
			require.Equal(t, markettypes.ORDER_STATUS_SETTLED, order.Status)
			require.Len(t, order.SealedKey, markettypes.SealedKeySize)
			require.EqualValues(t, samplePrice, order.Split.Sum().Int64())
			paid++
		}
		w.requireEscrowsEmpty(t, bought)
		spent := 100*samplePrice - w.balance(t.Context(), buyer.Address)
		require.Less(t, spent-perBuyer*samplePrice, int64(samplePrice), "beside the prices only fees are gone")
	}
	open, err := w.chain.Market().Deliveries(t.Context(), &markettypes.QueryDeliveriesRequest{})
	require.NoError(t, err)
	require.Empty(t, open.Orders)
	require.GreaterOrEqual(t, paid, orders)
	marketFigure("orders_settled_with_their_keys", paid)
	marketFigure("kills", kills)
	marketFigure("kills_of_a_broker", s.kills[0])
	marketFigure("kills_of_the_node", s.kills[1])
	marketFigure("kills_of_a_buyer", s.kills[2])
	w.requireHealthy(t)
}

func number(t *testing.T, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	value, err := strconv.Atoi(text)
	require.NoError(t, err, variable)
	return value
}

// shoppers buy the same samples one after the other.
type shoppers struct {
	hashes []string
	out    string
	buyers []vendor
	// least is how many of them buy; the others only until enough is set.
	least  int
	enough atomic.Bool
	kills  [3]int

	mu     sync.Mutex
	taken  int
	buying []*os.Process
}

func (s *shoppers) folder(buyer vendor) string { return filepath.Join(s.out, buyer.Name) }

// next is a buyer that has not bought yet, if one should.
func (s *shoppers) next() (buyer vendor, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == len(s.buyers) || s.taken >= s.least && s.enough.Load() {
		return vendor{}, false
	}
	s.taken++
	return s.buyers[s.taken-1], true
}

func (s *shoppers) shop(t *testing.T) {
	for buyer, ok := s.next(); ok; buyer, ok = s.next() {
		if err := s.buy(t.Context(), buyer); err != nil {
			t.Errorf("%s does not get its samples: %s", buyer.Name, err)
			return
		}
	}
}

// buy runs the same command again as long as it fails, as a person or a script does.
func (s *shoppers) buy(ctx context.Context, buyer vendor) error {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	for {
		command := buyer.command(ctx, append([]string{"buy", "--yes", "--out", s.folder(buyer)}, s.hashes...)...)
		var log bytes.Buffer
		command.Stdout, command.Stderr = &log, &log
		if err := command.Start(); err != nil {
			return err
		}
		s.add(command.Process)
		err := command.Wait()
		s.remove(command.Process)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %s", err, log.String())
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func (s *shoppers) add(process *os.Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buying = append(s.buying, process)
}

func (s *shoppers) remove(process *os.Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buying = slices.DeleteFunc(s.buying, func(other *os.Process) bool { return other == process })
}

// kill kills a buyer, if one is buying.
func (s *shoppers) kill(random *rand.Rand) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.buying) > 0 && s.buying[random.IntN(len(s.buying))].Kill() == nil
}

// killAtRandom kills brokers, buyers and the node, and starts what does not start itself.
func (w *world) killAtRandom(t *testing.T, s *shoppers, kills int) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	for made := 0; made < kills && !t.Failed(); {
		time.Sleep(time.Duration(random.IntN(2000)) * time.Millisecond)
		kind := min(random.IntN(4), 2)
		switch kind {
		case 0:
			supernode := w.Supernodes[random.IntN(len(w.Supernodes))]
			crash(t, supernode)
			restart(t, supernode)
		case 1:
			w.Validators[0].Kill()
			require.NoError(t, w.Validators[0].Start())
		default:
			if !s.kill(random) {
				continue
			}
		}
		s.kills[kind]++
		made++
	}
}
