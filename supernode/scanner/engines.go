package scanner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/engine"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// unknown stands where an engine did not tell its version.
const unknown = "unknown"

// nameEngines asks every engine for its name and method, which stay as they are.
func (s *Scanner) nameEngines(ctx context.Context) error {
	s.names, s.methods = make([]string, len(s.Engines)), make([]string, len(s.Engines))
	for i, e := range s.Engines {
		info, err := e.Info(ctx)
		if err != nil {
			return fmt.Errorf("scanner: engine %d: %w", i, err)
		}
		if err := verdictstypes.ValidateEngineName(info.Name); err != nil {
			return fmt.Errorf("scanner: engine %d: %w", i, err)
		}
		if slices.Contains(s.names, info.Name) {
			return fmt.Errorf("scanner: two engines are named %s", info.Name)
		}
		s.names[i], s.methods[i] = info.Name, verdictstypes.CleanText(info.Method, verdictstypes.MaxEngineDescriptionBytes)
	}
	return nil
}

// engineInfos asks every engine what judges in this round.
func (s *Scanner) engineInfos(ctx context.Context) []engine.Info {
	infos := make([]engine.Info, len(s.Engines))
	for i, e := range s.Engines {
		info, err := e.Info(ctx)
		if err != nil {
			s.Log.Warn("an engine does not tell its version", "engine", s.names[i], "error", err)
		}
		if info.Version = verdictstypes.CleanText(info.Version, verdictstypes.MaxVersionBytes); info.Version == "" {
			info.Version = unknown
		}
		info.Name = s.names[i]
		infos[i] = info
	}
	return infos
}

// registerEngines makes the chain's list of the operator's engines equal to the
// configured one. It waits until the supernode is registered.
func (s *Scanner) registerEngines(ctx context.Context) {
	s.registered.Store(false)
	s.retry(ctx, "engines", s.syncEngines)
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
	promised, err := s.promisedEngines(ctx)
	if err != nil {
		return err
	}
	var msgs []sdk.Msg
	var known, kept []string
	for _, engine := range onChain.Engines {
		known = append(known, engine.Name)
		switch {
		case slices.Contains(s.names, engine.Name):
		case promised[engine.Name]:
			kept = append(kept, engine.Name)
		default:
			msgs = append(msgs, &verdictstypes.MsgRetireEngine{Sidecar: sidecar, Operator: operator, Name: engine.Name})
		}
	}
	for i, name := range s.names {
		if !slices.Contains(known, name) {
			msgs = append(msgs, &verdictstypes.MsgRegisterEngine{Sidecar: sidecar, Operator: operator, Name: name, Description: s.methods[i]})
		}
	}
	if len(msgs) > 0 {
		if _, err := s.Chain.Broadcast(ctx, chain.Tx{Msgs: msgs}); err != nil {
			return err
		}
	}
	s.registered.Store(true)
	if len(kept) > 0 {
		return fmt.Errorf("%w: %q", errPromised, kept)
	}
	return nil
}

// errPromised puts off retiring an engine: its answers could not be revealed.
var errPromised = errors.New("engines are retired when their last answers are revealed")

// promisedEngines are those in the answers of rounds that are not finished.
func (s *Scanner) promisedEngines(ctx context.Context) (map[string]bool, error) {
	rounds, err := s.journal.answered(ctx)
	if err != nil {
		return nil, err
	}
	promised := make(map[string]bool)
	for _, round := range rounds {
		given, err := s.journal.answer(ctx, round)
		if err != nil {
			return nil, err
		}
		if given == nil {
			continue // finished just now
		}
		for _, vector := range given.attestation.Vectors {
			promised[vector.Engine] = true
		}
	}
	return promised, nil
}
