package api

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/virusmap/virusmap/supernode/chain/light"
)

// File is what the gateway says of a file or a URL. Nothing of it is checked; see package light.
type File struct {
	ID         string         `json:"id"`
	Attributes FileAttributes `json:"attributes"`
	// Raw is the whole answer.
	Raw json.RawMessage `json:"-"`
}

// FileAttributes are those that this tool shows. Dates are unix seconds, 0 when unknown.
type FileAttributes struct {
	SHA256             string        `json:"sha256"`
	URL                string        `json:"url"` // of a URL alone
	SHA1               string        `json:"sha1"`
	MD5                string        `json:"md5"`
	Size               int64         `json:"size"`
	TypeTag            string        `json:"type_tag"`
	MeaningfulName     string        `json:"meaningful_name"`
	LastAnalysisDate   int64         `json:"last_analysis_date"`
	LastAnalysisStats  light.Stats   `json:"last_analysis_stats"`
	LastAnalysisResult light.Results `json:"last_analysis_results"`
	VirusMap           light.Chain   `json:"virusmap"`
}

// Done tells whether a round has decided on the file.
func (a FileAttributes) Done() bool { return a.VirusMap.Outcome != "" }

// File asks for a file by MD5, SHA-1 or SHA-256 (V-01).
func (c *Client) File(ctx context.Context, hash string) (File, error) {
	return c.report(ctx, "files", hash)
}

// URL asks for a URL by the SHA-256 of its canonical text (V-21).
func (c *Client) URL(ctx context.Context, id string) (File, error) {
	return c.report(ctx, "urls", id)
}

func (c *Client) report(ctx context.Context, kind, id string) (File, error) {
	body, err := c.get(ctx, kind, id)
	if err != nil {
		return File{}, err
	}
	var envelope struct {
		Data File `json:"data"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return File{}, fmt.Errorf("%s/%s: %w", kind, id, err)
	}
	envelope.Data.Raw = body
	return envelope.Data, nil
}

// Analysis is how far a submission is.
type Analysis struct {
	ID         string `json:"id"`
	Attributes struct {
		// Status is queued, in-progress or completed.
		Status   string      `json:"status"`
		Stats    light.Stats `json:"stats"`
		VirusMap light.Chain `json:"virusmap"`
	} `json:"attributes"`
	Meta struct {
		VirusMap struct {
			// Submission is queued, on-chain or refused, with a reason.
			Submission string `json:"submission"`
			Reason     string `json:"reason"`
		} `json:"virusmap"`
	} `json:"-"`
}

// Analysis asks for an analysis by the id that Upload returned (V-30).
func (c *Client) Analysis(ctx context.Context, id string) (Analysis, error) {
	body, err := c.get(ctx, "analyses", id)
	if err != nil {
		return Analysis{}, err
	}
	var analysis Analysis
	envelope := struct {
		Data *Analysis `json:"data"`
		Meta any       `json:"meta"`
	}{&analysis, &analysis.Meta}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return Analysis{}, fmt.Errorf("analysis %s: %w", id, err)
	}
	return analysis, nil
}
