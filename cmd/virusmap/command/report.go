package command

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
	"github.com/virusmap/virusmap/supernode/chain/light"
)

func (t *tool) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "report HASH|FILE|URL",
		Short: "Show what every engine said of a file or a URL",
		Long: `report shows the newest report of a file, named by its MD5, SHA-1 or SHA-256, or by
a local file, of which only the hash is sent, or of a URL. What it shows is what the host says:
check it with 'virusmap verify'. With --output json it prints the host's answer as it is.`,
		Example: `  virusmap report invoice.pdf.exe
  virusmap report 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			client, err := t.client()
			if err != nil {
				return err
			}
			file, subject, err := t.reportOf(command.Context(), client, arguments[0])
			if api.IsNotFound(err) {
				return fmt.Errorf("%s is not known here; submit it with 'virusmap submit %s'", subject, subjectKind(arguments[0]))
			}
			if err != nil {
				return err
			}
			return t.screen.put(file.Raw, t.reportText(file.Attributes))
		},
	}
}

func (t *tool) reportText(file api.FileAttributes) string {
	chain := file.VirusMap
	state := stateOf(chain)
	if file.Done() {
		state = fmt.Sprintf("%s (%s), round %d at height %d", chain.Outcome, detections(file.LastAnalysisStats), chain.Round, chain.Height)
	}
	facts := [][]string{{"sha256", file.SHA256}, {"outcome", state}}
	if file.URL != "" {
		facts[0] = []string{"url", file.URL}
	}
	for _, fact := range [][]string{
		{"name", file.MeaningfulName}, {"type", file.TypeTag}, {"md5", file.MD5}, {"sha1", file.SHA1},
	} {
		if fact[1] != "" {
			facts = append(facts, fact)
		}
	}
	if file.URL == "" {
		facts = append(facts, []string{"size", fmt.Sprintf("%d bytes", file.Size)})
	}
	if file.LastAnalysisDate != 0 {
		facts = append(facts, []string{"analysed", time.Unix(file.LastAnalysisDate, 0).UTC().Format(time.RFC3339)})
	}
	text := t.screen.table(facts, func(row int) *color.Color {
		if row == 1 {
			return verdictColour(chain.Outcome)
		}
		return nil
	})
	if len(file.LastAnalysisResult) == 0 {
		return text
	}
	return text + "\n\n" + t.resultsText(file.LastAnalysisResult) + testSetText(file.LastAnalysisResult)
}

// testSetVersion ends the version of an engine that ran without its vendor's
// signatures, with the small set that VirusMap ships.
const testSetVersion = "/test-set"

// testSetText warns of engines whose silence means little.
func testSetText(results light.Results) string {
	var names []string
	for name, result := range results {
		if strings.HasSuffix(result.EngineVersion, testSetVersion) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return fmt.Sprintf("\n\n%s ran with the small signature set of the project: official updates were not reachable.", strings.Join(names, ", "))
}

// resultsText lists detections first, then by name.
func (t *tool) resultsText(results light.Results) string {
	names := slices.SortedFunc(maps.Keys(results), func(a, b string) int {
		return cmp.Or(
			cmp.Compare(severity(results[a].Category), severity(results[b].Category)),
			strings.Compare(strings.ToLower(a), strings.ToLower(b)),
			strings.Compare(a, b),
		)
	})
	rows := [][]string{{"ENGINE", "VERDICT", "LABEL", "CONFIDENCE", "VERSION", "SIGNATURES"}}
	for _, name := range names {
		result := results[name]
		label := "-"
		if result.Label != nil {
			label = *result.Label
		}
		rows = append(rows, []string{
			name, result.Category, label, fmt.Sprintf("%d/15", result.Confidence),
			result.EngineVersion, cmp.Or(result.EngineUpdate, "-"),
		})
	}
	return t.screen.table(rows, func(row int) *color.Color {
		if row == 0 {
			return color.New(color.Bold)
		}
		return verdictColour(results[names[row-1]].Category)
	})
}

// severity orders categories as VirusTotal's own list does.
func severity(category string) int {
	if i := slices.Index(light.Categories, category); i >= 0 {
		return i
	}
	return len(light.Categories)
}
