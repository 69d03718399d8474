package bench

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// The mix: what a round is made of.
const (
	supernodes          = 14
	enginesPerSupernode = 5
	maliciousShare      = 0.10 // of the samples
	detectionRate       = 0.60 // of the engines on a malicious sample
	falsePositiveRate   = 0.001
	families            = 40
)

var fileTypes = []string{"peexe", "peexe", "peexe", "pdf", "elf", "zip", "shell", "html"}

// sample is a content with its truth.
type sample struct {
	submission samplestypes.Submission
	malicious  bool
	family     string
	fileType   string
}

// makeSamples draws n samples in ascending hash order, as a round has them.
func makeSamples(random *rand.Rand, vaultEpoch uint64, n int, malicious float64) []sample {
	samples := make([]sample, n)
	for i := range samples {
		seed := random.Uint64()
		digest := func(part string) []byte {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", part, seed))
			return sum[:]
		}
		multihashed, err := multihash.Encode(digest("ciphertext"), multihash.SHA2_256)
		if err != nil {
			panic(err) // a fixed-size digest always encodes
		}
		samples[i] = sample{
			submission: samplestypes.Submission{
				Sha256: digest("content"), Kind: samplestypes.KIND_FILE, SizeBytes: 100_000,
				Sealing: samplestypes.Sealing{
					Cid: cid.NewCidV1(cid.DagProtobuf, multihashed).Bytes(), SizeBytes: 102_400,
					KeyCommitment: digest("key"), StorageRoot: digest("root"), VaultEpoch: vaultEpoch,
				},
			},
			malicious: random.Float64() < malicious,
			family:    fmt.Sprintf("Trojan.Family%02d", random.Intn(families)),
			fileType:  fileTypes[random.Intn(len(fileTypes))],
		}
	}
	slices.SortFunc(samples, func(a, b sample) int { return bytes.Compare(a.submission.Sha256, b.submission.Sha256) })
	return samples
}

// attest is what one supernode answers. Its last engine handles executables only.
func attest(random *rand.Rand, samples []sample) verdictstypes.Attestation {
	types := make([]string, len(samples))
	vectors := make([]verdictstypes.VerdictVector, enginesPerSupernode)
	for e := range vectors {
		answers := make([]verdictstypes.Answer, len(samples))
		for i, s := range samples {
			types[i] = s.fileType
			answers[i] = answer(random, s, e == enginesPerSupernode-1)
		}
		digest := sha256.Sum256([]byte{byte(e)})
		vectors[e] = verdictstypes.NewVerdictVector(engineName(e), "1.4.6/27400", digest[:], 1_900_000_000, answers)
	}
	return verdictstypes.NewAttestation(vectors, verdictstypes.NewFeatureVector(types))
}

func answer(random *rand.Rand, s sample, executablesOnly bool) verdictstypes.Answer {
	switch {
	case executablesOnly && s.fileType != "peexe" && s.fileType != "elf":
		return verdictstypes.Answer{Category: verdictstypes.CATEGORY_TYPE_UNSUPPORTED}
	case s.malicious && random.Float64() < detectionRate:
		return verdictstypes.Answer{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: uint8(10 + random.Intn(6)), Label: s.family}
	case random.Float64() < falsePositiveRate:
		return verdictstypes.Answer{Category: verdictstypes.CATEGORY_SUSPICIOUS, Confidence: 4, Label: "Heuristic.Suspicious"}
	default:
		return verdictstypes.Answer{Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: 8}
	}
}

func engineName(e int) string { return fmt.Sprintf("Engine%d", e) }

// submissions are the messages that hand the samples in, signed by a gateway.
func submissions(c *chaintest.Chain, samples []sample) [][]byte {
	var txs [][]byte
	for chunk := range slices.Chunk(samples, 100) {
		msg := &samplestypes.MsgSubmitSamples{Submitter: c.Accounts[0].Address.String()}
		for _, s := range chunk {
			msg.Samples = append(msg.Samples, s.submission)
		}
		txs = append(txs, c.SignTx(c.Accounts[0], chaintest.Tx{Msgs: msgs(msg), Gas: 40_000_000, Unordered: true}))
	}
	return txs
}

// round holds a round's two sets of transactions.
type round struct {
	samples          int
	commits, reveals [][]byte
}

// prepare signs what all supernodes send in a round.
func prepare(t testing.TB, c *chaintest.Chain, random *rand.Rand, number uint64, samples []sample) round {
	t.Helper()
	r := round{samples: len(samples)}
	for _, node := range c.Supernodes {
		attestation := attest(random, samples)
		salt := make([]byte, verdictstypes.SaltSize)
		random.Read(salt)
		hash, err := verdictstypes.CommitmentHash(chaintest.ChainID, number, node.Operator.Address, salt, attestation)
		require.NoError(t, err)
		operator, sidecar := node.Operator.Address.String(), node.Sidecar.Address.String()
		r.commits = append(r.commits, c.SignFree(node.Sidecar, 200_000, &verdictstypes.MsgCommitAttestation{
			Sidecar: sidecar, Operator: operator, Round: number, Hash: hash,
		}))
		r.reveals = append(r.reveals, c.SignFree(node.Sidecar, 20_000_000, &verdictstypes.MsgRevealAttestation{
			Sidecar: sidecar, Operator: operator, Round: number, Salt: salt, Attestation: attestation,
		}))
	}
	return r
}
