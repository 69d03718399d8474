package light

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/testutil/webvectors"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// webEncodings are bytes in hex that the web app's light client has to make too.
type webEncodings struct {
	Block   webBlock          `json:"block"`
	Merkle  []string          `json:"merkle"` // roots over the leaves 00, 01, … by their number
	Keys    map[string]string `json:"keys"`
	Columns []webColumn       `json:"columns"`
	Leaf    webLeaf           `json:"leaf"`
	Tallies []webTally        `json:"tallies"`
	Proofs  []webProof        `json:"proofs"`
}

type webBlock struct {
	SignedHeader   json.RawMessage `json:"signed_header"`
	Validators     json.RawMessage `json:"validators"`
	HeaderHash     string          `json:"header_hash"`
	ValidatorsHash string          `json:"validators_hash"`
	SignBytes      []string        `json:"sign_bytes"` // of the votes for the block, 0 and 3
}

type webColumn struct {
	Cells  string `json:"cells"`
	Packed string `json:"packed"`
}

type webLeaf struct {
	Operator    string `json:"operator"`
	Attestation string `json:"attestation"`
	Leaf        string `json:"leaf"`
}

type webTally struct {
	Rules    [3]uint32   `json:"rules"` // quorum, malicious, suspicious
	Expected uint64      `json:"expected"`
	Cast     [][2]uint64 `json:"cast"` // category, weight
	Outcome  uint32      `json:"outcome"`
}

type webProof struct {
	Store   string       `json:"store"`
	Key     string       `json:"key"`
	Value   string       `json:"value"` // empty when the key is absent
	Ops     []webProofOp `json:"ops"`
	AppHash string       `json:"app_hash"`
}

type webProofOp struct {
	Type string `json:"type"`
	Key  string `json:"key"`
	Data string `json:"data"`
}

func TestWebEncodings(t *testing.T) {
	w := newWorldAt(t, bubbleTime, webKeys("validator", 4)...)
	encodings := webEncodings{
		Block: blockEncodings(t, w), Keys: keyEncodings(t), Columns: columnEncodings(),
		Leaf: leafEncoding(t), Tallies: tallies(), Proofs: proofEncodings(t),
	}
	var leaves [][]byte
	for i := range byte(20) {
		encodings.Merkle = append(encodings.Merkle, hexOf(verdictstypes.MembersRoot(leaves)))
		leaves = append(leaves, []byte{i})
	}
	webvectors.Require(t, "light/testdata/encodings.json", encodings)
}

// blockEncodings are of a block with every field set and votes of all kinds; nobody signed it.
func blockEncodings(t *testing.T, w *world) webBlock {
	t.Helper()
	header, commit := *w.blocks[8].Header, w.blocks[8].Commit.Clone()
	header.Version.App, header.Time = 5, header.Time.Add(123_456_789)
	header.LastBlockID.PartSetHeader.Total = 300
	commit.Round, commit.BlockID.Hash = 2, header.Hash()
	for i := range commit.Signatures {
		commit.Signatures[i].Timestamp = header.Time.Add(time.Duration(i) * 100 * time.Millisecond)
	}
	commit.Signatures[1] = types.NewCommitSigAbsent()
	commit.Signatures[2].BlockIDFlag = types.BlockIDFlagNil
	block := types.SignedHeader{Header: &header, Commit: commit}
	require.NoError(t, block.ValidateBasic(w.chainID))
	signedHeader, err := cmtjson.Marshal(block)
	require.NoError(t, err)
	validators, err := cmtjson.Marshal(w.set.Validators)
	require.NoError(t, err)
	return webBlock{
		SignedHeader: signedHeader, Validators: validators,
		HeaderHash: hexOf(header.Hash()), ValidatorsHash: hexOf(w.set.Hash()),
		SignBytes: []string{hexOf(commit.VoteSignBytes(w.chainID, 0)), hexOf(commit.VoteSignBytes(w.chainID, 3))},
	}
}

func keyEncodings(t *testing.T) map[string]string {
	t.Helper()
	keys := map[string]string{}
	add := func(name string, key []byte, err error) {
		require.NoError(t, err)
		keys[name] = hexOf(key)
	}
	key, err := collections.EncodeKeyWithPrefix(samplestypes.SamplesPrefix, collections.BytesKey, digest("sample"))
	add("sample", key, err)
	key, err = collections.EncodeKeyWithPrefix(supernodetypes.SupernodesKey, sdk.AccAddressKey, sdk.AccAddress(digest("operator")[:20]))
	add("supernode", key, err)
	key, err = verdictstypes.RoundStoreKey(1<<40 + 7)
	add("round", key, err)
	key, err = verdictstypes.HistoryStoreKey(digest("sample"), 1<<63+1)
	add("history", key, err)
	key, err = verdictstypes.WeightsStoreKey(258)
	add("weights", key, err)
	return keys
}

