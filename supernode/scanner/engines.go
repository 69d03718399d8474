package scanner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// registerEngines makes the chain's list of the operator's engines equal to the
// configured one. It waits until the supernode is registered.
func (s *Scanner) registerEngines(ctx context.Context) error {
	for _, e := range s.Engines {
		info, err := e.Info(ctx)
		if info.Name == "" {
			return fmt.Errorf("scanner: an engine has no name: %w", err)
		}
		s.names = append(s.names, info.Name)
		s.methods = append(s.methods, info.Method)
	}
	for ctx.Err() == nil {
		err := s.syncEngines(ctx)
		if err == nil {
			return nil
		}
		s.Log.Warn("engines are not registered yet", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
	return ctx.Err()
}

func (s *Scanner) syncEngines(ctx context.Context) error {
	operator, sidecar := s.operator.String(), s.Chain.Address().String()
	registered, err := s.Chain.Supernodes().Supernode(ctx, &supernodetypes.QuerySupernodeRequest{Operator: operator})
	if status.Code(err) == codes.NotFound {
		return fmt.Errorf("supernode %s is not registered: vmtd tx supernode register", operator)
	}
	if err != nil {
		return err
	}
	if registered.Supernode.Profile.Sidecar != sidecar {
		return fmt.Errorf("the configured key %s is not the sidecar of %s, which is %s", sidecar, operator, registered.Supernode.Profile.Sidecar)
	}
	onChain, err := s.Chain.Verdicts().Engines(ctx, &verdictstypes.QueryEnginesRequest{Operator: operator})
	if err != nil {
		return err
	}
	var msgs []sdk.Msg
	var names []string
	for _, engine := range onChain.Engines {
		names = append(names, engine.Name)
		if !slices.Contains(s.names, engine.Name) {
			msgs = append(msgs, &verdictstypes.MsgRetireEngine{Sidecar: sidecar, Operator: operator, Name: engine.Name})
		}
	}
	for i, name := range s.names {
		if !slices.Contains(names, name) {
			msgs = append(msgs, &verdictstypes.MsgRegisterEngine{Sidecar: sidecar, Operator: operator, Name: name, Description: s.methods[i]})
		}
	}
	if len(msgs) == 0 {
		return nil
	}
	_, err = s.Chain.Broadcast(ctx, chain.Tx{Msgs: msgs})
	return err
}

// isChainError tells whether the chain refused with a registered error.
func isChainError(err, registered error) bool { return err != nil && errors.Is(err, registered) }
