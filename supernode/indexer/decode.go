package indexer

import (
	"github.com/virusmap/virusmap/supernode/index"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// rows gives the reports of a round one by one. Each column is unpacked once, and not once
// for each sample as verdictstypes.VerdictsOf does.
type rows struct {
	vectors []vector
	// types is the table of file types and typeOf the place of each sample's in it.
	types   []string
	typeOf  []int
	engines []index.EngineCount
}

// vector is what one engine said of all samples.
type vector struct {
	verdictstypes.VerdictVector
	operator string
	weight   uint64
	cells    []byte
}

// decode unpacks the attestations of a round of n samples.
func decode(attestations []verdictstypes.SignedAttestation, table verdictstypes.WeightTable, n int) (*rows, error) {
	if len(attestations) == 0 {
		return &rows{}, nil
	}
	r := &rows{}
	weight := table.Lookup()
	for _, signed := range attestations {
		for _, said := range signed.Attestation.Vectors {
			cells, err := verdictstypes.UnpackColumn(said.Column, n)
			if err != nil {
				return nil, err
			}
			r.vectors = append(r.vectors, vector{said, signed.Operator, weight(signed.Operator, said.Engine), cells})
			counted := index.EngineCount{Operator: signed.Operator, Engine: said.Engine, Verdicts: int64(n)}
			for _, cell := range cells {
				if verdictstypes.SeesMalice(verdictstypes.Cell(cell).Category()) {
					counted.Detections++
				}
			}
			r.engines = append(r.engines, counted)
		}
	}
	var err error
	r.types, r.typeOf, err = verdictstypes.FileTypesOf(attestations, n)
	return r, err
}

// report has the verdicts and the file type of a sample.
func (r *rows) report(sample int) (report verdictstypes.Report) {
	for _, v := range r.vectors {
		cell := verdictstypes.Cell(v.cells[sample])
		report.Verdicts = append(report.Verdicts, verdictstypes.EngineVerdict{
			Operator:        v.operator,
			Engine:          v.Engine,
			Version:         v.Version,
			SignatureDigest: v.SignatureDigest,
			SignatureTime:   v.SignatureTime,
			Category:        cell.Category(),
			Confidence:      uint32(cell.Confidence()),
			Label:           v.Label(uint32(sample)),
			Weight:          v.weight,
		})
	}
	if r.typeOf != nil {
		report.FileType = r.types[r.typeOf[sample]]
	}
	return report
}