func columnEncodings() []webColumn {
	random := rand.New(rand.NewPCG(1, 2))
	var columns []webColumn
	for _, n := range []int{1, 2, 3, 5, 130, 300} {
		for _, kinds := range []int{1, 2, 200} {
			cells := make([]byte, n)
			for i := range cells {
				if kinds < 200 && i > 0 && random.IntN(20) > 0 {
					cells[i] = cells[i-1]
					continue
				}
				cells[i] = byte(random.IntN(kinds)*7 + 0x20)
			}
			columns = append(columns, webColumn{hexOf(cells), hexOf(verdictstypes.PackColumn(cells))})
		}
	}
	return columns
}

func leafEncoding(t *testing.T) webLeaf {
	t.Helper()
	attestation := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{
		verdictstypes.NewVerdictVector("clamav", "1.4.3", digest("cvd"), 1_790_000_000, []verdictstypes.Answer{
			{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: "病毒"}, {Category: verdictstypes.CATEGORY_HARMLESS},
		}),
	}, verdictstypes.FeatureVector{})
	attestation.Features.KeySample(1, verdictstypes.SimilarityKeys{{1}, {2}})
	attestation.Features.Match(digest("bounty"), []uint32{0, 1})
	require.NoError(t, attestation.Validate(2))
	raw, err := attestation.Marshal()
	require.NoError(t, err)
	leaf, err := verdictstypes.AttestationLeaf(digest("operator")[:20], attestation)
	require.NoError(t, err)
	return webLeaf{hexOf(digest("operator")[:20]), hexOf(raw), hexOf(leaf)}
}

// tallies lie around the thresholds, where a wrong comparison shows.
func tallies() []webTally {
	random := rand.New(rand.NewPCG(3, 4))
	var all []webTally
	for range 300 {
		tally := webTally{Rules: [3]uint32{500_000, 250_000, 100_000}, Expected: random.Uint64N(9), Cast: [][2]uint64{}}
		var columns []verdictstypes.WeightedColumn
		for range random.IntN(5) {
			category, weight := 1+random.Uint64N(9), random.Uint64N(4)
			tally.Cast = append(tally.Cast, [2]uint64{category, weight})
			cell := verdictstypes.NewCell(verdictstypes.Category(category), 3)
			columns = append(columns, verdictstypes.WeightedColumn{Weight: weight, Cells: []byte{byte(cell)}})
		}
		rules := verdictstypes.RoundRules{QuorumPpm: tally.Rules[0], MaliciousPpm: tally.Rules[1], SuspiciousPpm: tally.Rules[2]}
		tally.Outcome = uint32(verdictstypes.Tally(rules, tally.Expected, columns, 0, 1)[0])
		all = append(all, tally)
	}
	return all
}

// proofEncodings are of keys at the edges and in the middle of a tree, and of absent ones.
func proofEncodings(t *testing.T) []webProof {
	t.Helper()
	store := rootmulti.NewStore(dbm.NewMemDB(), log.NewNopLogger())
	keys := map[string]*storetypes.KVStoreKey{}
	for _, name := range []string{"bank", "samples", "staking", "verdicts", "wasm"} {
		keys[name] = storetypes.NewKVStoreKey(name)
		store.MountStoreWithDB(keys[name], storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, store.LoadLatestVersion())
	for version := range 3 {
		for i := range 30 {
			key := fmt.Appendf(nil, "key %02d", 2*(3*i+version)+1)
			store.GetKVStore(keys["verdicts"]).Set(key, fmt.Appendf(nil, "value of %s", key))
		}
		store.GetKVStore(keys["samples"]).Set([]byte("alone"), []byte("value"))
		store.Commit()
	}
	var proofs []webProof
	for _, of := range []struct{ store, key string }{
		{"verdicts", "key 01"},
		{"verdicts", "key 77"},
		{"verdicts", "key 99"},
		{"samples", "alone"},
		{"verdicts", "key 00"},
		{"verdicts", "key 42"},
		{"verdicts", "key 64"},
		{"verdicts", "key 999"},
		{"samples", "a"},
		{"samples", "b"},
	} {
		answer, err := store.Query(&storetypes.RequestQuery{Path: "/" + of.store + "/key", Data: []byte(of.key), Height: 3, Prove: true})
		require.NoError(t, err)
		proof := StoreProof{Store: of.store, Key: []byte(of.key), Value: answer.Value, Ops: answer.ProofOps}
		appHash := store.LastCommitID().Hash
		require.NoError(t, proof.verify(appHash))
		encoded := webProof{Store: of.store, Key: hexOf(proof.Key), Value: hexOf(proof.Value), AppHash: hexOf(appHash)}
		for _, op := range proof.Ops.Ops {
			encoded.Ops = append(encoded.Ops, webProofOp{op.Type, hexOf(op.Key), hexOf(op.Data)})
		}
		proofs = append(proofs, encoded)
	}
	return proofs
}
