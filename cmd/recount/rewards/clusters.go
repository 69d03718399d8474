package rewards

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"sort"

	bounty "github.com/virusmap/virusmap/x/bounty/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	maxSighters = 16
	maxKeys     = 1024
)

// join makes a sample a member of the cluster that it resembles, or of a new one.
func (a *Audit) join(member string, s *sample, keys sampleKeys) *bounty.Cluster {
	operator := a.operators.ofSidecar[s.gateway]
	cluster := a.resembling(keys)
	if cluster == nil {
		cluster = &bounty.Cluster{Id: []byte(member), Contributor: s.contributor, Operator: operator}
		a.clusters[member] = cluster
	} else if operator != "" && s.contributor != cluster.Contributor {
		addSighter(cluster, operator)
	}
	cluster.Members++
	a.expiring.remove(due{cluster.ExpiryTime, string(cluster.Id)})
	cluster.ExpiryTime = a.now + int64(a.params.ClusterTtlSeconds)
	a.expiring.add(due{cluster.ExpiryTime, string(cluster.Id)})
	a.enterKeys(cluster, keys)

	for _, sighter := range inBytes(a.sightings[member]) {
		addSighter(cluster, sighter)
	}
	delete(a.sightings, member)
	return cluster
}

// resembling is the cluster to which the first known key leads; nil when none does.
func (a *Audit) resembling(keys sampleKeys) *bounty.Cluster {
	for slot, key := range keys {
		if id, known := a.keys[slotKey{slot, key}]; known {
			return a.clusters[id]
		}
	}
	return nil
}

func (a *Audit) enterKeys(cluster *bounty.Cluster, keys sampleKeys) {
	id := string(cluster.Id)
	for slot, key := range keys {
		at := slotKey{slot, key}
		if _, known := a.keys[at]; known || key == [keyBytes]byte{} || cluster.Keys >= maxKeys {
			continue
		}
		a.keys[at] = id
		a.keysOf[id] = append(a.keysOf[id], at)
		cluster.Keys++
	}
}

func addSighter(cluster *bounty.Cluster, operator string) {
	if operator != cluster.Operator && len(cluster.Sighters) < maxSighters && !slices.Contains(cluster.Sighters, operator) {
		cluster.Sighters = append(cluster.Sighters, operator)
	}
}

// expireClusters forgets clusters without a new member for long.
func (a *Audit) expireClusters() {
	for _, expired := range a.expiring.take(a.now, math.MaxInt) {
		for _, key := range a.keysOf[expired.hash] {
			delete(a.keys, key)
		}
		delete(a.keysOf, expired.hash)
		delete(a.clusters, expired.hash)
	}
}

// sight notes an operator's word that it was brought a sample too.
func (a *Audit) sight(event *bounty.EventSighted) {
	item := fmt.Sprintf("%x by %s", event.Sha256, event.Operator)
	s, known := a.register.samples[string(event.Sha256)]
	count := workKey{a.epoch, event.Operator}
	a.sighted[count]++
	counts := known && a.operators.registered(event.Operator) && s.gateway != a.operators.sidecarOf[event.Operator] &&
		a.sighted[count] <= a.params.SightingsPerEpoch
	a.Report.compare(a.height, "sightings", item, fmt.Sprintf("counts: %t", counts), "counts: true")

	member := string(event.Sha256)
	if score, scored := a.scores[member]; scored {
		if cluster, remembered := a.clusters[string(score.Cluster)]; remembered {
			addSighter(cluster, event.Operator)
		}
		return
	}
	if a.sightings[member] == nil {
		a.sightings[member] = make(map[string]bool)
	}
	a.sightings[member][event.Operator] = true
}

// inBytes orders addresses by their bytes.
func inBytes(addresses map[string]bool) []string {
	ordered := make([]string, 0, len(addresses))
	for address := range addresses {
		ordered = append(ordered, address)
	}
	sort.Slice(ordered, func(i, j int) bool { return bytes.Compare(raw(ordered[i]), raw(ordered[j])) < 0 })
	return ordered
}

// raw bytes of an address; nil when it is none.
func raw(address string) []byte {
	bz, err := sdk.AccAddressFromBech32(address)
	if err != nil {
		return nil
	}
	return bz
}
