package scanner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/ipfs/go-cid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxArchiveBytes bounds an archived round: the 64 MiB that the chain client takes in
// one answer, which holds the attestations, and the rest.
const maxArchiveBytes = 65 << 20

// ErrNotArchived is returned for a round that this supernode has not kept.
var ErrNotArchived = errors.New("round is not archived here")

// archive keeps a finished round on IPFS before the chain prunes it.
func (s *Scanner) archive(ctx context.Context, round verdictstypes.Round) error {
	known, err := s.journal.archived(ctx, round.Number)
	if err != nil || known != "" || round.Pruned {
		return err
	}
	members, err := s.Chain.Verdicts().Members(ctx, &verdictstypes.QueryMembersRequest{Round: round.Number})
	if err != nil {
		return err
	}
	attestations, err := s.Chain.Verdicts().Attestations(ctx, &verdictstypes.QueryAttestationsRequest{Round: round.Number})
	if err != nil {
		return err
	}
	kept := verdictstypes.RoundArchive{Round: round, Members: members.Hashes, Attestations: attestations.Attestations}
	if err := checkArchive(kept); err != nil {
		return err
	}
	data, err := kept.Marshal()
	if err != nil {
		return err
	}
	id, err := s.Vault.AddPublic(ctx, data)
	if err != nil {
		return err
	}
	return s.journal.saveArchive(ctx, round.Number, id.String())
}

// Archived returns a round that was archived, checked against its own roots; whoever
// needs more compares the roots with the chain.
func (s *Scanner) Archived(ctx context.Context, round uint64) (verdictstypes.RoundArchive, error) {
	return readArchive(ctx, s.journal, s.Vault, round)
}

// Archive has the rounds that a scanner kept which does not run.
type Archive struct {
	journal *journal
	vault   publicReader
}

// publicReader is what reading an archive needs of vault.Vault.
type publicReader interface {
	ReadPublic(ctx context.Context, c cid.Cid, limit int64) ([]byte, error)
}

// OpenArchive opens the archive of the scanner that worked in a folder, for a chain.
func OpenArchive(ctx context.Context, dir, chainID string, vault publicReader) (*Archive, error) {
	journal, err := openJournal(ctx, filepath.Join(dir, journalFile), chainID)
	if err != nil {
		return nil, err
	}
	return &Archive{journal, vault}, nil
}

// Round is what Scanner.Archived returns.
func (a *Archive) Round(ctx context.Context, round uint64) (verdictstypes.RoundArchive, error) {
	return readArchive(ctx, a.journal, a.vault, round)
}

// Close closes the archive.
func (a *Archive) Close() error { return a.journal.close() }

func readArchive(ctx context.Context, journal *journal, vault publicReader, round uint64) (verdictstypes.RoundArchive, error) {
	text, err := journal.archived(ctx, round)
	if err != nil {
		return verdictstypes.RoundArchive{}, err
	}
	if text == "" {
		return verdictstypes.RoundArchive{}, fmt.Errorf("%w: round %d", ErrNotArchived, round)
	}
	id, err := cid.Decode(text)
	if err != nil {
		return verdictstypes.RoundArchive{}, err
	}
	data, err := vault.ReadPublic(ctx, id, maxArchiveBytes)
	if err != nil {
		return verdictstypes.RoundArchive{}, err
	}
	return decodeArchive(data)
}

// decodeArchive reads what archive wrote. Errors: not a RoundArchive, or its contents
// do not match its roots.
func decodeArchive(data []byte) (verdictstypes.RoundArchive, error) {
	var kept verdictstypes.RoundArchive
	if err := kept.Unmarshal(data); err != nil {
		return verdictstypes.RoundArchive{}, err
	}
	if err := checkArchive(kept); err != nil {
		return verdictstypes.RoundArchive{}, err
	}
	return kept, nil
}

// checkArchive holds members and attestations against the roots of the round.
func checkArchive(kept verdictstypes.RoundArchive) error {
	if len(kept.Members) != 32*int(kept.Round.Samples) {
		return fmt.Errorf("members of round %d have %d bytes for %d samples", kept.Round.Number, len(kept.Members), kept.Round.Samples)
	}
	members := slices.Collect(slices.Chunk(kept.Members, 32))
	if !bytes.Equal(verdictstypes.MembersRoot(members), kept.Round.MembersRoot) {
		return fmt.Errorf("members of round %d do not match its root", kept.Round.Number)
	}
	leaves := make([][]byte, len(kept.Attestations))
	for i, signed := range kept.Attestations {
		operator, err := sdk.AccAddressFromBech32(signed.Operator)
		if err != nil {
			return fmt.Errorf("attestation %d of round %d: %w", i, kept.Round.Number, err)
		}
		if leaves[i], err = verdictstypes.AttestationLeaf(operator, signed.Attestation); err != nil {
			return fmt.Errorf("attestation %d of round %d: %w", i, kept.Round.Number, err)
		}
	}
	if !bytes.Equal(verdictstypes.AttestationsRoot(leaves), kept.Round.AttestationsRoot) {
		return fmt.Errorf("attestations of round %d do not match its root", kept.Round.Number)
	}
	return nil
}
