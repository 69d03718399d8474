package command

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cosmos/gogoproto/proto"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/supernode/chain/light"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// errNoPackage means that neither the gateway nor the chain has a package of a minute.
var errNoPackage = errors.New("nothing was judged in that minute, or the chain has forgotten it")

// packageChecker compares packages of one feed with the chain's records.
type packageChecker struct {
	*tool
	config light.Config
	kind   string
}

// check compares the lines of a package, nil for one that is not given out at all.
// Errors: errNoPackage when there is nothing to compare.
func (c packageChecker) check(ctx context.Context, lines io.Reader, minute time.Time) (checkedPackage, error) {
	checked := checkedPackage{Kind: c.kind, Minute: minute.Format(minuteFormat)}
	record, err := c.record(ctx, minute)
	switch {
	case errors.Is(err, errNoPackage) && lines != nil:
		// Of a minute that the chain cannot have forgotten there may be no lines.
		if err := c.remembers(ctx, minute); err != nil {
			return checked, err
		}
	case err != nil:
		return checked, err
	case lines == nil:
		lines = strings.NewReader("")
	}
	checked.FeedResult, err = light.CheckFeed(lines, record, func(sha256 []byte, round uint64) (verdictstypes.Outcome, bool, error) {
		return c.outcome(ctx, sha256, round)
	})
	checked.Count, checked.Root, checked.OK = record.Count, hex.EncodeToString(record.Root), checked.FeedResult.OK()
	return checked, err
}

// record is that of the chain, or that of a package without entries with errNoPackage.
func (c packageChecker) record(ctx context.Context, minute time.Time) (markettypes.FeedPackage, error) {
	want := minute.Unix() / markettypes.SecondsPerMinute
	var answer markettypes.QueryFeedPackageResponse
	err := c.query(ctx, "/virusmap.market.v1.Query/FeedPackage",
		&markettypes.QueryFeedPackageRequest{Feed: c.kind, Minute: want}, &answer)
	if errors.Is(err, sdkerrors.ErrKeyNotFound) {
		empty, err := markettypes.PackageOf(c.kind, want, nil)
		return empty, errors.Join(errNoPackage, err)
	}
	if err != nil {
		return markettypes.FeedPackage{}, err
	}
	if answer.Package.Feed != c.kind || answer.Package.Minute != want {
		return markettypes.FeedPackage{}, fmt.Errorf("the RPC server answered for another package than was asked for")
	}
	return answer.Package, nil
}

// remembers returns errNoPackage for a minute that is older than what the chain keeps.
func (c packageChecker) remembers(ctx context.Context, minute time.Time) error {
	var answer markettypes.QueryParamsResponse
	if err := c.query(ctx, "/virusmap.market.v1.Query/Params", &markettypes.QueryParamsRequest{}, &answer); err != nil {
		return err
	}
	if time.Since(minute).Seconds() > float64(answer.Params.FeedRetentionSeconds) {
		return errNoPackage
	}
	return nil
}

// outcome tells what a round decided about a sample.
func (c packageChecker) outcome(ctx context.Context, sha256 []byte, round uint64) (verdictstypes.Outcome, bool, error) {
	var answer verdictstypes.QueryReportResponse
	err := c.query(ctx, "/virusmap.verdicts.v1.Query/Report",
		&verdictstypes.QueryReportRequest{Sha256: hex.EncodeToString(sha256), Round: round}, &answer)
	if errors.Is(err, sdkerrors.ErrKeyNotFound) {
		return 0, false, nil
	}
	return answer.Report.Outcome, err == nil, err
}

// query is ask for any module.
func (c packageChecker) query(ctx context.Context, method string, request, response proto.Message) error {
	err := light.Query(ctx, c.config, method, request, response)
	if err == nil || ctx.Err() != nil || errors.As(err, new(*light.Refusal)) {
		return err
	}
	return fmt.Errorf("no RPC server of %s answers: %s", c.settings.Trust, err)
}

// showPackage prints what came of a check, and ends with the exit code of its own when a
// package is not what it should be.
func (t *tool) showPackage(checked checkedPackage) error {
	if checked.Differences == nil {
		checked.Differences = []light.FeedDifference{}
	}
	if err := t.screen.put(checked, packageText(checked)); err != nil {
		return err
	}
	if !checked.OK {
		return exit(exitAltered)
	}
	return nil
}

func packageText(checked checkedPackage) string {
	name := checked.Kind + " " + checked.Minute
	if checked.OK {
		return printable(fmt.Sprintf("%s: %d entries, as the chain recorded (root %s): %s", name, checked.Count, checked.Root, checked.Path))
	}
	text := printable(fmt.Sprintf("%s: NOT what the chain recorded: %d lines, %d entries recorded", name, checked.Lines, checked.Count))
	for _, difference := range checked.Differences {
		where := fmt.Sprintf("position %d", difference.First)
		if difference.Last != difference.First {
			where = fmt.Sprintf("positions %d to %d", difference.First, difference.Last)
		}
		text += "\n  " + printable(fmt.Sprintf("%s, %s: %s", difference.Kind, where, difference.Detail))
	}
	if checked.Path != "" {
		text += "\n  " + printable("kept as "+checked.Path)
	}
	return text
}
