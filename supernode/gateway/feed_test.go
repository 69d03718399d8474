package gateway

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/feeds"
	"github.com/virusmap/virusmap/supernode/feeds/feedstest"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// feedStart is when the chains of these tests begin.
var feedStart = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

func feedTime(minute int) time.Time { return feedStart.Add(time.Duration(minute) * time.Minute) }

// clock is set by the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// feedNode is a gateway whose feeds follow a chain in which minutes 0 and 2 judge something.
type feedNode struct {
	*node
	clock *clock
	feeds *feeds.Feeds
}

func startFeedNode(t *testing.T, change func(*Config)) *feedNode {
	t.Helper()
	f := &feedNode{clock: &clock{now: feedTime(90)}}
	market := feedstest.New()
	f.node = startNode(t, func(cfg *Config, deps *Deps) {
		cfg.Feeds.OwnKeys = true
		if change != nil {
			change(cfg)
		}
		var err error
		f.feeds, err = feeds.New(context.Background(), cfg.Feeds, feeds.Deps{
			Chain: market, Index: deps.Index, Dir: filepath.Join(t.TempDir(), "feeds"), Now: f.clock.Now, Log: quiet(),
		})
		require.NoError(t, err)
		deps.Feeds, deps.Market, deps.Now = f.feeds, market, f.clock.Now
	})
	f.market = market
	f.judge()
	f.follow(t)
	return f
}

// judge judges three files in minute 0, one of them anew in minute 2, and a URL in minute 3.
func (f *feedNode) judge() {
	verdict := verdictstypes.EngineVerdict{Engine: "clamav", Operator: operator(1), Category: verdictstypes.CATEGORY_MALICIOUS, Label: "Label"}
	entry := func(content string, round uint64, outcome verdictstypes.Outcome, stage uint32) markettypes.FeedEntry {
		f.chain.finish(content, round, outcome, verdict)
		hash, _ := hex.DecodeString(hexOf(content))
		return markettypes.FeedEntry{Sha256: hash, Round: round, Outcome: uint32(outcome), Stage: stage}
	}
	var first []markettypes.FeedEntry
	for _, content := range []string{"a", "b", "c"} {
		first = append(first, entry(content, 7, verdictstypes.OUTCOME_MALICIOUS, 0))
	}
	f.market.Block(feedTime(0), markettypes.FeedFiles, first...)
	f.market.Block(feedTime(2), markettypes.FeedFiles, entry("a", 9, verdictstypes.OUTCOME_CLEAN, 1))
	f.market.Block(feedTime(3), markettypes.FeedURLs, entry("https://example.org", 9, verdictstypes.OUTCOME_CLEAN, 0))
	f.market.Block(feedTime(70), "")
}

func (f *feedNode) follow(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.feeds.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	eventually(t, func() bool {
		progress, err := f.index.FeedProgress(context.Background())
		return err == nil && progress.Minute == feeds.Minute(feedTime(70))
	}, "followed")
}

func (f *feedNode) getAs(t *testing.T, key, path string) answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, f.url+path, nil)
	require.NoError(t, err)
	request.Header.Set("X-Apikey", key)
	request.Header.Set("Accept-Encoding", "gzip, br")
	return f.do(t, request)
}

func unpack(t *testing.T, packed []byte) string {
	t.Helper()
	text, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(packed)))
	require.NoError(t, err)
	return string(text)
}

