package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// openRound runs a chain up to the commit phase of its first round, over n samples.
func openRound(t *testing.T, supernodes, n int) (*chaintest.Chain, verdictstypes.Round) {
	t.Helper()
	chain := chaintest.New(t, chaintest.Config{Accounts: 2, Supernodes: supernodes})
	chain.Blocks(1)
	chain.PublishVaultKey()
	var txs [][]byte
	for _, supernode := range chain.Supernodes {
		txs = append(txs, chain.Sign(supernode.Sidecar, supernode.RegisterEngine("engine")))
	}
	txs = append(txs, chain.Sign(chain.Accounts[0], chain.Accounts[0].Submit(chaintest.Submissions("round", n, 1)...)))
	chain.Run(txs...)
	for range 5 {
		if round, err := chain.App.VerdictsKeeper.Rounds.Get(chain.Context(), 1); err == nil {
			return chain, round
		}
		chain.Blocks(1)
	}
	t.Fatal("no round opened")
	return nil, verdictstypes.Round{}
}

func attestation(round verdictstypes.Round, category verdictstypes.Category) verdictstypes.Attestation {
	n := int(round.Samples)
	answers := chaintest.Answers(n, func(int) verdictstypes.Answer {
		return verdictstypes.Answer{Category: category, Confidence: 15, Label: "Eicar-Test-Signature"}
	})
	types := make([]string, n)
	return verdictstypes.NewAttestation(
		[]verdictstypes.VerdictVector{verdictstypes.NewVerdictVector("engine", "1", nil, 0, answers)},
		verdictstypes.NewFeatureVector(types))
}

func TestExpectedAttestationsAreFree(t *testing.T) {
	chain, round := openRound(t, 2, 10)
	first, second := chain.Supernodes[0], chain.Supernodes[1]
	attested := attestation(round, verdictstypes.CATEGORY_MALICIOUS)
	balance := chain.App.BankKeeper.GetBalance(chain.Context(), first.Sidecar.Address, app.Denom)
	const gas = 1_000_000

	accepted := func(tx []byte) bool {
		t.Helper()
		return checkTx(t, chain, tx).Code == 0
	}
	commit := first.Commit(round.Number, attested)
	require.True(t, accepted(chain.SignFree(first.Sidecar, gas, commit)))
	require.False(t, accepted(chain.SignFree(second.Sidecar, gas, commit)), "only the operator's own sidecar")
	require.False(t, accepted(chain.SignFree(first.Sidecar, gas, first.Reveal(round.Number, attested))), "a reveal comes later")
	require.False(t, accepted(chain.SignFree(first.Sidecar, gas, first.Commit(round.Number+1, attested))), "no such round")
	require.False(t, accepted(chain.SignFree(first.Sidecar, gas, commit, send(first.Sidecar, second.Sidecar, 1))), "every message must be expected")
	greedy := checkTx(t, chain, chain.SignFree(first.Sidecar, app.FreeTxMaxGas+1, commit))
	require.Contains(t, greedy.Log, "is over the limit")

	chain.Run(
		chain.SignFree(first.Sidecar, gas, commit),
		chain.SignFree(second.Sidecar, gas, second.Commit(round.Number, attested)))
	require.False(t, accepted(chain.SignFree(first.Sidecar, gas, commit)), "a second commit is not expected")
	chain.Run(
		chain.SignFree(first.Sidecar, gas, first.Reveal(round.Number, attested)),
		chain.SignFree(second.Sidecar, gas, second.Reveal(round.Number, attested)))
	chain.Blocks(2)

	require.Equal(t, balance, chain.App.BankKeeper.GetBalance(chain.Context(), first.Sidecar.Address, app.Denom))
	final, err := chain.App.VerdictsKeeper.Rounds.Get(chain.Context(), round.Number)
	require.NoError(t, err)
	require.Equal(t, verdictstypes.ROUND_STATUS_FINAL, final.Status)
	for _, submission := range chaintest.Submissions("round", 10, 1) {
		sample, err := chain.App.SamplesKeeper.Get(chain.Context(), submission.Sha256)
		require.NoError(t, err)
		require.Equal(t, samplestypes.STATUS_FINAL, sample.Status)
	}
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
}

// A transaction that offers a fee pays it, also when it could have been free.
func TestOfferedFeesArePaid(t *testing.T) {
	chain, round := openRound(t, 1, 1)
	supernode := chain.Supernodes[0]
	before := chain.App.BankKeeper.GetBalance(chain.Context(), supernode.Sidecar.Address, app.Denom)
	fee := chaintest.MinFee(chaintest.Gas)
	attested := attestation(round, verdictstypes.CATEGORY_UNDETECTED)
	chain.Run(chain.SignTx(supernode.Sidecar, chaintest.Tx{
		Msgs: []sdk.Msg{supernode.Commit(round.Number, attested)}, Fee: fee, Unordered: true,
	}))
	after := chain.App.BankKeeper.GetBalance(chain.Context(), supernode.Sidecar.Address, app.Denom)
	require.Equal(t, before.Sub(fee[0]), after)
}
