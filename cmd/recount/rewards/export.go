package rewards

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/math"

	bounty "github.com/virusmap/virusmap/x/bounty/types"
)

// Export compares what the recount came to with the exported state after the last block.
func (a *Audit) Export(export State) error {
	if export.Height != a.height+1 {
		return fmt.Errorf("the export is of the state after block %d, the last block is %d", export.Height-1, a.height)
	}
	a.exportParams(export)
	a.exportBooks(export)
	theirs := export.Bounty
	a.compareAll("exported epochs", a.exportedEpochs(), keyed(theirs.Epochs, func(e *bounty.EpochRewards) string { return fmt.Sprint(e.Epoch) }))
	a.compareAll("exported points", a.exportedPoints(theirs.Points), keyed(theirs.Points, func(p *bounty.Points) string { return fmt.Sprintf("%d/%s", p.Epoch, p.Contributor) }))
	a.compareAll("exported standings", a.exportedStandings(), keyed(theirs.Standings, func(s *bounty.Standing) string { return s.Contributor }))
	a.compareAll("exported works", a.exportedWorks(theirs.Works), keyed(theirs.Works, workName))
	a.compareAll("exported scores", messages(a.scores), keyed(theirs.Scores, func(s *bounty.Score) string { return hexOf(string(s.Sha256)) }))
	a.compareAll("exported clusters", messages(a.clusters), keyed(theirs.Clusters, func(c *bounty.Cluster) string { return hexOf(string(c.Id)) }))
	a.compareAll("exported keys", a.exportedKeys(), keyed(theirs.Keys, keyName))
	a.compareAll("exported credits", a.exportedCredits(), keyed(theirs.Credits, creditName))
	a.compareAll("exported sightings", a.exportedSightings(), keyed(theirs.Sightings, sightingName))
	return nil
}

// exportParams compares what a recount takes from the genesis and nothing may change.
func (a *Audit) exportParams(export State) {
	for what, pair := range map[string]pair{
		"x/bounty params":   {&a.genesis.Bounty.Params, &export.Bounty.Params},
		"x/samples params":  {&a.genesis.Samples.Params, &export.Samples.Params},
		"x/verdicts params": {&a.genesis.Verdicts.Params, &export.Verdicts.Params},
		"schedule":          {&a.genesis.Bounty.Schedule, &export.Bounty.Schedule},
		"allocation":        {&a.genesis.Bounty.Allocation, &export.Bounty.Allocation},
	} {
		ours, theirs := differing(pair.ours, pair.theirs)
		a.Report.compare(0, "exported parameters", what, ours, theirs)
	}
}

// exportBooks compares the books, and the balances behind them.
func (a *Audit) exportBooks(export State) {
	books := func(item string, ours, theirs *big.Int) {
		a.Report.compare(0, "exported books", item, ours.String(), theirs.String())
	}
	ledger := export.Bounty.Ledger
	books("next epoch", number(a.nextEpoch), number(export.Bounty.NextEpoch))
	books("paid to contributors", a.ledger.contributors, ledger.Contributors.BigInt())
	books("paid to engines", a.ledger.engines, ledger.Engines.BigInt())
	books("paid for storage", a.ledger.storage, ledger.Storage.BigInt())
	books("balance of the treasury", a.treasury, export.balance(treasuryAddress()))
	for number := a.oldest; number < a.nextEpoch; number++ {
		if e := a.at(number); e.open() {
			balance := new(big.Int).Add(e.balance, a.bank.gift(epochAddress(number)))
			books(fmt.Sprintf("balance of epoch %d", number), balance, export.balance(epochAddress(number)))
		}
	}
	allocated := new(big.Int)
	of := export.Bounty.Allocation
	for _, share := range []math.Int{of.Contribution, of.Sale, of.Developers, of.Supporters, of.Community} {
		allocated.Add(allocated, share.BigInt())
	}
	if allocated.Sign() > 0 {
		books("supply and what was burned", allocated, new(big.Int).Add(export.Supply, export.Bounty.Burned.BigInt()))
	}
}

