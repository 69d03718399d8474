package rewards

import (
	"bytes"
	"fmt"
	"maps"
	"math/big"
	"slices"

	bounty "github.com/virusmap/virusmap/x/bounty/types"
)

// payOperators pays the operators of the epoch that was settled last, in the order of
// their bytes and at most limit. It returns how many more may be paid in the block.
func (a *Audit) payOperators(limit int) (left int) {
	if a.nextEpoch == 0 {
		return limit
	}
	e := a.at(a.nextEpoch - 1)
	if e.status != bounty.EPOCH_STATUS_PAYING {
		return limit
	}
	waiting := slices.SortedFunc(maps.Keys(e.works), func(x, y string) int { return bytes.Compare(raw(x), raw(y)) })
	waiting = waiting[:min(len(waiting), limit)]
	for _, operator := range waiting {
		a.pay(e, e.works[operator])
		delete(e.works, operator)
	}
	if len(e.works) > 0 {
		return 0
	}
	e.status = bounty.EPOCH_STATUS_CLAIMABLE
	a.compareProofs(e)
	return limit - len(waiting)
}

// pay gives an operator its share; that of one that is not registered any more stays in
// the treasury, and nobody tells how much it stored.
func (a *Audit) pay(e *epoch, work *bounty.OperatorWork) {
	paid, told := a.told.paid(e.number, work.Operator)
	if told {
		work.StorageKibDays = paid.StorageKibDays
		a.compareProof(e, work)
	} else {
		e.silent = append(e.silent, work)
	}
	engines := part(e.engines, number(work.EnginePoints), number(e.enginePoints))
	storage := part(e.storage, number(work.StorageKibDays), e.kibDays)
	if !a.operators.registered(work.Operator) || engines.Sign()+storage.Sign() == 0 {
		return
	}
	a.treasury.Sub(a.treasury, engines)
	a.treasury.Sub(a.treasury, storage)
	a.ledger.engines.Add(a.ledger.engines, engines)
	a.ledger.storage.Add(a.ledger.storage, storage)
	a.Report.Rewards.paid(engines, storage)
	a.told.want("operators", fmt.Sprintf("%d/%s", e.number, work.Operator), &bounty.EventOperatorPaid{
		Epoch: e.number, Operator: work.Operator, Engines: engines.String(), Storage: storage.String(),
		EnginePoints: work.EnginePoints, StorageKibDays: work.StorageKibDays,
	})
}

// bounds are what a full proof of storage was worth in KiB-days: low or more, below high.
type bounds struct{ low, high *big.Rat }

// compareProof checks the KiB-days of an operator against those of the others. Each is
// ⌊r · proved / challenged⌋ with one r for all, which depends on how much is stored. It
// checks that there is such an r.
func (a *Audit) compareProof(e *epoch, work *bounty.OperatorWork) {
	e.provenDays.Add(e.provenDays, number(work.StorageKibDays))
	item, theirs := fmt.Sprintf("%d/%s", e.number, work.Operator), fmt.Sprintf("%d KiB-days", work.StorageKibDays)
	if work.Proved == 0 {
		a.Report.compare(a.height, "proofs", item, "0 KiB-days", theirs)
		return
	}
	inverse := big.NewRat(int64(work.Challenged), int64(work.Proved))
	rate := &bounds{inverted(work.StorageKibDays, inverse), inverted(work.StorageKibDays+1, inverse)}
	if e.rate == nil {
		e.rate = rate
	}
	ours := theirs
	if rate.low.Cmp(e.rate.high) >= 0 || rate.high.Cmp(e.rate.low) <= 0 {
		ours = fmt.Sprintf("%s..%s KiB-days · %d/%d", e.rate.low.FloatString(3), e.rate.high.FloatString(3), work.Proved, work.Challenged)
	} else {
		e.rate.narrow(rate)
	}
	a.Report.compare(a.height, "proofs", item, ours, theirs)
}

// compareProofs checks that the sum is what all have proved, as far as the rate tells for
// those of whom it is not known.
func (a *Audit) compareProofs(e *epoch) {
	low, high := new(big.Int).Set(e.provenDays), new(big.Int).Set(e.provenDays)
	for _, work := range e.silent {
		if work.Proved == 0 {
			continue
		}
		if e.rate == nil { // nobody tells what a proof was worth
			high.Add(high, e.kibDays)
			continue
		}
		proved := big.NewRat(int64(work.Proved), int64(work.Challenged))
		low.Add(low, floor(new(big.Rat).Mul(e.rate.low, proved)))
		high.Add(high, floor(new(big.Rat).Mul(e.rate.high, proved)))
	}
	ours, theirs := fmt.Sprintf("%s..%s KiB-days", low, high), e.kibDays.String()+" KiB-days"
	if e.kibDays.Cmp(low) >= 0 && e.kibDays.Cmp(high) <= 0 {
		ours = theirs
	}
	a.Report.compare(a.height, "proofs", fmt.Sprintf("epoch %d", e.number), ours, theirs)
	e.silent, e.rate = nil, nil
}

func (b *bounds) narrow(by *bounds) {
	if by.low.Cmp(b.low) > 0 {
		b.low = by.low
	}
	if by.high.Cmp(b.high) < 0 {
		b.high = by.high
	}
}

func inverted(kibDays uint64, by *big.Rat) *big.Rat {
	return new(big.Rat).Mul(new(big.Rat).SetInt(number(kibDays)), by)
}

func floor(r *big.Rat) *big.Int { return new(big.Int).Quo(r.Num(), r.Denom()) }
