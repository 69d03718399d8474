package types

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxStages bounds the judgements of one sample: the initial one and four later ones.
const maxStages = 5

// ValidateScores checks the scores, clusters and sightings, and that they fit together.
func (gs GenesisState) ValidateScores() error {
	clusters, err := gs.validateClusters()
	if err != nil {
		return err
	}
	if err := gs.validateKeys(clusters); err != nil {
		return err
	}
	waiting, err := gs.validateEachScore(clusters)
	if err != nil {
		return err
	}
	if err := gs.validateCredits(waiting); err != nil {
		return err
	}
	return gs.validateSightings(waiting)
}

// validateClusters returns the clusters by their ids.
func (gs GenesisState) validateClusters() (map[string]Cluster, error) {
	clusters := make(map[string]Cluster, len(gs.Clusters))
	for i, cluster := range gs.Clusters {
		if err := cluster.validate(); err != nil {
			return nil, ErrInvalidGenesis.Wrapf("clusters[%d] (%x): %s", i, cluster.Id, err)
		}
		if _, seen := clusters[string(cluster.Id)]; seen {
			return nil, ErrInvalidGenesis.Wrapf("clusters[%d] (%x) comes twice", i, cluster.Id)
		}
		clusters[string(cluster.Id)] = cluster
	}
	return clusters, nil
}

func (c Cluster) validate() error {
	switch {
	case len(c.Id) != sha256.Size:
		return fmt.Errorf("id has %d bytes, want %d", len(c.Id), sha256.Size)
	case c.Members == 0:
		return fmt.Errorf("members is 0, want at least 1")
	case c.Keys > MaxClusterKeys:
		return fmt.Errorf("keys is %d, at most %d", c.Keys, MaxClusterKeys)
	case len(c.Sighters) > maxSighters:
		return fmt.Errorf("%d sighters, at most %d", len(c.Sighters), maxSighters)
	}
	if _, err := ParseAddress("contributor", c.Contributor); err != nil {
		return err
	}
	if err := validateOptional("operator", c.Operator); err != nil {
		return err
	}
	counted := Cluster{Operator: c.Operator}
	for _, sighter := range c.Sighters {
		if _, err := ParseAddress("sighters", sighter); err != nil {
			return err
		}
		if !counted.AddSighter(sighter) {
			return fmt.Errorf("sighters: %s comes twice or is the operator", sighter)
		}
	}
	return nil
}

// validateKeys checks that each key leads to a cluster, which counts it.
func (gs GenesisState) validateKeys(clusters map[string]Cluster) error {
	counts := make(map[string]uint32, len(clusters))
	seen := make(map[string]bool, len(gs.Keys))
	for i, key := range gs.Keys {
		id := fmt.Sprint(key.Slot, "/", string(key.Key))
		switch {
		case key.Slot >= verdictstypes.SimilaritySlots:
			return ErrInvalidGenesis.Wrapf("keys[%d]: slot is %d, want below %d", i, key.Slot, verdictstypes.SimilaritySlots)
		case len(key.Key) != verdictstypes.SimilarityKeyBytes || bytes.Equal(key.Key, make([]byte, len(key.Key))):
			return ErrInvalidGenesis.Wrapf("keys[%d]: %x is not a key of %d bytes", i, key.Key, verdictstypes.SimilarityKeyBytes)
		case seen[id]:
			return ErrInvalidGenesis.Wrapf("keys[%d]: %x in slot %d comes twice", i, key.Key, key.Slot)
		}
		seen[id] = true
		counts[string(key.Cluster)]++
		if _, known := clusters[string(key.Cluster)]; !known {
			return ErrInvalidGenesis.Wrapf("keys[%d]: there is no cluster %x", i, key.Cluster)
		}
	}
	for i, cluster := range gs.Clusters {
		if counts[string(cluster.Id)] != cluster.Keys {
			return ErrInvalidGenesis.Wrapf("clusters[%d] (%x) has %d keys, not %d", i, cluster.Id, counts[string(cluster.Id)], cluster.Keys)
		}
	}
	return nil
}

// validateEachScore returns for each scored sample whether it waits for points.
func (gs GenesisState) validateEachScore(clusters map[string]Cluster) (map[string]bool, error) {
	waiting := make(map[string]bool, len(gs.Scores))
	ranks := make(map[string]bool, len(gs.Scores))
	for i, score := range gs.Scores {
		if err := score.validate(); err != nil {
			return nil, ErrInvalidGenesis.Wrapf("scores[%d] (%x): %s", i, score.Sha256, err)
		}
		rank := fmt.Sprint(string(score.Cluster), "/", score.Rank)
		cluster, known := clusters[string(score.Cluster)]
		_, seen := waiting[string(score.Sha256)]
		switch {
		case seen:
			return nil, ErrInvalidGenesis.Wrapf("scores[%d] (%x) comes twice", i, score.Sha256)
		case !known:
			return nil, ErrInvalidGenesis.Wrapf("scores[%d] (%x): there is no cluster %x", i, score.Sha256, score.Cluster)
		case score.Rank == 0 || score.Rank > cluster.Members || ranks[rank]:
			return nil, ErrInvalidGenesis.Wrapf("scores[%d] (%x): rank %d of %d is taken or out of range", i, score.Sha256, score.Rank, cluster.Members)
		}
		ranks[rank] = true
		waiting[string(score.Sha256)] = score.Waits()
	}
	return waiting, nil
}

