package types

import (
	"slices"
	"strings"
)

// Settled is a sample of an initial round whose truth will not change any more.
type Settled struct {
	// Truth is CLEAN or MALICIOUS; anything else means that it was never found out.
	Truth Outcome
	// Type is the sample's index into the file types.
	Type int
	// Early tells that the initial outcome was not MALICIOUS although the truth is, and
	// LeadSeconds by how much the initial round was ahead of the first that was.
	Early       bool
	LeadSeconds uint64
}

// CountRecord compares a column with the truth. It returns one record per file type that
// counted, in ascending order of the types. A nil column is that of an engine that said
// nothing: each sample is a miss.
func CountRecord(cells []byte, settled []Settled, fileTypes []string) []TypeRecord {
	counts := make([]TypeRecord, len(fileTypes))
	for i, sample := range settled {
		if !sample.Truth.IsTruth() {
			continue
		}
		if cells == nil {
			counts[sample.Type].Misses++
			continue
		}
		counts[sample.Type].count(Cell(cells[i]), sample)
	}
	records := counts[:0]
	for i, record := range counts {
		if record != (TypeRecord{}) {
			record.FileType = fileTypes[i]
			records = append(records, record)
		}
	}
	return records
}

// count adds one sample. Neither an engine that does not handle a type nor one that
// could not open the submission has missed anything.
func (r *TypeRecord) count(cell Cell, sample Settled) {
	malicious := sample.Truth == OUTCOME_MALICIOUS
	brier, decisive := Brier(cell, malicious)
	if !decisive {
		switch cell.Category() {
		case CATEGORY_TIMEOUT, CATEGORY_CONFIRMED_TIMEOUT, CATEGORY_FAILURE:
			r.Misses++
		}
		return
	}
	detected := SeesMalice(cell.Category())
	switch {
	case malicious && detected:
		r.TruePositives++
		if sample.Early {
			r.Leads++
			r.LeadSeconds += sample.LeadSeconds
		}
	case malicious:
		r.FalseNegatives++
	case detected:
		r.FalsePositives++
	default:
		r.TrueNegatives++
	}
	if malicious {
		r.BrierMalicious += brier
	} else {
		r.BrierClean += brier
	}
}

// Add adds points and counts. A record holds at most MaxFileTypes types; what is counted
// for further ones goes to the empty type.
func (r *TrackRecord) Add(points uint64, counted []TypeRecord) {
	r.Points += points
	for _, add := range counted {
		at, found := r.find(add.FileType)
		if !found && len(r.Types) >= MaxFileTypes && add.FileType != "" {
			add.FileType = ""
			at, found = r.find("")
		}
		if !found {
			r.Types = slices.Insert(r.Types, at, TypeRecord{FileType: add.FileType})
		}
		r.Types[at].add(add)
	}
}

func (r *TrackRecord) find(fileType string) (int, bool) {
	return slices.BinarySearchFunc(r.Types, fileType, func(record TypeRecord, fileType string) int {
		return strings.Compare(record.FileType, fileType)
	})
}

func (r *TypeRecord) add(other TypeRecord) {
	r.TruePositives += other.TruePositives
	r.FalsePositives += other.FalsePositives
	r.TrueNegatives += other.TrueNegatives
	r.FalseNegatives += other.FalseNegatives
	r.Misses += other.Misses
	r.Leads += other.Leads
	r.LeadSeconds += other.LeadSeconds
	r.BrierMalicious += other.BrierMalicious
	r.BrierClean += other.BrierClean
}

// Validate wants a name, and distinct file types in ascending order.
func (r TrackRecord) Validate() error {
	if err := ValidateEngineName(r.Engine); err != nil {
		return err
	}
	if len(r.Types) > MaxFileTypes+1 {
		return ErrInvalidGenesis.Wrapf("record of %s/%s in epoch %d: %d types, at most %d", r.Operator, r.Engine, r.Epoch, len(r.Types), MaxFileTypes+1)
	}
	for i := range r.Types {
		if i > 0 && r.Types[i-1].FileType >= r.Types[i].FileType {
			return ErrInvalidGenesis.Wrapf("record of %s/%s in epoch %d: type %q is out of order", r.Operator, r.Engine, r.Epoch, r.Types[i].FileType)
		}
	}
	return nil
}

// FileTypesOf returns the file type of each of n samples as most supernodes saw it (ties
// go to the smaller text; empty when nobody said), as indexes into an ascending table.
func FileTypesOf(attestations []SignedAttestation, n int) (table []string, index []int, err error) {
	table = []string{""}
	for _, signed := range attestations {
		table = append(table, signed.Attestation.Features.FileTypes...)
	}
	slices.Sort(table)
	table = slices.Compact(table)
	var columns [][]byte
	var places [][]int // of each attestation's types in the table
	for _, signed := range attestations {
		features := signed.Attestation.Features
		if len(features.FileTypes) == 0 {
			continue
		}
		column, err := UnpackColumn(features.TypeColumn, n)
		if err != nil {
			return nil, nil, err
		}
		place := make([]int, len(features.FileTypes))
		for i, fileType := range features.FileTypes {
			place[i], _ = slices.BinarySearch(table, fileType)
		}
		columns, places = append(columns, column), append(places, place)
	}
	index = make([]int, n)
	seen := make([]int, len(table))
	for i := range index {
		for a, column := range columns {
			seen[places[a][column[i]]]++
		}
		for a, column := range columns {
			if at := places[a][column[i]]; seen[at] > seen[index[i]] || (seen[at] == seen[index[i]] && at < index[i]) {
				index[i] = at
			}
		}
		for a, column := range columns {
			seen[places[a][column[i]]] = 0
		}
	}
	return table, index, nil
}
