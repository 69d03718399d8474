package chain

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	clienttx "github.com/cosmos/cosmos-sdk/client/tx"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
)

const (
	// txLifetime is how long after the newest block a transaction can be included. The
	// chain takes up to 10 minutes.
	txLifetime = time.Minute
	// maxClockLead bounds how far the wall clock, when it is ahead of the newest block,
	// moves the timeout, so that a wrong clock cannot get transactions refused.
	maxClockLead = 8 * time.Minute

	// A commit costs about 100,000 gas, a reveal about 40 more per byte.
	freeGasBase    = 500_000
	freeGasPerByte = 60
	freeGasMax     = 60_000_000

	// Simulation does not see what other transactions of the block change.
	gasMarginPercent = 30
	gasMargin        = 20_000
)

// Tx is a transaction to sign and send.
type Tx struct {
	Msgs []sdk.Msg
	// Free sends without a fee, which works for the commits and reveals that a round waits
	// for. Others pay the configured gas prices.
	Free bool
}

// Broadcast signs a transaction, sends it and waits until it is in a block, where its
// result is read. It waits for the node as long as the node is away. Transactions are
// unordered: any number can be on their way at one time.
//
// Errors: *Error when the chain refuses it, ErrExpired, ErrNoKey, ErrNoAccount,
// ErrWrongChain, ctx's error. When ctx ends early it is unknown whether the transaction
// gets into a block. The response is also there when the transaction failed in a block.
func (c *Client) Broadcast(ctx context.Context, tx Tx) (*sdk.TxResponse, error) {
	if c.signer == nil {
		return nil, ErrNoKey
	}
	head, err := c.head(ctx)
	if err != nil {
		return nil, err
	}
	pending := pendingTx{from: head.Height + 1, timeout: c.timeout(head.Time, time.Now())}
	if pending.bytes, err = c.sign(ctx, tx, pending.timeout); err != nil {
		return nil, err
	}
	return c.deliver(ctx, pending)
}

// head waits for a node that has a block.
func (c *Client) head(ctx context.Context) (head Status, err error) {
	if _, err := c.awaitHeight(ctx, 1); err != nil {
		return Status{}, err
	}
	err = c.persist(ctx, "status", func(ctx context.Context) (err error) {
		head, err = c.Status(ctx)
		return err
	})
	return head, err
}

// timeout of a new transaction. The chain remembers unordered transactions by signer and
// timeout, so no two may share one: they increase in this process, and their random part
// keeps other processes with the same key apart. Block time counts, because that is what
// the chain compares with; the wall clock counts when no block came for a while.
func (c *Client) timeout(blockTime, now time.Time) time.Time {
	base := blockTime
	if now.After(base) {
		base = now
	}
	if limit := blockTime.Add(maxClockLead); base.After(limit) {
		base = limit
	}
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	jitter := time.Duration(binary.BigEndian.Uint32(random[:])) % time.Second
	next := base.Add(txLifetime + jitter).UnixNano()
	for {
		last := c.lastTTL.Load()
		next = max(next, last+1)
		if c.lastTTL.CompareAndSwap(last, next) {
			return time.Unix(0, next).UTC()
		}
	}
}

// sign returns the bytes of the signed transaction.
func (c *Client) sign(ctx context.Context, tx Tx, timeout time.Time) ([]byte, error) {
	account, err := c.account(ctx)
	if err != nil {
		return nil, err
	}
	factory := clienttx.Factory{}.
		WithTxConfig(c.encoding.tx).
		WithKeybase(c.signer.keyring).
		WithFromName(c.signer.name).
		WithChainID(c.cfg.ChainID).
		WithAccountNumber(account).
		WithUnordered(true).
		WithTimeoutTimestamp(timeout).
		WithSignMode(signing.SignMode_SIGN_MODE_DIRECT).
		WithSimulateAndExecute(true) // simulates with the key's type
	simulated, err := factory.BuildSimTx(tx.Msgs...)
	if err != nil {
		return nil, fmt.Errorf("chain: build transaction: %w", err)
	}
	if tx.Free {
		factory = factory.WithGas(min(freeGasBase+freeGasPerByte*uint64(len(simulated)), freeGasMax))
	} else {
		used, err := c.simulate(ctx, simulated)
		if err != nil {
			return nil, err
		}
		factory = factory.WithGas(used + used/100*gasMarginPercent + gasMargin).WithGasPrices(c.signer.gas.String())
	}
	builder, err := factory.BuildUnsignedTx(tx.Msgs...)
	if err != nil {
		return nil, fmt.Errorf("chain: build transaction: %w", err)
	}
	if err := clienttx.Sign(ctx, factory, c.signer.name, builder, true); err != nil {
		return nil, fmt.Errorf("chain: sign: %w", err)
	}
	return c.encoding.tx.TxEncoder()(builder.GetTx())
}

// account is the signer's account number, asked for until it is known.
func (c *Client) account(ctx context.Context) (uint64, error) {
	if known := c.signer.account.Load(); known != 0 {
		return known, nil
	}
	var number uint64
	err := c.persist(ctx, "account", func(ctx context.Context) error {
		response, err := c.accounts.AccountInfo(ctx, &authtypes.QueryAccountInfoRequest{Address: c.signer.address.String()})
		if status.Code(err) == codes.NotFound {
			return fmt.Errorf("%w: %s", ErrNoAccount, c.signer.address)
		}
		if err != nil {
			return err
		}
		number = response.Info.AccountNumber
		return nil
	})
	if err == nil {
		c.signer.account.Store(number)
	}
	return number, err
}

// simulate returns the gas a transaction uses. It asks by ABCI query, because that, unlike
// the gRPC service, tells the code of a refusal.
func (c *Client) simulate(ctx context.Context, tx []byte) (used uint64, err error) {
	err = c.persist(ctx, "simulate", func(ctx context.Context) error {
		result, err := c.rpc.ABCIQuery(ctx, "/app/simulate", tx)
		if err != nil {
			return err
		}
		response := result.Response
		if response.IsErr() {
			return &Error{Codespace: response.Codespace, Code: response.Code, Log: response.Log}
		}
		var simulation sdk.SimulationResponse
		if err := c.encoding.codec.UnmarshalJSON(response.Value, &simulation); err != nil {
			return &Error{Log: fmt.Sprintf("unreadable simulation: %s", err)}
		}
		used = simulation.GasUsed
		return nil
	})
	var refusal *Error
	if errors.As(err, &refusal) {
		return 0, refusal
	}
	return used, err
}
