package chaintest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
)

// BlockInterval is how far the time moves from one block to the next.
const BlockInterval = time.Second

// Options are settings as app.toml and the flags of `vmtd start` would give them.
type Options map[string]any

// Get implements the server's AppOptions.
func (o Options) Get(key string) any { return o[key] }

// Build builds an application as app.New does.
type Build func(log.Logger, dbm.DB, bool, servertypes.AppOptions, ...func(*baseapp.BaseApp)) *app.App

// Chain is a running chain with all keys at hand.
type Chain struct {
	*Genesis

	App *app.App
	// Height and Time are those of the last block.
	Height int64
	Time   time.Time
	// Hash is the state's hash after the last block.
	Hash []byte
	// Build builds the application that Reopen opens; it is app.New at first.
	Build Build
	// HashSeed makes block hashes depend on it and the height alone, so that what is drawn
	// from them is the same in every run. Sealed keys, and so transactions, never are.
	HashSeed string

	t       testing.TB
	db      dbm.DB
	options Options
	// signed counts a signer's ordered transactions since the last block.
	signed map[string]uint64
	nonce  time.Duration
}

// Start runs a genesis over db; a nil db is one in memory. The genesis itself stays
// as it is and can be started again.
func (g *Genesis) Start(t testing.TB, db dbm.DB, options Options) *Chain {
	t.Helper()
	if db == nil {
		db = dbm.NewMemDB()
	}
	c := &Chain{Genesis: g, Time: StartTime, t: t, db: db, options: withHome(t, options), signed: map[string]uint64{}, Build: app.New}
	c.App = c.open()
	state, err := json.Marshal(g.State)
	require.NoError(t, err)
	_, err = c.App.InitChain(&abci.RequestInitChain{
		Time: StartTime, ChainId: ChainID, InitialHeight: 1,
		ConsensusParams: g.Consensus, AppStateBytes: state,
	})
	require.NoError(t, err)
	return c
}

// New is NewGenesis and Start in memory.
func New(t testing.TB, cfg Config) *Chain {
	t.Helper()
	return NewGenesis(t, cfg).Start(t, nil, nil)
}

// Block runs the transactions as the next block and commits it.
func (c *Chain) Block(txs ...[]byte) *abci.ResponseFinalizeBlock {
	c.t.Helper()
	return c.BlockAfter(BlockInterval, txs...)
}

// BlockAfter is Block with another distance in time to the block before.
func (c *Chain) BlockAfter(interval time.Duration, txs ...[]byte) *abci.ResponseFinalizeBlock {
	c.t.Helper()
	response := c.Finalize(interval, txs...)
	c.Commit()
	return response
}

// Propose asks whether a validator accepts the transactions as the next block, and
// begins to execute them when it does, as a node does while it votes.
func (c *Chain) Propose(interval time.Duration, txs ...[]byte) abci.ResponseProcessProposal_ProposalStatus {
	c.t.Helper()
	next := c.next(interval, txs)
	response, err := c.App.ProcessProposal(&abci.RequestProcessProposal{
		Height: next.Height, Time: next.Time, Txs: next.Txs, Hash: next.Hash,
		ProposedLastCommit: next.DecidedLastCommit, ProposerAddress: next.ProposerAddress,
	})
	require.NoError(c.t, err)
	return response.Status
}

// Finalize runs the transactions as the next block, which Commit then keeps.
func (c *Chain) Finalize(interval time.Duration, txs ...[]byte) *abci.ResponseFinalizeBlock {
	c.t.Helper()
	next := c.next(interval, txs)
	response, err := c.App.FinalizeBlock(next)
	require.NoError(c.t, err)
	c.Height, c.Time, c.Hash = next.Height, next.Time, response.AppHash
	return response
}

// TryBlock runs an empty block and returns why it failed; it is not committed.
func (c *Chain) TryBlock() error {
	_, err := c.App.FinalizeBlock(c.next(BlockInterval, nil))
	return err
}

// Commit makes the last finalised block last.
func (c *Chain) Commit() {
	c.t.Helper()
	_, err := c.App.Commit()
	require.NoError(c.t, err)
	clear(c.signed)
}

// Blocks runs n empty blocks.
func (c *Chain) Blocks(n int) {
	c.t.Helper()
	for range n {
		c.Block()
	}
}

// Run signs each message with its account as one transaction, runs them as one
// block, and fails the test when one of them fails.
func (c *Chain) Run(txs ...[]byte) *abci.ResponseFinalizeBlock {
	c.t.Helper()
	response := c.Block(txs...)
	for i, result := range response.TxResults {
		require.Zero(c.t, result.Code, "transaction %d: %s", i, result.Log)
	}
	return response
}

// Context reads the last committed state.
func (c *Chain) Context() sdk.Context {
	return c.App.LatestContext().WithBlockTime(c.Time)
}

// Reopen builds the application again over the same database, as a node does when it
// is stopped and started.
func (c *Chain) Reopen() {
	c.t.Helper()
	// The former one is not closed, because that would close the database.
	c.App = c.open()
	require.Equal(c.t, c.Height, c.App.LastBlockHeight())
}

func (c *Chain) open() *app.App {
	return c.Build(log.NewNopLogger(), c.db, true, c.options,
		baseapp.SetChainID(ChainID), baseapp.SetMinGasPrices(app.MinGasPrice+app.Denom))
}

// next is the block that follows the last one.
func (c *Chain) next(interval time.Duration, txs [][]byte) *abci.RequestFinalizeBlock {
	block := &abci.RequestFinalizeBlock{
		Height: c.Height + 1, Time: c.Time.Add(interval), Txs: txs,
		DecidedLastCommit: c.lastCommit(), ProposerAddress: c.Validators[0].PubKey().Address(),
	}
	hash := sha256.New()
	if c.HashSeed != "" {
		fmt.Fprint(hash, c.HashSeed, block.Height)
		block.Hash = hash.Sum(nil)
		return block
	}
	fmt.Fprint(hash, block.Height, block.Time.UnixNano())
	for _, tx := range txs {
		fmt.Fprint(hash, len(tx))
		hash.Write(tx)
	}
	block.Hash = hash.Sum(nil)
	return block
}

// lastCommit says that every validator signed the block before.
func (c *Chain) lastCommit() abci.CommitInfo {
	if c.Height == 0 {
		return abci.CommitInfo{}
	}
	votes := make([]abci.VoteInfo, len(c.Validators))
	for i, key := range c.Validators {
		votes[i] = abci.VoteInfo{
			Validator:   abci.Validator{Address: key.PubKey().Address(), Power: 100},
			BlockIdFlag: 2, // BLOCK_ID_FLAG_COMMIT
		}
	}
	return abci.CommitInfo{Votes: votes}
}

func withHome(t testing.TB, options Options) Options {
	all := Options{flags.FlagHome: t.TempDir()}
	for key, value := range options {
		all[key] = value
	}
	return all
}
