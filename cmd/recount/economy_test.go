package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// economy is a network on which three contributors bring variants of a few families, by
// themselves and through gateways, and everybody is paid.
type economy struct {
	*network
	contributors []*chaintest.Account
	contents     map[string][]byte
	newest       [][]byte
	families     map[string]int
	claimed      []hidden
	answered     map[string]bool
}

// hidden is a content that somebody claims to have, but has not shown yet.
type hidden struct {
	claimant *chaintest.Account
	content  []byte
	salt     []byte
	shown    int64
}

func newEconomy(t *testing.T) *economy {
	e := &economy{
		contents: make(map[string][]byte), families: make(map[string]int), answered: make(map[string]bool),
	}
	e.network = newNetwork(t, 4, 45*time.Second, func(cdc codec.Codec, state app.GenesisState) { e.fund(t, cdc, state) })
	e.keys = e.keysOf
	// The third has no coins, and no account till it has earned something.
	e.contributors = []*chaintest.Account{e.Accounts[2], e.Accounts[3], chaintest.NewAccount("poor")}
	return e
}

// fund gives the chain an emission that halves soon, and parameters with which all bounds are met.
func (e *economy) fund(t *testing.T, cdc codec.Codec, state app.GenesisState) {
	require.NoError(t, app.EditGenesis(cdc, state, bountytypes.ModuleName, func(s *bountytypes.GenesisState) error {
		s.Schedule.PeriodEpochs, s.Schedule.Tail = 3, math.NewInt(1_000)
		p := &s.Params
		p.ContributorTargetSamples, p.EngineTargetSamples, p.StorageTargetGibDays = 3, 20, 1
		p.ClaimWindowSeconds, p.ClusterTtlSeconds, p.MaxEpochsPerClaim = 2*1800, 1800, 2
		p.SightingsFull, p.NewcomerPoints, p.EstablishedPoints, p.GatewayPpm = 3, 400_000, 900_000, 900_000
		p.MaxCreditsPerBlock, p.MaxPayoutsPerBlock, p.MaxPrunesPerBlock, p.SightingsPerEpoch = 3, 2, 4, 20
		return nil
	}))
	require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(s *samplestypes.GenesisState) error {
		s.Params.ClaimWindowBlocks, s.Params.TtlSeconds, s.Params.Replication = 8, 4500, 3
		s.Params.ChallengeWindowBlocks, s.Params.MaxChallengedPerBlock = 5, 2
		return nil
	}))
	require.NoError(t, app.EditGenesis(cdc, state, supernodetypes.ModuleName, func(s *supernodetypes.GenesisState) error {
		s.Params.UnbondingSeconds, s.Params.RedelegationSeconds, s.Params.BeaconIdleBlocks = 900, 300, 2
		s.Params.MinPerformedPpm, s.Params.UnrevealedTolerance, s.Params.StorageMissTolerance = 0, 10_000, 16
		return nil
	}))
}

// keysOf leads all members of a family to one cluster, by one slot or another.
func (e *economy) keysOf(hash []byte) (keys types.SimilarityKeys) {
	for slot := range 3 {
		family := sha256.Sum256(fmt.Appendf(nil, "family %d slot %d", e.families[string(hash)], slot))
		copy(keys[slot*2][:], family[:])
	}
	copy(keys[9][:], hash)
	return keys
}

// live runs a block in which everybody does something.
func (e *economy) live() {
	e.t.Helper()
	e.seal()
	var txs [][]byte
	for _, act := range []func() [][]byte{e.submit, e.show, e.judge, e.appeal, e.sight, e.prove, e.collect, e.disturb} {
		txs = append(txs, act()...)
	}
	e.step(txs...)
}

// submit brings variants, most of them through a gateway.
func (e *economy) submit() [][]byte {
	if e.random.Intn(2) == 0 {
		return nil
	}
	var batch []samplestypes.Submission
	for range 1 + e.random.Intn(4) {
		batch = append(batch, e.variant())
	}
	contributor, gateway := e.contributors[e.random.Intn(3)], e.gateway()
	if contributor == e.contributors[0] && e.random.Intn(2) == 0 {
		return [][]byte{e.SignTx(contributor, chaintest.Tx{Msgs: []sdk.Msg{contributor.Submit(batch...)}, Unordered: true})}
	}
	for i := range batch {
		batch[i].Contributor = contributor.Address.String()
	}
	return [][]byte{e.SignTx(gateway, chaintest.Tx{Msgs: []sdk.Msg{gateway.Submit(batch...)}, Unordered: true})}
}

func (e *economy) gateway() *chaintest.Account { return e.Supernodes[e.random.Intn(4)].Sidecar }

// variant is a new member of a family, some of kilobytes, some of them URLs.
func (e *economy) variant() samplestypes.Submission {
	family := e.random.Intn(12)
	content := bytes.Repeat(fmt.Appendf(nil, "variant %d of family %d ", len(e.contents), family), 1+e.random.Intn(1500))
	return e.know(content, family)
}

// know notes a content of a family.
func (e *economy) know(content []byte, family int) samplestypes.Submission {
	hash := chaintest.Submission(content, 0).Sha256
	e.contents[string(hash)], e.families[string(hash)] = content, family
	e.newest = append(e.newest, hash)
	return e.describe(content)
}

