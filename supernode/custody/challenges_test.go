package custody

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cometbft/cometbft/crypto/merkle"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// challenge asks an operator for a chunk of a sample.
func (f *fixture) challenge(n *supernode, index uint32, entry samplestypes.SampleEntry, chunk uint64) {
	f.t.Helper()
	var challenge samplestypes.Challenge
	f.ledger.edit(func(l *ledger) {
		challenge = samplestypes.Challenge{
			Epoch: 1, Operator: n.operator.String(), Index: index, Sha256: entry.Sha256, Chunk: chunk, DeadlineHeight: l.height + 100,
		}
		l.challenges = append(l.challenges, challenge)
	})
	f.ledger.emit(&samplestypes.EventChallenged{
		Epoch: 1, Operator: challenge.Operator, Index: index, Sha256: entry.Sha256, Chunk: chunk, DeadlineHeight: challenge.DeadlineHeight,
	})
}

func (f *fixture) proofs() (proofs []*samplestypes.MsgProveStorage) {
	f.ledger.edit(func(l *ledger) { proofs = append(proofs, l.proofs...) })
	return proofs
}

// requireProof checks a proof against the record as the chain does.
func requireProof(t *testing.T, entry samplestypes.SampleEntry, chunk uint64, msg *samplestypes.MsgProveStorage) {
	t.Helper()
	chunks := (entry.Sample.Sealing.SizeBytes + vault.StorageChunkSize - 1) / vault.StorageChunkSize
	proof := merkle.Proof{Total: int64(chunks), Index: int64(chunk), LeafHash: merkle.HashFromByteSlices([][]byte{msg.Chunk}), Aunts: msg.Path}
	require.NoError(t, proof.Verify(entry.Sample.Sealing.StorageRoot, msg.Chunk))
}

func TestChallengesAreAnswered(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, 2)
	node := f.nodes[0]
	small, large := f.sample("small", node), f.sample(strings.Repeat("large ", 300_000), node)
	last := (large.Sample.Sealing.SizeBytes - 1) / vault.StorageChunkSize
	f.challenge(node, 0, small, 0) // it waits when custody starts
	c, _ := node.start()
	f.eventually("the waiting one", func() bool { return len(f.proofs()) == 1 })
	f.challenge(f.nodes[1], 0, small, 0)
	f.challenge(node, 1, large, 0)
	f.challenge(node, 2, large, last)
	f.eventually("all of this operator", func() bool { return c.metric("proofs_total") == 3 })
	f.challenge(node, 3, large, last/2)
	f.eventually("one more", func() bool { return c.metric("proofs_total") == 4 })
	proofs := f.proofs()
	require.Len(t, proofs, 4, "each is answered once, those of others not at all")
	for _, proof := range proofs {
		require.Equal(t, node.operator.String(), proof.Operator)
		switch proof.Index {
		case 0:
			requireProof(t, small, 0, proof)
		case 1:
			requireProof(t, large, 0, proof)
		case 2:
			requireProof(t, large, last, proof)
			require.Len(t, proof.Chunk, int(large.Sample.Sealing.SizeBytes-last*vault.StorageChunkSize))
		}
	}
}

func TestChallengedContentThatIsMissingIsFetched(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, 1)
	var foreign samplestypes.SampleEntry
	for _, entry := range f.samples(20, f.nodes[0]) {
		if !holds(f.nodes[1], entry, 1, f.nodes...) {
			foreign = entry // no pass fetches it
		}
	}
	f.nodes[1].start()
	f.challenge(f.nodes[1], 0, foreign, 1)
	f.eventually("proof", func() bool { return len(f.proofs()) == 1 })
	requireProof(t, foreign, 1, f.proofs()[0])
}

func TestDamagedContentIsFetchedAnew(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, 2)
	entry := f.sample(strings.Repeat("will rot ", 300_000), f.nodes...)
	node := f.nodes[1]
	blocks, err := filepath.Glob(filepath.Join(node.cfg.Dir, "blocks", "*", "*.data"))
	require.NoError(t, err)
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		require.NoError(t, os.WriteFile(block, []byte("rotten"), 0o600))
	}
	f.challenge(node, 0, entry, 7)
	node.start()
	f.eventually("proof", func() bool { return len(f.proofs()) == 1 })
	requireProof(t, entry, 7, f.proofs()[0])
}

func TestAnswerIsTriedAgainUntilTheDeadline(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, 1)
	entry := f.sample("sample", f.nodes[0])
	attempts := 0
	f.ledger.edit(func(l *ledger) {
		l.broadcast = func(*samplestypes.MsgProveStorage) error {
			attempts++
			if attempts < 4 {
				return errors.New("the node is away")
			}
			return nil
		}
	})
	c, _ := f.nodes[0].start()
	f.challenge(f.nodes[0], 0, entry, 0)
	f.eventually("proof", func() bool { return len(f.proofs()) == 1 })

	f.ledger.edit(func(l *ledger) {
		l.broadcast = func(*samplestypes.MsgProveStorage) error { return errors.New("the node is away") }
	})
	f.challenge(f.nodes[0], 1, entry, 0)
	f.ledger.edit(func(l *ledger) { l.height += 100 })
	f.eventually("given up", func() bool { return c.metric("proof_failures_total") == 1 })
	require.Len(t, f.proofs(), 1)
}

func TestSettledChallengeIsNotAFailure(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 1, 1)
	entry := f.sample("sample", f.nodes[0])
	asked := make(chan struct{}, 8)
	f.ledger.edit(func(l *ledger) {
		l.broadcast = func(*samplestypes.MsgProveStorage) error {
			asked <- struct{}{}
			return samplestypes.ErrProved
		}
	})
	c, kill := f.nodes[0].start()
	f.challenge(f.nodes[0], 0, entry, 0)
	<-asked
	f.challenge(f.nodes[0], 1, entry, 0)
	<-asked
	kill()
	require.Empty(t, asked, "each was sent once")
	require.Zero(t, c.metric("proof_failures_total"))
}
