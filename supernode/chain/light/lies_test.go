package light

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// lie changes answers to ABCI queries; claims are those that must fail by it.
type lie struct {
	tamper func(path string, answer *abci.ResponseQuery)
	claims []string
}

// forge changes the answers to store queries of one store.
func forge(store string, change func(*abci.ResponseQuery)) func(string, *abci.ResponseQuery) {
	return func(path string, answer *abci.ResponseQuery) {
		if path == "/store/"+store+"/key" {
			change(answer)
		}
	}
}

// lies are what a server can say instead of the truth.
func lies(t *testing.T, w *world) map[string]lie {
	other := otherState(t, w)
	flip := func(raw []byte, i int) []byte {
		forged := slices.Clone(raw)
		forged[i%len(forged)] ^= 1
		return forged
	}
	reencode := func(change func(*verdictstypes.QueryAttestationsResponse)) func(string, *abci.ResponseQuery) {
		return func(path string, answer *abci.ResponseQuery) {
			if !strings.HasSuffix(path, "/Attestations") {
				return
			}
			var response verdictstypes.QueryAttestationsResponse
			require.NoError(t, proto.Unmarshal(answer.Value, &response))
			change(&response)
			var err error
			answer.Value, err = proto.Marshal(&response)
			require.NoError(t, err)
		}
	}
	members := func(change func([]byte) []byte) func(string, *abci.ResponseQuery) {
		return func(path string, answer *abci.ResponseQuery) {
			if !strings.HasSuffix(path, "/Members") {
				return
			}
			var response verdictstypes.QueryMembersResponse
			require.NoError(t, proto.Unmarshal(answer.Value, &response))
			response.Hashes = change(response.Hashes)
			var err error
			answer.Value, err = proto.Marshal(&response)
			require.NoError(t, err)
		}
	}
	return map[string]lie{
		"sample's value":      {forge("samples", func(a *abci.ResponseQuery) { a.Value = flip(a.Value, 3) }), []string{"sample"}},
		"sample's key proof":  {forge("samples", func(a *abci.ResponseQuery) { a.ProofOps.Ops[0].Data = flip(a.ProofOps.Ops[0].Data, 90) }), []string{"sample"}},
		"store's proof":       {forge("samples", func(a *abci.ResponseQuery) { a.ProofOps.Ops[1].Data = flip(a.ProofOps.Ops[1].Data, 20) }), []string{"sample"}},
		"no proof":            {forge("samples", func(a *abci.ResponseQuery) { a.ProofOps = nil }), []string{"sample"}},
		"half a proof":        {forge("samples", func(a *abci.ResponseQuery) { a.ProofOps.Ops = a.ProofOps.Ops[:1] }), []string{"sample"}},
		"proof of other kind": {forge("samples", func(a *abci.ResponseQuery) { a.ProofOps.Ops[0].Type = a.ProofOps.Ops[1].Type }), []string{"sample"}},
		"absence of sample":   {forge("samples", func(a *abci.ResponseQuery) { a.Value = nil }), []string{"sample"}},
		"proof of another store": {func(path string, a *abci.ResponseQuery) {
			if path == "/store/verdicts/key" {
				other, err := w.answer(t.Context(), &abci.RequestQuery{Path: "/store/samples/key", Data: a.Key, Height: 8, Prove: true})
				require.NoError(t, err)
				*a = *other
			}
		}, []string{"newest"}},
		"label of another key": {forge("samples", func(a *abci.ResponseQuery) { a.ProofOps.Ops[0].Key = flip(a.ProofOps.Ops[0].Key, 5) }), []string{"sample"}},
		"another state":        {forge("samples", func(a *abci.ResponseQuery) { *a = other }), []string{"sample"}},
		"hidden attestation":   {reencode(func(r *verdictstypes.QueryAttestationsResponse) { r.Attestations = r.Attestations[:1] }), []string{"attestations"}},
		"attestations in other order": {reencode(func(r *verdictstypes.QueryAttestationsResponse) {
			slices.Reverse(r.Attestations)
		}), []string{"attestations"}},
		"exchanged operators": {reencode(func(r *verdictstypes.QueryAttestationsResponse) {
			r.Attestations[0].Operator, r.Attestations[1].Operator = r.Attestations[1].Operator, r.Attestations[0].Operator
		}), []string{"attestations"}},
		"changed label": {reencode(func(r *verdictstypes.QueryAttestationsResponse) {
			r.Attestations[0].Attestation.Vectors[0].Labels[0] = "Eicar-Test-Signaturf"
		}), []string{"attestations"}},
		"dropped engine": {reencode(func(r *verdictstypes.QueryAttestationsResponse) {
			r.Attestations[0].Attestation.Vectors = r.Attestations[0].Attestation.Vectors[:1]
		}), []string{"attestations"}},
		"not an address": {reencode(func(r *verdictstypes.QueryAttestationsResponse) { r.Attestations[0].Operator = "vmt1" }), []string{"attestations"}},
		"hidden member":  {members(func(hashes []byte) []byte { return hashes[32:] }), []string{"member"}},
		"changed member": {members(func(hashes []byte) []byte { return flip(hashes, 70) }), []string{"member"}},
		"not protobuf": {func(path string, a *abci.ResponseQuery) {
			if strings.HasSuffix(path, "/Members") {
				a.Value = []byte("\xff\xff")
			}
		}, []string{"member"}},
	}
}

