package light

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	markettypes "github.com/virusmap/virusmap/x/market/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// FeedContext is the context_attributes of a line of a feed.
type FeedContext struct {
	VirusMap FeedEntry `json:"virusmap"`
}

// FeedEntry is what the chain's Merkle root is over, and where it stands in the package.
type FeedEntry struct {
	Position uint64 `json:"position"` // from 0
	SHA256   string `json:"sha256"`
	Round    uint64 `json:"round"`
	Outcome  uint32 `json:"outcome"` // number of virusmap.verdicts.v1.Outcome
	Stage    uint32 `json:"stage"`
}

// Kinds of differences between a package and the chain's record.
const (
	FeedWithheld = "withheld"
	FeedAdded    = "added"
	FeedChanged  = "changed"
)

// FeedDifference is one way in which a package is not what the chain recorded.
type FeedDifference struct {
	Kind string `json:"kind"`
	// First and Last are the positions it is about; of a line that was added, its number
	// in the file, from 0.
	First  uint64 `json:"first"`
	Last   uint64 `json:"last"`
	Detail string `json:"detail"`
}

// FeedResult is what came of checking a package.
type FeedResult struct {
	Lines       uint64           `json:"lines"`
	Differences []FeedDifference `json:"differences"`
}

// OK tells that the package has exactly the entries that the chain recorded.
func (r FeedResult) OK() bool { return len(r.Differences) == 0 }

const (
	// maxFeedLine is what VirusTotal's own client reads.
	maxFeedLine = 10 << 20
	// maxFeedDifferences bounds what is told of one package.
	maxFeedDifferences = 100
	// maxFeedQuestions bounds the rounds that are asked for to find a changed line.
	maxFeedQuestions = 10_000
)

// OutcomeOf tells the outcome that a round has for a sample, and whether it has one.
type OutcomeOf func(sha256 []byte, round uint64) (outcome verdictstypes.Outcome, found bool, err error)

// CheckFeed reads the lines of a package and compares them with the chain's record. When
// there are as many as there should be, but not those that were recorded, the chain's rounds
// are asked which line is not true. What engines said in a line is not part of the record;
// Verify checks that.
func CheckFeed(lines io.Reader, record markettypes.FeedPackage, outcomeOf OutcomeOf) (FeedResult, error) {
	check := feedCheck{record: record}
	scanner := bufio.NewScanner(lines)
	scanner.Buffer(make([]byte, 64<<10), maxFeedLine)
	for scanner.Scan() && len(check.Differences) < maxFeedDifferences {
		check.line(scanner.Bytes())
		check.Lines++
	}
	switch err := scanner.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		check.differ(FeedChanged, check.Lines, check.Lines, "line is longer than %d bytes", maxFeedLine)
	case err != nil:
		return FeedResult{}, err
	case check.next < record.Count && len(check.Differences) < maxFeedDifferences:
		check.differ(FeedWithheld, check.next, record.Count-1, "the file ends before %d of %d entries", record.Count-check.next, record.Count)
	}
	if !check.OK() {
		return check.FeedResult, nil
	}
	return check.FeedResult, check.compare(outcomeOf)
}

type feedCheck struct {
	FeedResult
	record  markettypes.FeedPackage
	next    uint64 // position
	entries []markettypes.FeedEntry
}

func (c *feedCheck) differ(kind string, first, last uint64, format string, args ...any) {
	c.Differences = append(c.Differences, FeedDifference{Kind: kind, First: first, Last: last, Detail: fmt.Sprintf(format, args...)})
}

func (c *feedCheck) line(raw []byte) {
	entry, position, err := parseFeedLine(raw)
	switch {
	case err != nil:
		c.differ(FeedChanged, c.Lines, c.Lines, "line %d: %s", c.Lines+1, err)
		c.next++ // it stands for the one that was expected
		return
	case position >= c.record.Count:
		c.differ(FeedAdded, c.Lines, c.Lines, "line %d has position %d, and the chain recorded %d entries", c.Lines+1, position, c.record.Count)
		return
	case position < c.next:
		c.differ(FeedAdded, c.Lines, c.Lines, "line %d has position %d again", c.Lines+1, position)
		return
	case position > c.next:
		c.differ(FeedWithheld, c.next, position-1, "line %d has position %d, %d was expected", c.Lines+1, position, c.next)
	}
	c.next = position + 1
	c.entries = append(c.entries, entry)
}

