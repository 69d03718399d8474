package scanner

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"filippo.io/age"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// member is a sample of a round.
type member struct {
	index  int
	sha256 []byte
	record samplestypes.Sample
	// identity opens it.
	identity *age.HybridIdentity
	// err tells why it cannot be scanned.
	err error
}

// Neither is the submitter's fault.
var (
	errNoRecord = errors.New("the chain has no record of the sample any more")
	errNoKey    = errors.New("this supernode has no vault key of its epoch")
)

// members reads the members of a round in the order of their hashes, each with its
// record and with the key that opens it.
func (s *Scanner) members(ctx context.Context, round verdictstypes.Round) ([]*member, error) {
	response, err := s.Chain.Verdicts().Members(ctx, &verdictstypes.QueryMembersRequest{Round: round.Number})
	if err != nil {
		return nil, err
	}
	if len(response.Hashes) != 32*int(round.Samples) || round.Samples > verdictstypes.MaxRoundSamples {
		return nil, fmt.Errorf("round %d: members have %d bytes for %d samples", round.Number, len(response.Hashes), round.Samples)
	}
	members := make([]*member, round.Samples)
	if err := s.readRecords(ctx, round, members, response.Hashes); err != nil {
		return nil, err
	}
	return members, s.findKeys(ctx, members)
}

// readRecords fills in the members. Rounds take turns, so that many of them at one time do
// not make the node slow for the most urgent one.
func (s *Scanner) readRecords(ctx context.Context, round verdictstypes.Round, members []*member, hashes []byte) error {
	if err := s.gates.records.acquire(ctx, urgencyOf(round), 1); err != nil {
		return err
	}
	defer s.gates.records.release(1)
	group, records := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for i := range members {
		members[i] = &member{index: i, sha256: hashes[32*i : 32*(i+1)]}
		group.Go(func() error { return s.readRecord(records, members[i]) })
	}
	return group.Wait()
}

func (s *Scanner) readRecord(ctx context.Context, m *member) error {
	sample, err := s.Chain.Samples().Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(m.sha256)})
	if status.Code(err) == codes.NotFound {
		m.err = errNoRecord
		return nil
	}
	if err != nil {
		return fmt.Errorf("member %x: %w", m.sha256, err)
	}
	m.record = sample.Entry.Sample
	return nil
}

// findKeys finds the vault key of every epoch in which a member was sealed.
func (s *Scanner) findKeys(ctx context.Context, members []*member) error {
	epochs := make(map[uint64]bool)
	for _, m := range members {
		if m.err == nil {
			epochs[m.record.Sealing.VaultEpoch] = true
		}
	}
	// A round cannot wait long for a key that perhaps nobody gives.
	const patience = 5 * time.Second
	identities, err := s.keys.identities(ctx, slices.Sorted(maps.Keys(epochs)), patience)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.err != nil {
			continue
		}
		if m.identity = identities[m.record.Sealing.VaultEpoch]; m.identity == nil {
			m.err = errNoKey
		}
	}
	return nil
}
