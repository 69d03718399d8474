package light

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain/light/lighttest"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// world is a multistore with the records of one finished round of two supernodes,
// on a ledger, and the true report of one sample.
type world struct {
	*ledger
	store   *rootmulti.Store
	keys    map[string]*storetypes.KVStoreKey
	members []byte
	signed  []verdictstypes.SignedAttestation
	round   verdictstypes.Round
	// table holds the weights of epoch worldEpoch.
	table  verdictstypes.WeightTable
	sample samplestypes.Sample
	sha256 []byte
	index  int
	// monikers by operator, as in x/supernode.
	monikers map[string]string
}

const (
	worldRound  = 7
	worldEpoch  = 4
	worldHeight = 6 // of the round's end
)

// newWorld ends in the present, so that its newest block is fresh.
func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldAt(t, time.Now().UTC())
}

func newWorldAt(t *testing.T, now time.Time, keys ...types.MockPV) *world {
	t.Helper()
	w := &world{
		store:    rootmulti.NewStore(dbm.NewMemDB(), log.NewNopLogger()),
		keys:     map[string]*storetypes.KVStoreKey{},
		sha256:   digest("sample"),
		monikers: map[string]string{},
	}
	w.ledger = newLedger(t, "virusmap-test-1", w.answer, keys...)
	for _, name := range []string{"bank", samplestypes.StoreKey, supernodetypes.StoreKey, verdictstypes.StoreKey, markettypes.StoreKey} {
		w.keys[name] = storetypes.NewKVStoreKey(name)
		w.store.MountStoreWithDB(w.keys[name], storetypes.StoreTypeIAVL, nil)
	}
	require.NoError(t, w.store.LoadLatestVersion())
	w.attest()
	w.sample = samplestypes.Sample{
		Kind: samplestypes.KIND_FILE, SizeBytes: 68, Deposit: math.NewInt(10_000),
		SubmittedHeight: 2, Status: samplestypes.STATUS_FINAL, Round: worldRound,
	}
	start := now.Add(-12 * time.Second)
	appHash := digest("genesis")
	for height := 1; height <= 10; height++ {
		w.sign(appHash, start.Add(time.Duration(height)*time.Second))
		if height == worldHeight {
			w.write(t)
			w.writeOrder(t, soldOrder(t))
		}
		appHash = w.store.Commit().Hash
	}
	return w
}

// attest makes the round: three members, two supernodes that share one engine's name.
func (w *world) attest() {
	hashes := [][]byte{w.sha256, digest("other"), digest("third")}
	slices.SortFunc(hashes, bytes.Compare)
	w.index = slices.IndexFunc(hashes, func(hash []byte) bool { return bytes.Equal(hash, w.sha256) })
	w.members = bytes.Join(hashes, nil)
	answers := func(of verdictstypes.Answer) []verdictstypes.Answer {
		row := make([]verdictstypes.Answer, len(hashes))
		for i := range row {
			row[i] = verdictstypes.Answer{Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: 8}
		}
		row[w.index] = of
		return row
	}
	malicious := verdictstypes.Answer{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: "Eicar-Test-Signature"}
	suspicious := verdictstypes.Answer{Category: verdictstypes.CATEGORY_SUSPICIOUS, Confidence: 5, Label: "heuristic.entropy"}
	undetected := verdictstypes.Answer{Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: 9}
	features := verdictstypes.NewFeatureVector(make([]string, len(hashes)))
	first := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{
		verdictstypes.NewVerdictVector("clamav", "1.4.3/27700", digest("cvd"), 1_790_000_000, answers(malicious)),
		verdictstypes.NewVerdictVector("yara", "4.5.4", digest("rules"), 0, answers(undetected)),
	}, features)
	second := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{
		verdictstypes.NewVerdictVector("clamav", "1.4.2/27699", digest("older cvd"), 1_789_000_000, answers(malicious)),
		verdictstypes.NewVerdictVector("heuristics", "1", nil, 0, answers(suspicious)),
	}, features)
	operators := []sdk.AccAddress{digest("operator a")[:20], digest("operator b")[:20]}
	slices.SortFunc(operators, func(a, b sdk.AccAddress) int { return bytes.Compare(a, b) })
	var leaves [][]byte
	for i, attestation := range []verdictstypes.Attestation{first, second} {
		operator := sdk.MustBech32ifyAddressBytes("vmt", operators[i])
		leaf, err := verdictstypes.AttestationLeaf(operators[i], attestation)
		require.NoError(w.t, err)
		leaves = append(leaves, leaf)
		w.signed = append(w.signed, verdictstypes.SignedAttestation{Operator: operator, Attestation: attestation})
		w.monikers[operator] = []string{"north", "south"}[i]
	}
	w.table = verdictstypes.WeightTable{Epoch: worldEpoch, Rows: []verdictstypes.EngineWeight{
		{Operator: w.signed[0].Operator, Engine: "clamav", Weight: 300_000},
		{Operator: w.signed[0].Operator, Engine: "yara", Weight: 100_000},
		{Operator: w.signed[1].Operator, Engine: "clamav", Weight: 200_000},
	}}
	w.round = verdictstypes.Round{
		Number: worldRound, Kind: verdictstypes.ROUND_KIND_INITIAL, Status: verdictstypes.ROUND_STATUS_FINAL,
		Epoch: worldEpoch, Seats: 3, Engines: 4, Samples: 3, OpenedHeight: 3, CommitEndHeight: 4, RevealEndHeight: 5, FinalHeight: worldHeight,
		Rules:       verdictstypes.DefaultParams().Rules(),
		MembersRoot: verdictstypes.MembersRoot(hashes), AttestationsRoot: verdictstypes.AttestationsRoot(leaves),
		Attestations: 2, Tallied: 3,
	}
}

