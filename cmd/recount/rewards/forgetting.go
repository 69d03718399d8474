package rewards

import (
	"bytes"
	"maps"
	"slices"

	bounty "github.com/virusmap/virusmap/x/bounty/types"
)

// expireClusters forgets clusters without a new member for long, at most
// max_prunes_per_block records in a block. A large one takes several blocks, in which its
// keys lead nowhere but its scores still count.
func (a *Audit) expireClusters() {
	budget := int(a.params.MaxPrunesPerBlock)
	for _, expired := range a.expiring.due(a.now, budget) {
		if budget <= 0 {
			return
		}
		budget -= max(a.forget(expired, budget), 1)
	}
}

// forget removes the keys of a cluster, then its members with their scores, then itself.
// It stays when the score of a member may still change. It returns how many records it
// looked at.
func (a *Audit) forget(expired due, budget int) (spent int) {
	cluster := a.clusters[expired.hash]
	spent = a.forgetKeys(cluster, budget)
	open := false
	if spent < budget {
		var members int
		members, open = a.forgetMembers(expired.hash, budget-spent)
		spent += members
	}
	switch {
	case open:
		a.prolong(cluster)
		return spent
	case spent >= budget:
		return spent
	}
	a.expiring.remove(expired)
	delete(a.members, expired.hash)
	delete(a.clusters, expired.hash)
	return spent + 1
}

func (a *Audit) forgetKeys(cluster *bounty.Cluster, limit int) int {
	id := string(cluster.Id)
	slices.SortFunc(a.keysOf[id], func(x, y slotKey) int {
		if x.slot != y.slot {
			return x.slot - y.slot
		}
		return bytes.Compare(x.key[:], y.key[:])
	})
	forgotten := a.keysOf[id][:min(len(a.keysOf[id]), limit)]
	for _, key := range forgotten {
		delete(a.keys, key)
	}
	a.keysOf[id] = a.keysOf[id][len(forgotten):]
	if len(a.keysOf[id]) == 0 {
		delete(a.keysOf, id)
	}
	cluster.Keys -= uint32(len(forgotten))
	return len(forgotten)
}

// forgetMembers stops at a member whose score may still change, and says so.
func (a *Audit) forgetMembers(id string, limit int) (spent int, open bool) {
	members := slices.Sorted(maps.Keys(a.members[id]))
	for _, member := range members[:min(len(members), limit)] {
		spent++
		if a.mayChange(a.scores[member]) {
			return spent, true
		}
		delete(a.scores, member)
		delete(a.members[id], member)
	}
	return spent, false
}

// mayChange tells whether a score waits for points, or for a later judgement of a sample
// that is still there.
func (a *Audit) mayChange(score *bounty.Score) bool {
	if waits(score) {
		return true
	}
	last := len(score.Stages) - 1
	if last >= 0 && int(score.Stages[last].Stage) >= len(score.Rules.SlicesPpm)-1 {
		return false
	}
	_, there := a.register.samples[string(score.Sha256)]
	return there
}

// prolong remembers a cluster for cluster_ttl_seconds from now.
func (a *Audit) prolong(cluster *bounty.Cluster) {
	id := string(cluster.Id)
	a.expiring.remove(due{cluster.ExpiryTime, id})
	cluster.ExpiryTime = a.now + int64(a.params.ClusterTtlSeconds)
	a.expiring.add(due{cluster.ExpiryTime, id})
}
