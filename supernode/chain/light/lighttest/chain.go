package lighttest

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/nodetest"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Chain is a real node on which two supernodes attest what a test wants.
type Chain struct {
	*nodetest.Node

	t       testing.TB
	clients map[*chaintest.Account]*chain.Client
}

// StartChain runs a node until the test ends. Both supernodes have the engines
// "clamav" and "shared"; the first has "yara" as well.
func StartChain(t testing.TB) *Chain {
	t.Helper()
	genesis := chaintest.NewGenesis(t, chaintest.Config{Accounts: 1, Supernodes: 2})
	c := &Chain{Node: nodetest.Start(t, genesis, nodetest.Options{}), t: t, clients: map[*chaintest.Account]*chain.Client{}}
	c.publishVaultKey()
	for i, supernode := range genesis.Supernodes {
		msgs := []sdk.Msg{supernode.RegisterEngine("clamav"), supernode.RegisterEngine("shared")}
		if i == 0 {
			msgs = append(msgs, supernode.RegisterEngine("yara"))
		}
		c.send(supernode.Sidecar, false, msgs...)
	}
	return c
}

// Scan submits contents and takes them through a round, in which the first content is
// malicious for clamav. It returns what a gateway would know of the first.
func (c *Chain) Scan(contents ...string) Facts {
	c.t.Helper()
	submitter := c.Genesis.Accounts[0]
	var first []byte
	var msgs []sdk.Msg
	for _, content := range contents {
		submission := chaintest.Submission([]byte(content), 1)
		msgs = append(msgs, submitter.Submit(submission))
		if first == nil {
			first = submission.Sha256
		}
	}
	c.send(submitter, false, msgs...)
	for _, status := range []verdictstypes.RoundStatus{verdictstypes.ROUND_STATUS_COMMIT, verdictstypes.ROUND_STATUS_REVEAL} {
		round, members := c.await(status)
		for i, supernode := range c.Genesis.Supernodes {
			attestation := attest(i, members, first)
			msg := supernode.Commit(round.Number, attestation)
			if status == verdictstypes.ROUND_STATUS_REVEAL {
				msg = supernode.Reveal(round.Number, attestation)
			}
			c.send(supernode.Sidecar, true, msg)
		}
	}
	return c.facts(first, uint64(len(contents[0])))
}

func attest(supernode int, members [][]byte, malicious []byte) verdictstypes.Attestation {
	answers := func(category verdictstypes.Category, label string) []verdictstypes.Answer {
		return chaintest.Answers(len(members), func(member int) verdictstypes.Answer {
			if bytes.Equal(members[member], malicious) {
				return verdictstypes.Answer{Category: category, Confidence: 14, Label: label}
			}
			return verdictstypes.Answer{Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: 8}
		})
	}
	digest := bytes.Repeat([]byte{byte(supernode + 1)}, 32)
	vectors := []verdictstypes.VerdictVector{
		verdictstypes.NewVerdictVector("clamav", "1.4.3", digest, 1_790_000_000, answers(verdictstypes.CATEGORY_MALICIOUS, "Eicar-Test-Signature")),
		verdictstypes.NewVerdictVector("shared", "2", nil, 0, answers(verdictstypes.CATEGORY_TIMEOUT, "")),
	}
	if supernode == 0 {
		vectors = append(vectors, verdictstypes.NewVerdictVector("yara", "4.5.4", digest, 0, answers(verdictstypes.CATEGORY_SUSPICIOUS, "rule_name")))
	}
	return verdictstypes.NewAttestation(vectors, verdictstypes.NewFeatureVector(make([]string, len(members))))
}

// await waits for the one open round to reach a status.
func (c *Chain) await(status verdictstypes.RoundStatus) (round verdictstypes.Round, members [][]byte) {
	c.t.Helper()
	queries := c.client(c.Genesis.Accounts[0]).Verdicts()
	require.Eventually(c.t, func() bool {
		open, err := queries.OpenRounds(c.t.Context(), &verdictstypes.QueryOpenRoundsRequest{})
		if err != nil || len(open.Rounds) != 1 || open.Rounds[0].Status != status {
			return false
		}
		round = open.Rounds[0]
		return true
	}, 30*time.Second, 20*time.Millisecond, "no round in %s", status)
	answer, err := queries.Members(c.t.Context(), &verdictstypes.QueryMembersRequest{Round: round.Number})
	require.NoError(c.t, err)
	for hashes := answer.Hashes; len(hashes) > 0; hashes = hashes[32:] {
		members = append(members, hashes[:32])
	}
	return round, members
}