// compare finds what is wrong in a package that looks whole.
func (c *feedCheck) compare(outcomeOf OutcomeOf) error {
	own, err := markettypes.PackageOf(c.record.Feed, c.record.Minute, c.entries)
	if err != nil || bytes.Equal(own.Root, c.record.Root) {
		return err
	}
	first := make(map[string]int, len(c.entries))
	for i, entry := range c.entries {
		if earlier, twice := first[string(entry.Leaf())]; twice {
			c.differ(FeedChanged, uint64(i), uint64(i), "the entry of position %d stands here again", earlier)
		}
		first[string(entry.Leaf())] = i
		if len(c.Differences) >= maxFeedDifferences || i >= maxFeedQuestions {
			break
		}
		if err := c.ask(uint64(i), entry, outcomeOf); err != nil {
			return err
		}
	}
	if c.OK() {
		c.differ(FeedChanged, 0, c.record.Count-1,
			"the root is %x, the chain recorded %x: at least one entry was put in the place of another, and the chain's rounds do not tell which", own.Root, c.record.Root)
	}
	return nil
}

// ask tells whether a round really judged a sample as an entry says.
func (c *feedCheck) ask(position uint64, entry markettypes.FeedEntry, outcomeOf OutcomeOf) error {
	outcome, found, err := outcomeOf(entry.Sha256, entry.Round)
	switch {
	case err != nil:
		return err
	case !found:
		c.differ(FeedChanged, position, position, "round %d has no outcome for %x", entry.Round, entry.Sha256)
	case uint32(outcome) != entry.Outcome:
		c.differ(FeedChanged, position, position, "%x: the outcome of round %d is %s, the line says %s",
			entry.Sha256, entry.Round, OutcomeName(outcome), OutcomeName(verdictstypes.Outcome(entry.Outcome)))
	}
	return nil
}

// parseFeedLine takes no missing or repeated field, so that no two readers can see different
// entries.
func parseFeedLine(raw []byte) (entry markettypes.FeedEntry, position uint64, err error) {
	if !utf8.Valid(raw) {
		return entry, 0, errors.New("not UTF-8")
	}
	object := parseObject("object", raw, maxFields)
	id := object.hash("id")
	context := object.object("context_attributes", maxFields)
	own := context.object("virusmap", maxFields)
	hash := own.hash("sha256")
	position = own.integer("position", math.MaxInt64)
	entry.Round = own.integer("round", math.MaxUint64)
	entry.Outcome = uint32(own.integer("outcome", math.MaxUint32))
	entry.Stage = uint32(own.integer("stage", math.MaxUint32))
	attributes := object.object("attributes", maxFields)
	judged := attributes.object("virusmap", maxFields)
	for _, part := range []*jsonObject{object, context, own, attributes, judged} {
		if part.err != nil {
			return entry, 0, part.err
		}
	}
	if hash != id {
		return entry, 0, fmt.Errorf("id %s is not that of its entry, %s", id, hash)
	}
	// What is shown must be the judgement that the entry is about; it may be unknown.
	if _, shown := judged.fields["round"]; shown {
		round := judged.integer("round", math.MaxUint64)
		outcome := judged.optionalText("outcome", maxTextBytes)
		want := OutcomeName(verdictstypes.Outcome(entry.Outcome))
		switch {
		case judged.err != nil:
			return entry, 0, judged.err
		case round != entry.Round || (outcome != "" && outcome != want):
			return entry, 0, fmt.Errorf("shows round %d with outcome %.32q, its entry is of round %d with %q", round, outcome, entry.Round, want)
		}
	}
	entry.Sha256, err = hex.DecodeString(hash)
	return entry, position, err
}
