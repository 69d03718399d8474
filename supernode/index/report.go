package index

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// OutcomeName is clean, suspicious, malicious, undetermined or invalid.
func OutcomeName(outcome verdictstypes.Outcome) string {
	return strings.ToLower(strings.TrimPrefix(outcome.String(), "OUTCOME_"))
}

// encodeReport leaves out what stands in other columns and in rounds.
func encodeReport(report verdictstypes.Report) ([]byte, error) {
	report.Sha256, report.Round = nil, verdictstypes.Round{}
	return report.Marshal()
}

const selectReports = `SELECT r.report, n.round FROM reports r JOIN rounds n ON n.number = r.round WHERE r.sha256 = $1 AND `

// Statements of reports: the newest that stands, that of a round, and those before a round.
const (
	selectNewestReport  = selectReports + `r.stands = 1 ORDER BY r.round DESC LIMIT 1`
	selectReportOfRound = selectReports + `r.round = $2`
	selectReportsBefore = selectReports + `r.stands = 1 AND r.round < $2 ORDER BY r.round DESC LIMIT $3`
)

// Report is what a final round found out about a sample; round 0 means the newest whose
// outcome stands. Errors: ErrNotFound.
func (x *Index) Report(ctx context.Context, sha256 [32]byte, round uint64) (verdictstypes.Report, error) {
	row := x.newestReport.QueryRowContext
	args := []any{sha256[:]}
	if round != 0 {
		row, args = x.reportOfRound.QueryRowContext, append(args, int64(round))
	}
	report, err := scanReport(row(ctx, args...), sha256)
	if errors.Is(err, sql.ErrNoRows) {
		return verdictstypes.Report{}, ErrNotFound
	}
	return report, err
}

// History is what the rounds before one found out whose outcome stands, the newest first.
func (x *Index) History(ctx context.Context, sha256 [32]byte, before uint64, limit int) (reports []verdictstypes.Report, err error) {
	rows, err := x.read.QueryContext(ctx, selectReportsBefore, sha256[:], int64(before), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		report, err := scanReport(rows, sha256)
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	return reports, rows.Err()
}

func scanReport(row interface{ Scan(...any) error }, sha256 [32]byte) (report verdictstypes.Report, err error) {
	var encoded, round []byte
	if err := row.Scan(&encoded, &round); err != nil {
		return report, err
	}
	if err := report.Unmarshal(encoded); err != nil {
		return report, err
	}
	report.Sha256 = sha256[:]
	return report, report.Round.Unmarshal(round)
}