// TestFeedMinute is row V-70.
func TestFeedMinute(t *testing.T) {
	f := startFeedNode(t, nil)
	a := f.getAs(t, testKey, "/api/v3/feeds/files/202603011000")
	require.Equal(t, http.StatusOK, a.Status, string(a.Raw))
	require.Empty(t, a.Header.Get("Content-Encoding"))
	require.Equal(t, fmt.Sprint(len(a.Raw)), a.Header.Get("Content-Length"))
	require.Equal(t, "3", a.Header.Get("X-Virusmap-Feed-Count"))

	record, err := f.feeds.Record(t.Context(), "files", feeds.Minute(feedStart))
	require.NoError(t, err)
	require.Equal(t, hex.EncodeToString(record.Root), a.Header.Get("X-Virusmap-Feed-Root"))
	text := unpack(t, a.Raw)
	result, err := light.CheckFeed(strings.NewReader(text), record, nil)
	require.NoError(t, err)
	require.True(t, result.OK(), result.Differences)

	// One line is withheld.
	lines := strings.SplitAfter(text, "\n")
	result, err = light.CheckFeed(strings.NewReader(lines[0]+lines[2]), record, nil)
	require.NoError(t, err)
	require.Equal(t, light.FeedWithheld, result.Differences[0].Kind)
	require.EqualValues(t, 1, result.Differences[0].First)

	// A line is the object that GET /files/{id} has, but of that judgement.
	var line, now map[string]any
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &line))
	require.NoError(t, json.Unmarshal(f.get(t, "/api/v3/files/"+hexOf("b")).Data, &now))
	require.Equal(t, map[string]any{"virusmap": map[string]any{
		"position": 1.0, "sha256": hexOf("b"), "round": 7.0, "outcome": 3.0, "stage": 0.0,
	}}, line["context_attributes"])
	require.Equal(t, "/api/v3/files/"+hexOf("b"), line["links"].(map[string]any)["self"], "nothing of the request is kept")
	delete(line, "context_attributes")
	delete(line, "links")
	delete(now, "links")
	delete(now["attributes"].(map[string]any), "reputation") // what people say does not stay as it is
	delete(now["attributes"].(map[string]any), "total_votes")
	require.Equal(t, now, line)

	_, err = light.ParseReport([]byte(lines[1]))
	require.NoError(t, err, "a line can be verified as a report")
	require.Contains(t, lines[0], `"outcome":"malicious"`, "later it was found clean")
	a = f.getAs(t, testKey, "/api/v3/feeds/files/202603011002")
	require.Contains(t, unpack(t, a.Raw), `"outcome":"clean"`)
	a = f.getAs(t, testKey, "/api/v3/feeds/urls/202603011003")
	require.Contains(t, unpack(t, a.Raw), `"type":"url"`)
}

// TestFeedOfForgottenSamples leaves out nothing: what the chain no longer knows is missing in
// the line, but not the line.
func TestFeedOfForgottenSamples(t *testing.T) {
	f := startFeedNode(t, nil)
	f.chain.set(func() {
		delete(f.chain.samples, hexOf("b"))
		delete(f.chain.reports, hexOf("b"))
	})
	a := f.getAs(t, testKey, "/api/v3/feeds/files/202603011000")
	record, err := f.feeds.Record(t.Context(), "files", feeds.Minute(feedStart))
	require.NoError(t, err)
	result, err := light.CheckFeed(strings.NewReader(unpack(t, a.Raw)), record, nil)
	require.NoError(t, err)
	require.True(t, result.OK(), result.Differences)
}

// TestFeedHour is row V-71.
func TestFeedHour(t *testing.T) {
	f := startFeedNode(t, nil)
	f.clock.set(feedTime(130))
	a := f.getAs(t, testKey, "/api/v3/feeds/files/hourly/2026030110")
	require.Equal(t, http.StatusOK, a.Status, string(a.Raw))
	require.Equal(t, "4", a.Header.Get("X-Virusmap-Feed-Count"))
	archive := tar.NewReader(bzip2.NewReader(bytes.NewReader(a.Raw)))
	for _, name := range []string{"files-202603011000.jsonl.bz2", "files-202603011002.jsonl.bz2"} {
		header, err := archive.Next()
		require.NoError(t, err)
		require.Equal(t, name, header.Name)
		minute, err := io.ReadAll(archive)
		require.NoError(t, err)
		require.Contains(t, unpack(t, minute), hexOf("a"))
	}
	_, err := archive.Next()
	require.ErrorIs(t, err, io.EOF)
}

