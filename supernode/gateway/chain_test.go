package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/vault"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

var errChainAway = status.Error(codes.Unavailable, "connection refused")

// scriptedChain answers like the chain does, from state that a test sets. Submissions
// go through the module's own validation.
type scriptedChain struct {
	mu          sync.Mutex
	params      samplestypes.Params
	vaultKey    *supernodetypes.VaultKey
	height      int64
	away        bool
	samples     map[string]samplestypes.Sample      // by hex SHA-256
	reports     map[string]verdictstypes.Report     // by hex SHA-256
	rounds      map[roundKey]verdictstypes.Report   // of rounds that are not the newest
	monikers    map[string]string                   // by operator
	refuse      func(samplestypes.Submission) error // nil takes everything
	broadcasts  int
	submissions []samplestypes.Submission // accepted ones
	opened      []samplestypes.Submission // all that were submitted, known ones too
	queries     int                       // for reports

	claims          map[string]int64 // height by hash
	claimBroadcasts int
	refuseClaims    error
	seats           []string // operators
	sightings       []bountytypes.MsgReportSightings
	refuseSightings error
}

type roundKey struct {
	sha256 string
	round  uint64
}

func newScriptedChain() *scriptedChain {
	return &scriptedChain{
		params:   samplestypes.DefaultParams(),
		vaultKey: &supernodetypes.VaultKey{Epoch: 7, Recipient: vault.NewEpochKey().Recipient().String()},
		height:   41,
		samples:  make(map[string]samplestypes.Sample),
		reports:  make(map[string]verdictstypes.Report),
		rounds:   make(map[roundKey]verdictstypes.Report),
		monikers: make(map[string]string),
		claims:   make(map[string]int64),
	}
}

// set changes the state.
func (c *scriptedChain) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

func (c *scriptedChain) accepted() []samplestypes.Submission {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]samplestypes.Submission(nil), c.submissions...)
}

func (c *scriptedChain) Address() sdk.AccAddress { return gatewayKey.PubKey().Address().Bytes() }

func (c *scriptedChain) Broadcast(_ context.Context, tx chain.Tx) (*sdk.TxResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broadcasts++
	if c.away {
		return nil, errors.New("node is away")
	}
	for _, msg := range tx.Msgs {
		var err error
		switch msg := msg.(type) {
		case *samplestypes.MsgClaimSubmissions:
			err = c.claim(msg)
		case *bountytypes.MsgReportSightings:
			err = c.sight(msg)
		case *samplestypes.MsgSubmitSamples:
			err = c.submit(msg)
		case *samplestypes.MsgRequestRescan:
			err = c.rescan(msg)
		}
		if err != nil {
			return nil, err
		}
	}
	c.height++
	return &sdk.TxResponse{}, nil
}

func (c *scriptedChain) claim(msg *samplestypes.MsgClaimSubmissions) error {
	if err := msg.Validate(c.params); err != nil {
		return &chain.Error{Codespace: samplestypes.ModuleName, Code: 4, Log: err.Error()}
	}
	if c.refuseClaims != nil {
		return c.refuseClaims
	}
	c.claimBroadcasts++
	for _, hash := range msg.Hashes {
		if _, made := c.claims[string(hash)]; !made {
			c.claims[string(hash)] = c.height
		}
	}
	return nil
}

func (c *scriptedChain) sight(msg *bountytypes.MsgReportSightings) error {
	if c.refuseSightings != nil {
		return c.refuseSightings
	}
	c.sightings = append(c.sightings, *msg)
	return nil
}

func (c *scriptedChain) submit(msg *samplestypes.MsgSubmitSamples) error {
	if err := msg.Validate(c.params); err != nil {
		return &chain.Error{Codespace: samplestypes.ModuleName, Code: 4, Log: err.Error()}
	}
	for _, s := range msg.Samples {
		if c.refuse != nil {
			if err := c.refuse(s); err != nil {
				return err
			}
		}
	}
	for _, s := range msg.Samples {
		key := hex.EncodeToString(s.Sha256)
		c.opened = append(c.opened, s)
		if known, found := c.samples[key]; found && known.Status != samplestypes.STATUS_INVALID {
			continue
		}
		c.samples[key] = samplestypes.Sample{
			Kind: s.Kind, SizeBytes: s.SizeBytes, Sealing: s.Sealing, Contributor: s.Contributor, Gateway: c.Address().String(),
			SubmittedHeight: c.height, SubmittedTime: 1_900_000_000, Status: samplestypes.STATUS_QUEUED,
		}
		c.submissions = append(c.submissions, s)
	}
	return nil
}

// hexOf is the key of a content in the scripted state.
func hexOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// finish gives a sample a finished round.
func (c *scriptedChain) finish(content string, round uint64, outcome verdictstypes.Outcome, verdicts ...verdictstypes.EngineVerdict) {
	c.set(func() {
		sample := c.samples[hexOf(content)]
		sample.SizeBytes, sample.Status, sample.Round = uint64(len(content)), samplestypes.STATUS_FINAL, round
		if sample.SubmittedTime == 0 {
			sample.SubmittedTime = 1_900_000_000
		}
		if sample.Kind == samplestypes.KIND_UNSPECIFIED {
			sample.Kind = samplestypes.KIND_FILE
		}
		c.samples[hexOf(content)] = sample
		if earlier, found := c.reports[hexOf(content)]; found {
			c.rounds[roundKey{hexOf(content), earlier.Round.Number}] = earlier
		}
		c.reports[hexOf(content)] = verdictstypes.Report{
			Round: verdictstypes.Round{
				Number: round, Status: verdictstypes.ROUND_STATUS_FINAL, Seats: 3, Attestations: 2, FinalTime: 1_900_000_100,
			},
			Outcome: outcome, Verdicts: verdicts, FileType: "elf",
		}
	})
}

func operator(b byte) string { return sdk.AccAddress(bytes.Repeat([]byte{b}, 20)).String() }