func (e *economy) describe(content []byte) samplestypes.Submission {
	submission := chaintest.Submission(content, e.epoch)
	if e.families[string(submission.Sha256)] == 11 {
		submission.Kind = samplestypes.KIND_URL
	}
	return submission
}

// show claims contents first and submits them later; sometimes another one does before.
func (e *economy) show() (txs [][]byte) {
	if e.random.Intn(5) == 0 {
		claimant := e.contributors[e.random.Intn(2)]
		h := hidden{claimant: claimant, shown: e.Height + int64(2+e.random.Intn(5)), content: fmt.Appendf(nil, "hidden %d", e.Height)}
		salt := sha256.Sum256(h.content)
		h.salt = salt[:]
		submission := e.know(h.content, e.random.Intn(12))
		e.claimed = append(e.claimed, h)
		txs = append(txs, e.SignTx(claimant, chaintest.Tx{Unordered: true, Msgs: []sdk.Msg{&samplestypes.MsgClaimSubmissions{
			Claimant: claimant.Address.String(),
			Hashes:   [][]byte{samplestypes.ClaimHash(submission.Sha256, claimant.Address, h.salt)},
		}}}))
	}
	for _, h := range e.claimed {
		submission := e.describe(h.content)
		if h.shown == e.Height {
			submission.ClaimSalt = h.salt
			txs = append(txs, e.SignTx(h.claimant, chaintest.Tx{Msgs: []sdk.Msg{h.claimant.Submit(submission)}, Unordered: true}))
		} else if h.shown > e.Height && e.random.Intn(10) == 0 {
			gateway := e.gateway()
			submission.Contributor = e.contributors[2].Address.String()
			txs = append(txs, e.SignTx(gateway, chaintest.Tx{Msgs: []sdk.Msg{gateway.Submit(submission)}, Unordered: true}))
		}
	}
	return txs
}

// sight reports newer samples, also before and after they are scored.
func (e *economy) sight() [][]byte {
	if len(e.newest) == 0 || e.random.Intn(3) > 0 {
		return nil
	}
	node := e.Supernodes[e.random.Intn(4)]
	report := &bountytypes.MsgReportSightings{Sidecar: node.Sidecar.Address.String(), Operator: node.Operator.Address.String()}
	seen := make(map[string]bool)
	for range 4 {
		hash := e.newest[len(e.newest)-1-e.random.Intn(min(len(e.newest), 40))]
		if !seen[string(hash)] {
			seen[string(hash)] = true
			report.Sightings = append(report.Sightings, bountytypes.Sighted{Sha256: hash})
		}
	}
	return [][]byte{e.SignTx(node.Sidecar, chaintest.Tx{Msgs: []sdk.Msg{report}, Unordered: true})}
}

// prove answers most challenges.
func (e *economy) prove() (txs [][]byte) {
	iterator, err := e.App.SamplesKeeper.Challenges.Iterate(e.Context(), nil)
	require.NoError(e.t, err)
	challenges, err := iterator.Values()
	require.NoError(e.t, err)
	for _, challenge := range challenges {
		id := fmt.Sprint(challenge.Operator, challenge.Epoch, challenge.Index)
		if e.answered[id] {
			continue
		}
		e.answered[id] = true
		for _, node := range e.Supernodes {
			if node.Operator.Address.String() == challenge.Operator && e.random.Intn(5) > 0 {
				txs = append(txs, e.SignFree(node.Sidecar, 1_000_000, node.Prove(challenge, e.contents[string(challenge.Sha256)])))
			}
		}
	}
	return txs
}

// collect claims rewards, free of fees.
func (e *economy) collect() (txs [][]byte) {
	for _, contributor := range e.contributors {
		if e.random.Intn(25) == 0 && e.App.AccountKeeper.HasAccount(e.Context(), contributor.Address) {
			claim := &bountytypes.MsgClaimRewards{Contributor: contributor.Address.String()}
			txs = append(txs, e.SignFree(contributor, 1_000_000, claim))
		}
	}
	return txs
}

// disturb lets an operator leave, a sample be taken down, and somebody send coins to where
// the rewards of an epoch are.
func (e *economy) disturb() [][]byte {
	switch e.Height {
	case 60:
		leaver := e.Supernodes[4].Operator
		return [][]byte{e.Sign(leaver, &supernodetypes.MsgRetire{Operator: leaver.Address.String()})}
	case 65:
		return [][]byte{e.Sign(e.Accounts[1], &bountytypes.MsgPostBounty{
			Funder: e.Accounts[1].Address.String(), Kind: bountytypes.BOUNTY_KIND_FAMILY, Target: "test.family",
			Amount: sdk.NewInt64Coin(app.Denom, 50_000_000), DurationSeconds: 24 * 3600,
		})}
	case 70, 90, 110:
		return [][]byte{e.Sign(e.Accounts[0], &samplestypes.MsgBlockSample{
			Authority: e.Accounts[0].Address.String(), Sha256: e.newest[len(e.newest)-12], Reason: "test",
		})}
	case 130, 132:
		to := bountytypes.EpochAddress(e.epoch - uint64(e.Height-130)/2)
		return [][]byte{e.Sign(e.Accounts[1], banktypes.NewMsgSend(e.Accounts[1].Address, to, sdk.NewCoins(sdk.NewInt64Coin(app.Denom, 12_345))))}
	}
	return nil
}