// TestFeedErrors is rows V-72 and V-73, whose clients go by status and code.
func TestFeedErrors(t *testing.T) {
	f := startFeedNode(t, nil)
	for path, want := range map[string]struct {
		status int
		code   string
	}{
		"files/202603011001":         {404, "NotFoundError"},
		"intel/202603011000":         {404, "NotFoundError"},
		"files/202602211000":         {404, "NotFoundError"},
		"files/202603011031":         {400, "NotAvailableYet"},
		"files/209901010000":         {400, "NotAvailableYet"},
		"files/hourly/2026030110":    {400, "NotAvailableYet"},
		"urls/hourly/2026030109":     {404, "NotFoundError"},
		"domains/202603011000":       {404, "NotFoundError"},
		"files/2026030110":           {400, "InvalidArgumentError"},
		"files/2026030110000":        {400, "InvalidArgumentError"},
		"files/202613011000":         {400, "InvalidArgumentError"},
		"files/hourly/202603011000":  {400, "InvalidArgumentError"},
		"files/00000000000" + "%00":  {400, "InvalidArgumentError"},
		"files/daily/20260301":       {404, "NotFoundError"},
		"files/hourly/2026030110/..": {404, "NotFoundError"},
	} {
		a := f.get(t, "/api/v3/feeds/"+path)
		require.Equal(t, want.status, a.Status, path)
		require.Equal(t, want.code, a.Err.Code, path)
	}
	f.market.SetAway(true)
	a := f.get(t, "/api/v3/feeds/files/202603011000")
	require.Equal(t, http.StatusServiceUnavailable, a.Status)
}

// TestFeedThatIsNotWhole is told as such, so that no client takes it for an empty minute.
func TestFeedThatIsNotWhole(t *testing.T) {
	f := startFeedNode(t, nil)
	require.NoError(t, f.index.DropFeeds(t.Context(), feeds.Minute(feedTime(2))))
	a := f.get(t, "/api/v3/feeds/files/202603011000")
	require.Equal(t, http.StatusFailedDependency, a.Status)
	require.Equal(t, "FailedDependencyError", a.Err.Code)
	require.Contains(t, a.Err.Message, "does not have the whole package")
}

func TestFeedsNeedAPass(t *testing.T) {
	f := startFeedNode(t, func(cfg *Config) { cfg.Feeds.OwnKeys = false })
	later := feedTime(1000).Unix()
	files := markettypes.Subscription{Kind: markettypes.PRODUCT_KIND_FEED, Feed: "files", DueTime: later}
	over := files
	over.DueTime = feedTime(80).Unix()
	unpaid := over
	unpaid.PeriodsLeft = 1
	plan := markettypes.Subscription{Kind: markettypes.PRODUCT_KIND_PLAN, DueTime: later, Quotas: markettypes.Quotas{Feeds: []string{"files", "urls"}}}
	other := plan
	other.Quotas.Feeds = nil
	for name, c := range map[string]struct {
		bought []markettypes.Subscription
		status int
	}{
		"nothing":             {nil, 403},
		"pass":                {[]markettypes.Subscription{files}, 200},
		"pass and plan":       {[]markettypes.Subscription{other, files}, 200},
		"pass that is over":   {[]markettypes.Subscription{over}, 403},
		"pass not paid yet":   {[]markettypes.Subscription{unpaid}, 200},
		"plan with feeds":     {[]markettypes.Subscription{plan}, 200},
		"plan without feeds":  {[]markettypes.Subscription{other}, 403},
		"pass of other feeds": {[]markettypes.Subscription{{Kind: markettypes.PRODUCT_KIND_FEED, Feed: "urls", DueTime: later}}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWallet(name)
			f.market.Sell(w.account, 0, c.bought...)
			key := f.authorise(t, w)
			for range 10 { // feeds are not counted
				a := f.getAs(t, key, "/api/v3/feeds/files/202603011000")
				require.Equal(t, c.status, a.Status)
				if c.status == 403 {
					require.Equal(t, "ForbiddenError", a.Err.Code)
				}
			}
		})
	}
	require.Equal(t, 403, f.getAs(t, testKey, "/api/v3/feeds/files/202603011000").Status, "keys of the configuration, unless it says so")
	require.Equal(t, 401, f.getAs(t, "wrong", "/api/v3/feeds/files/202603011000").Status)
}