func (s Score) validate() error {
	switch {
	case len(s.Sha256) != sha256.Size:
		return fmt.Errorf("sha256 has %d bytes, want %d", len(s.Sha256), sha256.Size)
	case s.MissedPpm > ppm:
		return fmt.Errorf("missed_ppm is %d, at most %d", s.MissedPpm, ppm)
	case s.Round == 0:
		return fmt.Errorf("round is 0")
	case len(s.Stages) == 0:
		return fmt.Errorf("stages are none")
	}
	if err := s.Rules.validate(); err != nil {
		return err
	}
	for i, stage := range s.Stages {
		if int(stage.Stage) >= len(s.Rules.SlicesPpm) || (i > 0 && s.Stages[i-1].Stage >= stage.Stage) {
			return fmt.Errorf("stages[%d]: %d is out of order or range", i, stage.Stage)
		}
		if err := stage.validate(); err != nil {
			return fmt.Errorf("stages[%d]: %w", i, err)
		}
	}
	return nil
}

func (r ScoreRules) validate() error {
	for _, bound := range []struct {
		name        string
		value, most uint32
	}{
		{"rarity_floor_ppm", r.RarityFloorPpm, ppm},
		{"novelty_ppm", r.NoveltyPpm, maxNoveltyPpm},
		{"sightings_full", r.SightingsFull, maxSighters},
		{"kind_ppm", r.KindPpm, ppm},
		{"channel_ppm", r.ChannelPpm, ppm},
		{"slices_ppm", uint32(len(r.SlicesPpm)), maxStages},
	} {
		if bound.value > bound.most {
			return fmt.Errorf("rules: %s is %d, at most %d", bound.name, bound.value, bound.most)
		}
	}
	sum := uint64(0)
	for _, slice := range r.SlicesPpm {
		sum += uint64(slice)
	}
	if sum > ppm {
		return fmt.Errorf("rules: slices_ppm sum to %d, at most %d", sum, ppm)
	}
	return nil
}

func (s StageScore) validate() error {
	given := s.Sightings > 0 || s.Score > 0 || s.Points > 0 || s.Capped > 0 || s.Epoch > 0 || s.Contributor != ""
	switch {
	case !s.Credited && given:
		return fmt.Errorf("it waits, but has points")
	case s.Sightings > maxSighters:
		return fmt.Errorf("sightings is %d, at most %d", s.Sightings, maxSighters)
	case s.Score > ppm || s.Points > ppm || s.Capped > ppm:
		return fmt.Errorf("score %d, points %d or capped %d is above %d", s.Score, s.Points, s.Capped, ppm)
	case s.Contributor == "" && s.Points+s.Capped > 0:
		return fmt.Errorf("points of nobody")
	}
	return validateOptional("contributor", s.Contributor)
}

// validateCredits checks that exactly the samples are queued that wait for points.
func (gs GenesisState) validateCredits(waiting map[string]bool) error {
	queued := make(map[string]bool, len(gs.Credits))
	for i, credit := range gs.Credits {
		if credit.Height < 0 || !waiting[string(credit.Sha256)] || queued[string(credit.Sha256)] {
			return ErrInvalidGenesis.Wrapf("credits[%d]: %x at height %d does not wait for points, or comes twice", i, credit.Sha256, credit.Height)
		}
		queued[string(credit.Sha256)] = true
	}
	for i, score := range gs.Scores {
		if score.Waits() && !queued[string(score.Sha256)] {
			return ErrInvalidGenesis.Wrapf("scores[%d] (%x) waits for points in no queue", i, score.Sha256)
		}
	}
	return nil
}

// validateSightings checks what is kept of samples that have no score yet.
func (gs GenesisState) validateSightings(scored map[string]bool) error {
	seen := make(map[string]bool, len(gs.Sightings))
	for i, sighting := range gs.Sightings {
		if len(sighting.Sha256) != sha256.Size {
			return ErrInvalidGenesis.Wrapf("sightings[%d]: sha256 has %d bytes, want %d", i, len(sighting.Sha256), sha256.Size)
		}
		if _, err := ParseAddress("operator", sighting.Operator); err != nil {
			return ErrInvalidGenesis.Wrapf("sightings[%d]: %s", i, err)
		}
		id := string(sighting.Sha256) + sighting.Operator
		if _, known := scored[string(sighting.Sha256)]; known || seen[id] {
			return ErrInvalidGenesis.Wrapf("sightings[%d]: %x by %s is scored already, or comes twice", i, sighting.Sha256, sighting.Operator)
		}
		seen[id] = true
	}
	clear(seen)
	for i, count := range gs.SightingCounts {
		if _, err := ParseAddress("operator", count.Operator); err != nil {
			return ErrInvalidGenesis.Wrapf("sighting_counts[%d]: %s", i, err)
		}
		id := fmt.Sprint(count.Epoch, "/", count.Operator)
		if count.Sightings == 0 || seen[id] {
			return ErrInvalidGenesis.Wrapf("sighting_counts[%d]: %d of %s in epoch %d, or it comes twice", i, count.Sightings, count.Operator, count.Epoch)
		}
		seen[id] = true
	}
	return nil
}

// validateOptional checks an address that may be empty.
func validateOptional(field, address string) error {
	if address == "" {
		return nil
	}
	_, err := ParseAddress(field, address)
	return err
}