// otherState is an answer with a proof that is sound, but of a state that the chain never had.
func otherState(t *testing.T, w *world) abci.ResponseQuery {
	t.Helper()
	other := newWorldAt(t, bubbleTime)
	other.sample.SubmittedHeight++
	other.write(t)
	other.next(1)
	key, err := collections.EncodeKeyWithPrefix(samplestypes.SamplesPrefix, collections.BytesKey, w.sha256)
	require.NoError(t, err)
	answer, err := other.answer(t.Context(), &abci.RequestQuery{Path: "/store/samples/key", Data: key, Height: other.tip(), Prove: true})
	require.NoError(t, err)
	require.NotEmpty(t, answer.Value)
	return *answer
}

// weightLies are what a server can say of the weights.
func weightLies(t *testing.T, w *world) map[string]lie {
	lies := map[string]lie{}
	for name, change := range map[string]func(*abci.ResponseQuery){
		"other weight": func(a *abci.ResponseQuery) {
			table := w.table
			table.Rows = append([]verdictstypes.EngineWeight{}, table.Rows...)
			table.Rows[0].Weight++
			var err error
			a.Value, err = proto.Marshal(&table)
			require.NoError(t, err)
		},
		"hidden":   func(a *abci.ResponseQuery) { a.Value = nil },
		"no proof": func(a *abci.ResponseQuery) { a.ProofOps = nil },
		"absence of another epoch": func(a *abci.ResponseQuery) {
			key, err := verdictstypes.WeightsStoreKey(worldEpoch + 1)
			require.NoError(t, err)
			other, err := w.answer(t.Context(), &abci.RequestQuery{Path: "/store/verdicts/key", Data: key, Height: a.Height, Prove: true})
			require.NoError(t, err)
			require.Empty(t, other.Value)
			*a = *other
		},
	} {
		lies[name] = lie{forgeWeights(t, change), []string{"weights"}}
	}
	return lies
}

// forgeWeights changes the answers to queries of the weights.
func forgeWeights(t *testing.T, change func(*abci.ResponseQuery)) func(string, *abci.ResponseQuery) {
	key, err := verdictstypes.WeightsStoreKey(worldEpoch)
	require.NoError(t, err)
	return func(_ string, answer *abci.ResponseQuery) {
		if bytes.Equal(answer.Key, key) {
			change(answer)
		}
	}
}
