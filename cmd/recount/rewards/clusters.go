package rewards

import (
	"bytes"
	"fmt"
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
func (a *Audit) join(member string, s *sample, keys sampleKeys, missedPpm uint32) *bounty.Cluster {
	operator := a.operators.ofSidecar[s.gateway]
	cluster := a.resembling(member, keys)
	if cluster == nil {
		cluster = &bounty.Cluster{Id: []byte(member), Contributor: s.contributor, Operator: operator, MissedPpm: missedPpm}
		a.clusters[member] = cluster
	} else if operator != "" && s.contributor != cluster.Contributor {
		addSighter(cluster, operator)
	}
	cluster.Members++
	a.prolong(cluster)
	a.enterKeys(cluster, keys)
	if a.members[string(cluster.Id)] == nil {
		a.members[string(cluster.Id)] = make(map[string]bool)
	}
	a.members[string(cluster.Id)][member] = true

	for _, sighter := range inBytes(a.sightings[member]) {
		addSighter(cluster, sighter)
	}
	delete(a.sightings, member)
	return cluster
}

// resembling is the cluster to which the first known key leads, or which the sample itself
// began; nil when there is none.
func (a *Audit) resembling(member string, keys sampleKeys) *bounty.Cluster {
	for slot, key := range keys {
		if id, known := a.keys[slotKey{slot, key}]; known {
			return a.clusters[id]
		}
	}
	return a.clusters[member]
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

// addSighter counts another operator for a cluster, and tells whether that is new.
func addSighter(cluster *bounty.Cluster, operator string) bool {
	if operator == cluster.Operator || len(cluster.Sighters) >= maxSighters || slices.Contains(cluster.Sighters, operator) {
		return false
	}
	cluster.Sighters = append(cluster.Sighters, operator)
	return true
}

// sight notes an operator's word that it was brought a sample too.
func (a *Audit) sight(event *bounty.EventSighted) {
	member := string(event.Sha256)
	s, known := a.register.samples[member]
	count := workKey{a.epoch, event.Operator}
	a.sighted[count]++
	counts := known && a.operators.registered(event.Operator) && s.gateway != a.operators.sidecarOf[event.Operator] &&
		a.sighted[count] <= a.params.SightingsPerEpoch && a.addSighting(member, event.Operator)
	item := fmt.Sprintf("%x by %s", event.Sha256, event.Operator)
	a.Report.compare(a.height, "sightings", item, fmt.Sprintf("counts: %t", counts), "counts: true")
}

// addSighting counts an operator for the cluster of a sample, or keeps its word until the
// sample is scored. It tells whether that is new.
func (a *Audit) addSighting(member, operator string) bool {
	if score, scored := a.scores[member]; scored {
		cluster, remembered := a.clusters[string(score.Cluster)]
		return remembered && addSighter(cluster, operator)
	}
	if a.sightings[member] == nil {
		a.sightings[member] = make(map[string]bool)
	}
	known := a.sightings[member][operator]
	a.sightings[member][operator] = true
	return !known
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
