package gateway

import (
	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/threat"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// threatOf is what the labels of a round's detections say together; nil when they say nothing.
func threatOf(verdicts []verdictstypes.EngineVerdict) *threat.Classification {
	var opinions []threat.Opinion
	for _, v := range verdicts {
		if verdictstypes.SeesMalice(v.Category) {
			opinions = append(opinions, threat.Opinion{Engine: v.Engine, Label: v.Label})
		}
	}
	return threat.Classify(opinions)
}

// threatIn is the same for the results of a private scan.
func threatIn(results light.Results) *threat.Classification {
	var opinions []threat.Opinion
	for _, r := range results {
		if r.Label != nil && (r.Category == "malicious" || r.Category == "suspicious") {
			opinions = append(opinions, threat.Opinion{Engine: r.Engine, Label: *r.Label})
		}
	}
	return threat.Classify(opinions)
}
