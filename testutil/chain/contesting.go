package chaintest

import (
	"fmt"

	"github.com/cometbft/cometbft/crypto/merkle"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// ChunkBytes is the size of the chunks under a storage root.
const ChunkBytes = 1024

// Ciphertext is what a simulated gateway stored for content: as long as an age file
// would be, and made from nothing but the content.
func Ciphertext(content []byte) []byte {
	chunks := max(1, (len(content)+65535)/65536)
	ciphertext := make([]byte, 2048+16+len(content)+16*chunks)
	for i := range ciphertext {
		ciphertext[i] = byte(i) ^ content[i%len(content)]
	}
	return ciphertext
}

// chunksOf cuts a ciphertext.
func chunksOf(ciphertext []byte) [][]byte {
	var chunks [][]byte
	for len(ciphertext) > 0 {
		n := min(ChunkBytes, len(ciphertext))
		chunks = append(chunks, ciphertext[:n])
		ciphertext = ciphertext[n:]
	}
	return chunks
}

// StorageRoot is the RFC 6962 root over the chunks of a ciphertext.
func StorageRoot(ciphertext []byte) []byte { return merkle.HashFromByteSlices(chunksOf(ciphertext)) }

// Prove is the message by which a supernode answers a challenge about content.
func (s *Supernode) Prove(challenge samplestypes.Challenge, content []byte) sdk.Msg {
	chunks := chunksOf(Ciphertext(content))
	_, proofs := merkle.ProofsFromByteSlices(chunks)
	return &samplestypes.MsgProveStorage{
		Sidecar: s.Sidecar.Address.String(), Operator: s.Operator.Address.String(),
		Epoch: challenge.Epoch, Index: challenge.Index,
		Chunk: chunks[challenge.Chunk], Path: proofs[challenge.Chunk].Aunts,
	}
}

// proveStorage lets some supernodes answer their challenges, some with a wrong chunk.
func (s *Simulation) proveStorage() [][]byte {
	iterator, err := s.App.SamplesKeeper.Challenges.Iterate(s.Context(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	challenges, err := iterator.Values()
	if err != nil {
		s.t.Fatal(err)
	}
	var txs [][]byte
	for _, challenge := range challenges {
		node, content := s.nodeOf(challenge.Operator), s.contentOf(challenge.Sha256)
		if node == nil || content == nil || s.rand.Intn(4) == 0 {
			continue
		}
		msg := node.Prove(challenge, content).(*samplestypes.MsgProveStorage)
		if s.rand.Intn(8) == 0 {
			msg.Chunk[0] ^= 1
		}
		txs = append(txs, s.SignFree(node.Sidecar, 1_000_000, msg))
	}
	return txs
}

func (s *Simulation) nodeOf(operator string) *Supernode {
	for _, node := range s.Supernodes {
		if node.Operator.Address.String() == operator {
			return node
		}
	}
	return nil
}

func (s *Simulation) contentOf(sha256 []byte) []byte {
	for _, content := range s.samples {
		if string(Submission(content, 0).Sha256) == string(sha256) {
			return content
		}
	}
	return nil
}

// appeal claims the contrary of an outcome, of one that can be contested most of the time.
func (s *Simulation) appeal() []byte {
	account := s.account()
	bond := sdk.NewInt64Coin(app.Denom, int64(1+s.rand.Intn(3))*1_000_000)
	if s.rand.Intn(8) == 0 {
		bond = s.coin(1_000)
	}
	hash, claimed := s.hash(), verdictstypes.OUTCOME_MALICIOUS
	if contested, outcome := s.decided(); contested != nil && s.rand.Intn(6) != 0 {
		hash = contested
		if outcome != verdictstypes.OUTCOME_CLEAN {
			claimed = verdictstypes.OUTCOME_CLEAN
		}
	}
	return s.sign(account, &verdictstypes.MsgAppeal{
		Appellant: account.Address.String(), Sha256: hash, Bond: bond, Claimed: claimed,
		Evidence: fmt.Sprintf("https://publisher.example/statement/%d", s.rand.Intn(10)),
	})
}

// decided is a random sample with its outcome in a random round, if there is one.
func (s *Simulation) decided() (sha256 []byte, outcome verdictstypes.Outcome) {
	seen := 0
	err := s.App.VerdictsKeeper.History.Walk(s.Context(), nil, func(key collections.Pair[[]byte, uint64], value uint32) (bool, error) {
		if verdictstypes.Outcome(value).Decided() {
			if seen++; s.rand.Intn(seen) == 0 {
				sha256, outcome = key.K1(), verdictstypes.Outcome(value)
			}
		}
		return false, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return sha256, outcome
}

// escalateAppeal takes a running appeal further, or one that does not run.
func (s *Simulation) escalateAppeal() []byte {
	party, hash := s.node().Operator, s.hash()
	err := s.App.VerdictsKeeper.Appeals.Walk(s.Context(), nil, func(sha256 []byte, appeal verdictstypes.Appeal) (bool, error) {
		if appeal.Status != verdictstypes.APPEAL_STATUS_DECIDED {
			return false, nil
		}
		hash = sha256
		return s.rand.Intn(3) == 0, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.sign(party, &verdictstypes.MsgEscalateAppeal{
		Party: party.Address.String(), Sha256: hash, Bond: sdk.NewInt64Coin(app.Denom, int64(1+s.rand.Intn(6))*1_000_000),
	})
}