// exportedEpochs are those in which somebody earned something, and those that are settled.
func (a *Audit) exportedEpochs() map[string]proto.Message {
	epochs := make(map[string]proto.Message)
	for number, e := range a.epochs {
		if e.status == bounty.EPOCH_STATUS_ACCRUING && e.contributorPoints == 0 && e.enginePoints == 0 {
			continue
		}
		claimed := new(big.Int)
		if e.status == bounty.EPOCH_STATUS_CLOSED {
			claimed = e.claimed
		}
		epochs[fmt.Sprint(number)] = &bounty.EpochRewards{
			Epoch: number, Status: e.status, ContributorPoints: e.contributorPoints, EnginePoints: e.enginePoints,
			StorageKibDays: e.kibDays.Uint64(), Emission: amount(e.emission), Contributors: amount(e.contributors),
			Engines: amount(e.engines), Storage: amount(e.storage), Claimed: amount(claimed),
			CloseTime: e.closeTime, SettledTime: e.settledTime,
		}
	}
	return epochs
}

// exportedPoints are those of epochs that are not closed. Closed ones are deleted in some
// later block, so they are compared when they are there.
func (a *Audit) exportedPoints(theirs []bounty.Points) map[string]proto.Message {
	there := make(map[workKey]bool, len(theirs))
	for _, points := range theirs {
		there[workKey{points.Epoch, points.Contributor}] = true
	}
	points := make(map[string]proto.Message)
	for contributor, earned := range a.points {
		for number, p := range earned {
			if a.at(number).status == bounty.EPOCH_STATUS_CLOSED && !there[workKey{number, contributor}] {
				continue
			}
			points[fmt.Sprintf("%d/%s", number, contributor)] = &bounty.Points{
				Contributor: contributor, Epoch: number, Points: p.points, Claimed: amount(p.claimed),
			}
		}
	}
	return points
}

func (a *Audit) exportedStandings() map[string]proto.Message {
	standings := make(map[string]proto.Message)
	for contributor, points := range a.standings {
		standings[contributor] = &bounty.Standing{Contributor: contributor, Points: points}
	}
	return standings
}

// exportedWorks are those that are not paid. What of them is stored is taken as told.
func (a *Audit) exportedWorks(theirs []bounty.OperatorWork) map[string]proto.Message {
	works := make(map[string]proto.Message)
	for _, e := range a.epochs {
		for _, work := range e.works {
			works[workName(work)] = work
		}
	}
	for _, work := range theirs {
		if ours, known := works[workName(&work)]; known && work.Proved > 0 {
			ours.(*bounty.OperatorWork).StorageKibDays = work.StorageKibDays
		}
	}
	return works
}

func (a *Audit) exportedKeys() map[string]proto.Message {
	keys := make(map[string]proto.Message)
	for at, cluster := range a.keys {
		key := &bounty.SimilarityKey{Slot: uint32(at.slot), Key: at.key[:], Cluster: []byte(cluster)}
		keys[keyName(key)] = key
	}
	return keys
}

func (a *Audit) exportedCredits() map[string]proto.Message {
	credits := make(map[string]proto.Message)
	for waiting := range a.credits.waiting {
		credit := &bounty.Credit{Height: waiting.at, Sha256: []byte(waiting.hash)}
		credits[creditName(credit)] = credit
	}
	return credits
}

func (a *Audit) exportedSightings() map[string]proto.Message {
	sightings := make(map[string]proto.Message)
	for member, operators := range a.sightings {
		for operator := range operators {
			sighting := &bounty.Sighting{Sha256: []byte(member), Operator: operator}
			sightings[sightingName(sighting)] = sighting
		}
	}
	return sightings
}

func workName(w *bounty.OperatorWork) string { return fmt.Sprintf("%d/%s", w.Epoch, w.Operator) }
func keyName(k *bounty.SimilarityKey) string { return fmt.Sprintf("%d/%x", k.Slot, k.Key) }
func creditName(c *bounty.Credit) string     { return fmt.Sprintf("%d/%x", c.Height, c.Sha256) }
func sightingName(s *bounty.Sighting) string { return fmt.Sprintf("%x/%s", s.Sha256, s.Operator) }
func amount(n *big.Int) math.Int             { return math.NewIntFromBigInt(n) }
func messages[M proto.Message](by map[string]M) map[string]proto.Message {
	named := make(map[string]proto.Message, len(by))
	for hash, message := range by {
		named[hexOf(hash)] = message
	}
	return named
}

// keyed names the entries of an export.
func keyed[T any, M interface {
	*T
	proto.Message
}](entries []T, name func(M) string) map[string]proto.Message {
	named := make(map[string]proto.Message, len(entries))
	for i := range entries {
		named[name(&entries[i])] = M(&entries[i])
	}
	return named
}

func (a *Audit) compareAll(what string, ours, theirs map[string]proto.Message) {
	names := maps.Clone(ours)
	maps.Copy(names, theirs)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		left, right := differing(ours[name], theirs[name])
		a.Report.compare(0, what, name, left, right)
	}
}