func (c *Chain) facts(sha256 []byte, size uint64) Facts {
	c.t.Helper()
	client := c.client(c.Genesis.Accounts[0])
	var report verdictstypes.Report
	require.Eventually(c.t, func() bool {
		answer, err := client.Verdicts().Report(c.t.Context(), &verdictstypes.QueryReportRequest{Sha256: hex.EncodeToString(sha256)})
		if err != nil {
			return false
		}
		report = answer.Report
		return report.Round.Status == verdictstypes.ROUND_STATUS_FINAL
	}, 30*time.Second, 20*time.Millisecond, "the round does not end")
	status, err := client.Status(c.t.Context())
	require.NoError(c.t, err)
	facts := Facts{
		ChainID: c.ChainID(), Height: status.Height, SHA256: sha256, SizeBytes: size,
		Round: report.Round, Outcome: report.Outcome, Verdicts: report.Verdicts, Monikers: map[string]string{},
	}
	for _, verdict := range report.Verdicts {
		answer, err := client.Supernodes().Supernode(c.t.Context(), &supernodetypes.QuerySupernodeRequest{Operator: verdict.Operator})
		require.NoError(c.t, err)
		facts.Monikers[verdict.Operator] = answer.Supernode.Profile.Moniker
	}
	return facts
}

// publishVaultKey makes the key of the first epoch, without which no sample is taken.
func (c *Chain) publishVaultKey() {
	c.t.Helper()
	supernodes := c.client(c.Genesis.Accounts[0]).Supernodes()
	var epoch *supernodetypes.QueryEpochResponse
	require.Eventually(c.t, func() bool {
		var err error
		epoch, err = supernodes.Epoch(c.t.Context(), &supernodetypes.QueryEpochRequest{})
		return err == nil && len(epoch.Seats) == len(c.Genesis.Supernodes)
	}, 30*time.Second, 20*time.Millisecond, "no epoch begins")
	key, err := age.GenerateHybridIdentity()
	require.NoError(c.t, err)
	nodes := map[string]*chaintest.Supernode{}
	for _, supernode := range c.Genesis.Supernodes {
		nodes[supernode.Operator.Address.String()] = supernode
	}
	maker := nodes[epoch.Seats[0].Operator]
	msg := &supernodetypes.MsgPublishVaultKey{
		Sidecar: maker.Sidecar.Address.String(), Operator: maker.Operator.Address.String(),
		Epoch: epoch.Epoch.Number, Recipient: key.Recipient().String(),
	}
	for _, supernode := range byOperator(c.Genesis.Supernodes) {
		var sealed bytes.Buffer
		writer, err := age.Encrypt(&sealed, supernode.Identity.Recipient())
		require.NoError(c.t, err)
		_, err = writer.Write([]byte(key.String()))
		require.NoError(c.t, err)
		require.NoError(c.t, writer.Close())
		msg.Sealed = append(msg.Sealed, supernodetypes.SealedKey{
			Epoch: msg.Epoch, Operator: supernode.Operator.Address.String(), Sealed: sealed.Bytes(),
		})
	}
	c.send(maker.Sidecar, false, msg)
}

func (c *Chain) send(account *chaintest.Account, free bool, msgs ...sdk.Msg) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	_, err := c.client(account).Broadcast(ctx, chain.Tx{Msgs: msgs, Free: free})
	require.NoError(c.t, err)
}

func (c *Chain) client(account *chaintest.Account) *chain.Client {
	c.t.Helper()
	if client, ok := c.clients[account]; ok {
		return client
	}
	client, err := chain.Dial(c.t.Context(), chain.Config{
		GRPC: c.GRPC(), RPC: c.RPC(), ChainID: c.ChainID(), GasPrices: "0.025uvmt",
		Key: "key", Keyring: c.Keyring("key", account),
	})
	require.NoError(c.t, err)
	c.t.Cleanup(client.Close)
	c.clients[account] = client
	return client
}

func byOperator(supernodes []*chaintest.Supernode) []*chaintest.Supernode {
	return slices.SortedFunc(slices.Values(supernodes), func(a, b *chaintest.Supernode) int {
		return bytes.Compare(a.Operator.Address, b.Operator.Address)
	})
}