// write puts the records into the stores as the keepers' collections do.
func (w *world) write(t *testing.T) {
	t.Helper()
	set := func(store string, key []byte, keyErr error, record []byte, err error) {
		require.NoError(t, keyErr)
		require.NoError(t, err)
		w.store.GetKVStore(w.keys[store]).Set(key, record)
	}
	key, keyErr := collections.EncodeKeyWithPrefix(samplestypes.SamplesPrefix, collections.BytesKey, w.sha256)
	record, err := proto.Marshal(&w.sample)
	set(samplestypes.StoreKey, key, keyErr, record, err)
	key, keyErr = verdictstypes.RoundStoreKey(w.round.Number)
	record, err = proto.Marshal(&w.round)
	set(verdictstypes.StoreKey, key, keyErr, record, err)
	key, keyErr = verdictstypes.WeightsStoreKey(worldEpoch)
	record, err = proto.Marshal(&w.table)
	set(verdictstypes.StoreKey, key, keyErr, record, err)
	w.conclude(t, w.sha256, w.round.Number, verdictstypes.OUTCOME_MALICIOUS)
	w.conclude(t, digest("other"), w.round.Number+5, verdictstypes.OUTCOME_CLEAN)
	for operator, moniker := range w.monikers {
		address, decodeErr := operators.StringToBytes(operator)
		require.NoError(t, decodeErr)
		key, keyErr = collections.EncodeKeyWithPrefix(supernodetypes.SupernodesKey, sdk.AccAddressKey, sdk.AccAddress(address))
		record, err = proto.Marshal(&supernodetypes.Supernode{
			Operator: operator, Profile: supernodetypes.Profile{Moniker: moniker}, SelfBond: math.NewInt(1),
		})
		set(supernodetypes.StoreKey, key, keyErr, record, err)
	}
}

func (w *world) conclude(t *testing.T, sha256 []byte, round uint64, outcome verdictstypes.Outcome) {
	t.Helper()
	key, err := verdictstypes.HistoryStoreKey(sha256, round)
	require.NoError(t, err)
	value, err := collections.Uint32Value.Encode(uint32(outcome))
	require.NoError(t, err)
	w.store.GetKVStore(w.keys[verdictstypes.StoreKey]).Set(key, value)
}

// next commits what was written since and signs the block that carries its app hash.
func (w *world) next(blocks int) {
	for range blocks {
		w.sign(w.store.Commit().Hash, time.Now().UTC())
	}
}

func (w *world) answer(_ context.Context, request *abci.RequestQuery) (*abci.ResponseQuery, error) {
	switch request.Path {
	case "/virusmap.verdicts.v1.Query/Members":
		value, err := proto.Marshal(&verdictstypes.QueryMembersResponse{Hashes: w.members})
		return &abci.ResponseQuery{Value: value}, err
	case "/virusmap.verdicts.v1.Query/Attestations":
		value, err := proto.Marshal(&verdictstypes.QueryAttestationsResponse{Attestations: w.signed})
		return &abci.ResponseQuery{Value: value}, err
	}
	inner := storetypes.RequestQuery(*request)
	inner.Path = inner.Path[len("/store"):]
	response, err := w.store.Query(&inner)
	if err != nil {
		return &abci.ResponseQuery{Code: 1, Log: err.Error()}, nil
	}
	return (*abci.ResponseQuery)(response), nil
}

// document is the true report as a gateway writes it.
func (w *world) document(t *testing.T) []byte {
	t.Helper()
	verdicts, _, err := verdictstypes.VerdictsOf(w.signed, w.table, w.index, int(w.round.Samples))
	require.NoError(t, err)
	return lighttest.Facts{
		ChainID: w.chainID, Height: worldHeight + 1, SHA256: w.sha256, SizeBytes: w.sample.SizeBytes,
		Round: w.round, Outcome: verdictstypes.OUTCOME_MALICIOUS, Verdicts: verdicts, Monikers: w.monikers,
	}.Document()
}

func (w *world) report(t *testing.T) Report {
	t.Helper()
	report, err := ParseReport(w.document(t))
	require.NoError(t, err)
	return report
}

// newVerifier checks against an honest server unless others are given.
func (w *world) newVerifier(t *testing.T, rpc ...string) *Verifier {
	t.Helper()
	if len(rpc) == 0 {
		rpc = []string{w.serve(t, nil)}
	}
	verifier, err := New(w.config(rpc...))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, verifier.Close()) })
	return verifier
}

// failed names the claims that do not hold for a reason of their own.
func failed(result Result) []string {
	var names []string
	for _, claim := range result.Claims {
		if !claim.OK && !bytes.HasPrefix([]byte(claim.Detail), []byte("not checked")) {
			names = append(names, claim.Name)
		}
	}
	return names
}
