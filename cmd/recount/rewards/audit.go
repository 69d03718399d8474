// Package rewards works out all rewards of a chain from nothing but the events of its
// blocks and its genesis, and compares them with what the chain says. It shares the proto
// types and the packing of columns with the chain, and no line that counts, so that a
// mistake in one of the two shows as a difference.
package rewards

import (
	"fmt"
	"math/big"

	"github.com/cosmos/gogoproto/proto"

	"github.com/virusmap/virusmap/cmd/recount/blocks"
	"github.com/virusmap/virusmap/cmd/recount/rounds"
	bounty "github.com/virusmap/virusmap/x/bounty/types"
	samples "github.com/virusmap/virusmap/x/samples/types"
	supernode "github.com/virusmap/virusmap/x/supernode/types"
	verdicts "github.com/virusmap/virusmap/x/verdicts/types"
)

// Audit is what the blocks so far give. Amounts are in uvmt.
type Audit struct {
	Report *Report

	genesis State
	params  bounty.Params
	rounds  *rounds.Rounds
	// height and now are those of the running block; epoch is the newest that was seated.
	height, now int64
	epoch       uint64

	register   register
	operators  operators
	challenges challenges
	changes    changes
	bank       bank
	told       told

	agreed    agreement
	scores    map[string]*bounty.Score
	clusters  map[string]*bounty.Cluster
	keys      map[slotKey]string
	keysOf    map[string][]slotKey
	members   map[string]map[string]bool
	expiring  queue
	credits   queue
	sightings map[string]map[string]bool
	sighted   map[workKey]uint32

	// nextEpoch is the first that is not settled, oldest the first that is not closed.
	nextEpoch uint64
	oldest    uint64
	epochs    map[uint64]*epoch
	points    map[string]map[uint64]*points
	standings map[string]uint64
	treasury  *big.Int
	ledger    ledger
}

// New begins an audit at the genesis of a chain. It refuses one that has rewards already.
func New(genesis State) (*Audit, error) {
	if err := genesis.fresh(); err != nil {
		return nil, err
	}
	a := &Audit{
		Report: newReport(), genesis: genesis, params: genesis.Bounty.Params, rounds: rounds.New(),
		height: genesis.Height - 1, epoch: genesis.epoch(),
		register: newRegister(), operators: newOperators(genesis.Supernode), challenges: newChallenges(genesis.Samples.Params),
		changes: make(changes), bank: newBank(genesis.Balances), told: make(told),
		scores: make(map[string]*bounty.Score), clusters: make(map[string]*bounty.Cluster),
		keys: make(map[slotKey]string), keysOf: make(map[string][]slotKey), members: make(map[string]map[string]bool),
		sightings: make(map[string]map[string]bool), sighted: make(map[workKey]uint32),
		nextEpoch: genesis.Bounty.NextEpoch, oldest: genesis.Bounty.NextEpoch, epochs: make(map[uint64]*epoch),
		points: make(map[string]map[uint64]*points), standings: make(map[string]uint64),
		treasury: genesis.Bounty.Schedule.Treasury.BigInt(), ledger: newLedger(),
	}
	a.bank.watch(treasuryAddress())
	return a, nil
}

// Height is the last block that was audited.
func (a *Audit) Height() int64 { return a.height }

// Block audits the next block.
func (a *Audit) Block(block blocks.Block) error {
	if block.Height != a.height+1 {
		return fmt.Errorf("block %d follows %d: all blocks are needed, from height %d on", block.Height, a.height, a.genesis.Height)
	}
	a.height, a.now = block.Height, block.Time
	events := make([]proto.Message, len(block.Events))
	for i, event := range block.Events {
		if err := a.changes.apply(event); err != nil {
			return err
		}
		a.bank.apply(event)
		decoded, err := blocks.Decode(event)
		if err != nil {
			return err
		}
		events[i] = decoded
		a.told.note(decoded)
	}
	for _, event := range events {
		if event == nil {
			continue
		}
		if err := a.apply(event); err != nil {
			return err
		}
	}
	a.endBlock()
	return nil
}

// apply takes what others than x/bounty tell, and what accounts did to it.
func (a *Audit) apply(event proto.Message) error {
	switch event := event.(type) {
	case *supernode.EventSeated:
		a.seated(event.Epoch)
	case *samples.EventChallenged, *samples.EventStorageProved, *samples.EventStorageMissed:
		return a.challenges.apply(event)
	case *verdicts.EventRoundFinal:
		return a.finished(event)
	case *verdicts.EventResolved:
		if err := a.judged(event); err != nil {
			return err
		}
		return a.rounds.Apply(event)
	case *bounty.EventSighted:
		a.sight(event)
		return nil
	case *bounty.EventClaimed:
		a.claim(event)
		return nil
	}
	a.register.apply(event, a.height)
	a.operators.apply(event)
	return a.rounds.Apply(event)
}

// endBlock repeats what x/samples counts and x/bounty does at the end of a block.
func (a *Audit) endBlock() {
	a.endChallenges()
	a.giveCredits()
	a.settleEpochs()
	a.closeEpochs()
	a.expireClusters()
	a.compareEvents()
	a.compareBalances()
	clear(a.told)
}

func (a *Audit) seated(number uint64) {
	a.epoch = number
	a.bank.watch(epochAddress(number))
	a.bank.watch(epochAddress(number + 1))
}
