package rewards

import (
	"fmt"
	"math/big"

	"github.com/cosmos/cosmos-sdk/types/address"

	bounty "github.com/virusmap/virusmap/x/bounty/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// maxEpochs bounds the epochs that one block settles, and those that it closes.
const maxEpochs = 4

// epoch is what one epoch earned and paid.
type epoch struct {
	number                          uint64
	status                          bounty.EpochStatus
	contributorPoints, enginePoints uint64
	works                           map[string]*bounty.OperatorWork

	emission, contributors, engines, storage *big.Int
	// claimed is what contributors have got, balance what is left for them.
	claimed, balance       *big.Int
	settledTime, closeTime int64
	// kibDays are what all operators proved to store, provenDays those of operators that
	// were paid; silent are the works of the others.
	kibDays, provenDays *big.Int
	silent              []*bounty.OperatorWork
	// rate bounds the KiB-days that a full proof was worth; nil before the first.
	rate *bounds
}

// ledger is what left the treasury for good.
type ledger struct{ contributors, engines, storage *big.Int }

func newLedger() ledger { return ledger{new(big.Int), new(big.Int), new(big.Int)} }

// workKey is an operator in an epoch.
type workKey struct {
	epoch    uint64
	operator string
}

// at returns an epoch, which is ACCRUING when it is new.
func (a *Audit) at(number uint64) *epoch {
	if a.epochs[number] == nil {
		zero := func() *big.Int { return new(big.Int) }
		a.epochs[number] = &epoch{
			number: number, status: bounty.EPOCH_STATUS_ACCRUING, works: make(map[string]*bounty.OperatorWork),
			emission: zero(), contributors: zero(), engines: zero(), storage: zero(),
			claimed: zero(), balance: zero(), kibDays: zero(), provenDays: zero(),
		}
	}
	return a.epochs[number]
}

// running is the epoch in which points are given now.
func (a *Audit) running() *epoch { return a.at(a.epoch) }

// work returns what an operator did in the running epoch.
func (a *Audit) work(operator string) *bounty.OperatorWork {
	works := a.running().works
	if works[operator] == nil {
		works[operator] = &bounty.OperatorWork{Operator: operator, Epoch: a.epoch}
	}
	return works[operator]
}

// settleEpochs pays operators and fixes the rewards of epochs that have ended. An epoch
// is settled when all operators of the one before are paid.
func (a *Audit) settleEpochs() {
	payouts := a.payOperators(int(a.params.MaxPayoutsPerBlock))
	for n := 0; n < maxEpochs && a.nextEpoch < a.epoch && payouts > 0; n++ {
		a.settle(a.at(a.nextEpoch))
		a.nextEpoch++
		payouts = a.payOperators(payouts)
	}
}

func (a *Audit) settle(e *epoch) {
	p := a.params
	e.emission = new(big.Int).Set(smaller(emission(a.genesis.Bounty.Schedule, e.number), a.treasury))
	contributors := part(e.emission, number(uint64(p.ContributorsPpm)), number(ppm))
	engines := part(e.emission, number(uint64(p.EnginesPpm)), number(ppm))
	storage := new(big.Int).Sub(new(big.Int).Sub(e.emission, contributors), engines)
	e.contributors = measured(contributors, number(e.contributorPoints), samplesTarget(p.ContributorTargetSamples))
	e.engines = measured(engines, number(e.enginePoints), samplesTarget(p.EngineTargetSamples))
	// How many bytes are stored is in no event, so the proven KiB-days are taken as told.
	if settled, told := a.told.settled(e.number); told {
		e.kibDays = number(settled.StorageKibDays)
	}
	e.storage = measured(storage, e.kibDays, new(big.Int).Lsh(number(p.StorageTargetGibDays), 20))
	e.status, e.settledTime, e.closeTime = bounty.EPOCH_STATUS_PAYING, a.now, a.now+int64(p.ClaimWindowSeconds)
	e.balance = new(big.Int).Set(e.contributors)
	a.treasury.Sub(a.treasury, e.contributors)

	a.Report.Rewards.settled(e)
	a.told.want("epochs", fmt.Sprint(e.number), &bounty.EventEpochSettled{
		Epoch: e.number, Emission: e.emission.String(), Contributors: e.contributors.String(),
		Engines: e.engines.String(), Storage: e.storage.String(), StorageKibDays: e.kibDays.Uint64(),
	})
}

// measured is what of a part of the emission is paid: all of it from the target on, less
// in proportion.
func measured(of, reached, target *big.Int) *big.Int {
	return part(of, smaller(reached, target), target)
}

// samplesTarget turns a target in samples into points.
func samplesTarget(count uint64) *big.Int { return new(big.Int).Mul(number(count), number(ppm)) }

// closeEpochs returns to the treasury what nobody claimed in time, and with it what others
// sent to the account of the epoch, up to what contributors had claimed.
func (a *Audit) closeEpochs() {
	for number, n := a.oldest, 0; number < a.nextEpoch && n < maxEpochs; number++ {
		e := a.at(number)
		if !e.open() || e.closeTime > a.now {
			continue
		}
		n++
		if e.status == bounty.EPOCH_STATUS_PAYING {
			continue
		}
		left := new(big.Int).Add(e.balance, a.bank.gift(epochAddress(number)))
		returned := new(big.Int).Set(smaller(left, e.contributors))
		e.claimed = new(big.Int).Sub(e.contributors, returned)
		e.balance, e.status = new(big.Int), bounty.EPOCH_STATUS_CLOSED
		a.treasury.Add(a.treasury, returned)
		a.ledger.contributors.Add(a.ledger.contributors, e.claimed)
		a.told.want("closed epochs", fmt.Sprint(number), &bounty.EventEpochClosed{Epoch: number, Returned: returned.String()})
	}
	for a.oldest < a.nextEpoch && a.at(a.oldest).status == bounty.EPOCH_STATUS_CLOSED {
		a.oldest++
	}
}

// open tells that rewards of the epoch can be claimed.
func (e *epoch) open() bool {
	return e.status == bounty.EPOCH_STATUS_PAYING || e.status == bounty.EPOCH_STATUS_CLAIMABLE
}

func treasuryAddress() string { return sdk.AccAddress(address.Module(bounty.ModuleName)).String() }

// epochAddress is the account from which the rewards of an epoch are claimed.
func epochAddress(epoch uint64) string {
	key := new(big.Int).SetUint64(epoch).FillBytes(make([]byte, 8))
	return sdk.AccAddress(address.Module(bounty.ModuleName, []byte("epoch"), key)).String()
}
