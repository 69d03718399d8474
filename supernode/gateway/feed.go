package gateway

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/feeds"
	"github.com/virusmap/virusmap/supernode/index"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// How VirusTotal writes the time of a package.
const (
	minuteFormat = "200601021504"
	hourFormat   = "2006010215"
)

// feedTypes are the types of the objects of each feed.
var feedTypes = map[string]string{
	markettypes.FeedFiles: "file",
	markettypes.FeedURLs:  "url",
	markettypes.FeedIntel: "intel",
}

// feedObject is a line of a feed: the object as GET /files/{id} or /urls/{id} has it, and what the chain
// recorded of it.
type feedObject struct {
	object
	Context light.FeedContext `json:"context_attributes"`
}

func (g *Gateway) feedRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/feeds/{kind}/{time}", g.getFeed)
	mux.HandleFunc("GET "+base+"/feeds/{kind}/hourly/{time}", g.getFeedHour)
}

// getFeed answers the package of a minute.
func (g *Gateway) getFeed(w http.ResponseWriter, r *http.Request) {
	g.serveFeed(w, r, minuteFormat, func(feed string, minute int64) (*os.File, []markettypes.FeedPackage, error) {
		record, err := g.deps.Feeds.Record(r.Context(), feed, minute)
		if err != nil {
			return nil, nil, err
		}
		file, err := g.deps.Feeds.MinuteFile(r.Context(), record, g.feedLine(feed))
		return file, []markettypes.FeedPackage{record}, err
	})
}

// getFeedHour answers all packages of an hour.
func (g *Gateway) getFeedHour(w http.ResponseWriter, r *http.Request) {
	g.serveFeed(w, r, hourFormat, func(feed string, first int64) (*os.File, []markettypes.FeedPackage, error) {
		records, err := g.deps.Feeds.HourRecords(r.Context(), feed, first)
		if err != nil {
			return nil, nil, err
		}
		file, err := g.deps.Feeds.HourFile(r.Context(), records, g.feedLine(feed))
		return file, records, err
	})
}

func (g *Gateway) serveFeed(
	w http.ResponseWriter, r *http.Request, format string,
	open func(feed string, minute int64) (*os.File, []markettypes.FeedPackage, error),
) {
	feed, at, err := g.feedRequest(r, format)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	file, records, err := open(feed, feeds.Minute(at))
	if err != nil {
		g.failWith(w, r, feedError(err))
		return
	}
	defer file.Close()
	g.sendPackage(w, r, file, records)
}

// feedRequest refuses clients that did not pay before it tells them anything.
func (g *Gateway) feedRequest(r *http.Request, format string) (feed string, at time.Time, err error) {
	feed = r.PathValue("kind")
	if g.deps.Feeds == nil || markettypes.ValidateFeed(feed) != nil {
		return "", at, notFound("Feed %.32q not found", feed)
	}
	if !g.mayReadFeed(clientIn(r), feed) {
		return "", at, forbidden("this API key has neither a pass for the feed of %s nor a plan that includes it", feed)
	}
	text := r.PathValue("time")
	at, err = time.Parse(format, text)
	if err != nil || at.Format(format) != text {
		return "", at, invalidArgument("%.32q is not a time like %s in UTC", text, format)
	}
	return feed, at, nil
}

func (g *Gateway) mayReadFeed(c *client, feed string) bool {
	if c.rights == nil {
		return g.cfg.Feeds.OwnKeys
	}
	return c.rights.mayRead(feed)
}

func feedError(err error) error {
	switch {
	case errors.Is(err, feeds.ErrTooEarly):
		return notAvailableYet("the package is not available yet")
	case errors.Is(err, feeds.ErrNoPackage):
		return notFound("there is no package for that time")
	case errors.Is(err, feeds.ErrIncomplete):
		return failedDependency("%s; ask another one", err)
	case errors.Is(err, feeds.ErrBusy):
		return transient("too many packages are being made; try again later")
	}
	return err
}

// sendPackage sends a package as it is on disk: clients do not undo any other encoding of
// feeds. Who reads slower than uploads have to be is cut off.
func (g *Gateway) sendPackage(w http.ResponseWriter, r *http.Request, file *os.File, records []markettypes.FeedPackage) {
	info, err := file.Stat()
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	count := uint64(0)
	for _, record := range records {
		count += record.Count
	}
	header := w.Header()
	header.Set("Content-Type", "application/x-bzip2")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Virusmap-Feed-Count", strconv.FormatUint(count, 10))
	if len(records) == 1 {
		header.Set("X-Virusmap-Feed-Root", hex.EncodeToString(records[0].Root))
	}
	needed := time.Duration(info.Size()/g.cfg.MinUploadRate) * time.Second
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout + needed))
	http.ServeContent(w, r, "", time.Time{}, file)
}

// feedLine makes the lines of a feed. Packages are kept, so that nothing of one request may
// be in them.
func (g *Gateway) feedLine(feed string) feeds.Line {
	return func(ctx context.Context, position uint64, entry markettypes.FeedEntry) ([]byte, error) {
		hash := [32]byte(entry.Sha256)
		v, err := g.judgement(ctx, hash, entry.Round)
		if err != nil {
			return nil, err
		}
		attributes, path, err := g.feedAttributes(ctx, feed, hash, v)
		if err != nil {
			return nil, err
		}
		id := hex.EncodeToString(hash[:])
		return json.Marshal(feedObject{
			object: object{
				Type:       feedTypes[feed],
				ID:         id,
				Links:      map[string]string{"self": strings.TrimSuffix(g.cfg.PublicURL, "/") + apiBase + path + id},
				Attributes: attributes,
			},
			Context: light.FeedContext{VirusMap: light.FeedEntry{
				Position: position, SHA256: id, Round: entry.Round, Outcome: entry.Outcome, Stage: entry.Stage,
			}},
		})
	}
}

// feedAttributes are those of a file, or of a URL, and where their objects are.
func (g *Gateway) feedAttributes(ctx context.Context, feed string, sha256 [32]byte, v *view) (attributes any, path string, err error) {
	if feed == markettypes.FeedURLs {
		u, err := g.seenURL(ctx, sha256)
		if err != nil {
			return nil, "", err
		}
		u.view = v
		return g.urlAttributesOf(u), "/urls/", nil
	}
	local, err := g.deps.Index.File(ctx, sha256[:])
	switch {
	case errors.Is(err, index.ErrNotFound):
		return g.attributesOf(sha256, v, nil), "/files/", nil
	case err != nil:
		return nil, "", err
	}
	return g.attributesOf(sha256, v, &local), "/files/", nil
}

// judgement tells what the chain knows of a sample with the report of one round, which may
// have been forgotten.
func (g *Gateway) judgement(ctx context.Context, sha256 [32]byte, round uint64) (*view, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	v := &view{read: time.Now()}
	found, err := g.deps.Samples.Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(sha256[:])})
	switch {
	case err == nil:
		v.sample = &found.Entry.Sample
	case status.Code(err) != codes.NotFound:
		return nil, err
	}
	if done, ok := g.reports.finished.Get(finishedKey{sha256, round}); ok {
		v.report = done
		return v, nil
	}
	v.report, err = g.readReport(ctx, sha256, round)
	return v, err
}
