package keeper_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

func hexOf(hash []byte) string { return hex.EncodeToString(hash) }

func TestRegisterEngine(t *testing.T) {
	f := newFixture(t, 1, 1)
	own, other := f.operators[0], f.operators[1]
	for name, test := range map[string]struct {
		msg  types.MsgRegisterEngine
		want error
	}{
		"bad operator":     {types.MsgRegisterEngine{Operator: "vmt1", Sidecar: own.sidecar.String(), Name: "New"}, types.ErrInvalidAddress},
		"bad sidecar":      {types.MsgRegisterEngine{Operator: own.addr.String(), Sidecar: "x", Name: "New"}, types.ErrInvalidAddress},
		"foreign sidecar":  {types.MsgRegisterEngine{Operator: own.addr.String(), Sidecar: other.sidecar.String(), Name: "New"}, types.ErrForeignSidecar},
		"no supernode":     {types.MsgRegisterEngine{Operator: contributor.String(), Sidecar: own.sidecar.String(), Name: "New"}, supernodetypes.ErrNotFound},
		"name with space":  {types.MsgRegisterEngine{Operator: own.addr.String(), Sidecar: own.sidecar.String(), Name: "New engine"}, types.ErrInvalidEngine},
		"long description": {types.MsgRegisterEngine{Operator: own.addr.String(), Sidecar: own.sidecar.String(), Name: "New", Description: fmt.Sprintf("%257d", 1)}, types.ErrInvalidEngine},
		"registered":       {types.MsgRegisterEngine{Operator: own.addr.String(), Sidecar: own.sidecar.String(), Name: "Engine00"}, types.ErrEngineExists},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.msgs.RegisterEngine(f.ctx, &test.msg)
			require.ErrorIs(t, err, test.want)
		})
	}
	for i := 1; i < 8; i++ {
		_, err := f.msgs.RegisterEngine(f.ctx, &types.MsgRegisterEngine{Operator: own.addr.String(), Sidecar: own.sidecar.String(), Name: fmt.Sprint("More", i)})
		require.NoError(t, err)
	}
	_, err := f.msgs.RegisterEngine(f.ctx, &types.MsgRegisterEngine{Operator: own.addr.String(), Sidecar: own.sidecar.String(), Name: "OneTooMany"})
	require.ErrorIs(t, err, types.ErrTooManyEngines)

	mine, err := f.queries.Engines(f.ctx, &types.QueryEnginesRequest{Operator: own.addr.String()})
	require.NoError(t, err)
	require.Len(t, mine.Engines, 8)
	all, err := f.queries.Engines(f.ctx, &types.QueryEnginesRequest{})
	require.NoError(t, err)
	require.Len(t, all.Engines, 9)
}

func TestRetireEngine(t *testing.T) {
	f := newFixture(t, 1)
	own := f.operators[0]
	retire := &types.MsgRetireEngine{Operator: own.addr.String(), Sidecar: own.sidecar.String(), Name: "Engine00"}
	_, err := f.msgs.RetireEngine(f.ctx, retire)
	require.NoError(t, err)
	_, err = f.msgs.RetireEngine(f.ctx, retire)
	require.ErrorIs(t, err, types.ErrEngineNotFound)
}

func TestCommitRefuses(t *testing.T) {
	f := newFixture(t, 1, 1)
	f.addSamples("first", 1)
	round := f.untilOpen()
	own, other := f.operators[0], f.operators[1]
	good := types.MsgCommitAttestation{Operator: own.addr.String(), Sidecar: own.sidecar.String(), Round: round.Number, Hash: make([]byte, 32)}
	for name, test := range map[string]struct {
		change func(*types.MsgCommitAttestation)
		want   error
	}{
		"bad operator":    {func(m *types.MsgCommitAttestation) { m.Operator = "" }, types.ErrInvalidAddress},
		"foreign sidecar": {func(m *types.MsgCommitAttestation) { m.Sidecar = other.sidecar.String() }, types.ErrForeignSidecar},
		"operator signs":  {func(m *types.MsgCommitAttestation) { m.Sidecar = own.addr.String() }, types.ErrForeignSidecar},
		"short hash":      {func(m *types.MsgCommitAttestation) { m.Hash = make([]byte, 31) }, types.ErrInvalidCommitment},
		"unknown round":   {func(m *types.MsgCommitAttestation) { m.Round = 99 }, types.ErrRoundNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			msg := good
			test.change(&msg)
			require.False(t, f.keeper.ExpectsFree(f.ctx, &msg), "only expected messages are free")
			_, err := f.msgs.CommitAttestation(f.ctx, &msg)
			require.ErrorIs(t, err, test.want)
		})
	}
	require.True(t, f.keeper.ExpectsFree(f.ctx, &good))
	_, err := f.msgs.CommitAttestation(f.ctx, &good)
	require.NoError(t, err)
	require.False(t, f.keeper.ExpectsFree(f.ctx, &good))
	_, err = f.msgs.CommitAttestation(f.ctx, &good)
	require.ErrorIs(t, err, types.ErrCommitted)
}

func TestCommitNeedsASeatInTheRoundsEpoch(t *testing.T) {
	f := newFixture(t, 1)
	f.addSamples("first", 1)
	round := f.untilOpen()
	late := operator{addr: account("late"), sidecar: account("late sidecar")}
	params, err := f.supernode.Params.Get(f.ctx)
	require.NoError(t, err)
	f.fund(late.addr, params.MinSelfBond.Amount.Int64())
	f.registerLate(late)
	err = f.commit(late, round.Number, late.answers(1, allOf(types.CATEGORY_UNDETECTED)))
	require.ErrorIs(t, err, types.ErrNotSeated)
}

func TestPhases(t *testing.T) {
	f := newFixture(t, 1, 1)
	f.addSamples("first", 1)
	round := f.untilOpen()
	own, other := f.operators[0], f.operators[1]
	attestation := own.answers(1, allOf(types.CATEGORY_UNDETECTED))
	require.NoError(t, f.commit(own, round.Number, attestation))
	require.ErrorIs(t, f.reveal(own, round.Number, attestation), types.ErrWrongPhase, "no reveal while others may still copy it")
	for f.round(round.Number).Status == types.ROUND_STATUS_COMMIT {
		f.endBlock()
	}
	late := other.answers(1, allOf(types.CATEGORY_UNDETECTED))
	require.ErrorIs(t, f.commit(other, round.Number, late), types.ErrWrongPhase)
	require.ErrorIs(t, f.reveal(other, round.Number, late), types.ErrNotCommitted)
	require.NoError(t, f.reveal(own, round.Number, attestation))
	require.ErrorIs(t, f.reveal(own, round.Number, attestation), types.ErrRevealed)
	f.endBlock()
	require.ErrorIs(t, f.reveal(own, round.Number, attestation), types.ErrWrongPhase)
}

// TestNothingCanChangeAfterTheCommit reveals something else than was committed, in
// every field that a reveal has.
func TestNothingCanChangeAfterTheCommit(t *testing.T) {
	f := newFixture(t, 2, 2)
	f.addSamples("first", 2)
	round := f.untilOpen()
	own, other := f.operators[0], f.operators[1]
	build := func() types.Attestation {
		return own.answers(2, func(i int) types.Answer {
			return types.Answer{Category: types.CATEGORY_MALICIOUS, Confidence: 9, Label: []string{"Family.A", "Family.B"}[i]}
		})
	}
	for _, op := range f.operators {
		require.NoError(t, f.commit(op, round.Number, build()))
	}
	f.endBlock()
	for name, change := range map[string]func(*types.MsgRevealAttestation){
		"category": func(m *types.MsgRevealAttestation) {
			m.Attestation.Vectors[0].Column = types.PackColumn([]byte{0x49, 0x39})
		},
		"confidence": func(m *types.MsgRevealAttestation) {
			m.Attestation.Vectors[1].Column = types.PackColumn([]byte{0x49, 0x48})
		},
		"label":            func(m *types.MsgRevealAttestation) { m.Attestation.Vectors[0].Labels[1] = "Family.C" },
		"label reference":  func(m *types.MsgRevealAttestation) { m.Attestation.Vectors[0].LabelRefs = []uint32{1, 0} },
		"engine version":   func(m *types.MsgRevealAttestation) { m.Attestation.Vectors[0].Version = "1.1" },
		"signature digest": func(m *types.MsgRevealAttestation) { m.Attestation.Vectors[0].SignatureDigest[0] = 1 },
		"signature date":   func(m *types.MsgRevealAttestation) { m.Attestation.Vectors[0].SignatureTime++ },
		"dropped engine":   func(m *types.MsgRevealAttestation) { m.Attestation.Vectors = m.Attestation.Vectors[:1] },
		"feature":          func(m *types.MsgRevealAttestation) { m.Attestation.Features.FileTypes[0] = "elf" },
		"cluster":          func(m *types.MsgRevealAttestation) { m.Attestation.Features.KeySample(0, types.SimilarityKeys{}) },
		"salt":             func(m *types.MsgRevealAttestation) { m.Salt = make([]byte, 32) },
		"operator": func(m *types.MsgRevealAttestation) {
			m.Operator, m.Sidecar = other.addr.String(), other.sidecar.String()
		},
	} {
		t.Run(name, func(t *testing.T) {
			msg := types.MsgRevealAttestation{Operator: own.addr.String(), Sidecar: own.sidecar.String(), Round: round.Number, Salt: salt(own), Attestation: build()}
			change(&msg)
			require.False(t, f.keeper.ExpectsFree(f.ctx, &msg))
			_, err := f.msgs.RevealAttestation(f.ctx, &msg)
			require.ErrorIs(t, err, types.ErrCommitmentMismatch)
		})
	}
	require.NoError(t, f.reveal(own, round.Number, build()))
}

func TestCommitmentOfAnotherRoundOpensNothing(t *testing.T) {
	f := newFixture(t, 1)
	f.addSamples("first", 1)
	first := f.untilOpen()
	own := f.operators[0]
	attestation := own.answers(1, allOf(types.CATEGORY_UNDETECTED))
	hash, err := types.CommitmentHash(chainID, first.Number, own.addr, salt(own), attestation)
	require.NoError(t, err)
	f.run(first, allOf(types.CATEGORY_UNDETECTED))

	f.addSamples("second", 1)
	second := f.untilOpen()
	_, err = f.msgs.CommitAttestation(f.ctx, &types.MsgCommitAttestation{Operator: own.addr.String(), Sidecar: own.sidecar.String(), Round: second.Number, Hash: hash})
	require.NoError(t, err)
	f.endBlock()
	require.ErrorIs(t, f.reveal(own, second.Number, attestation), types.ErrCommitmentMismatch)
}

func TestRevealWantsOwnEnginesAndShape(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*types.Attestation)
		want   error
	}{
		"engine of nobody": {func(a *types.Attestation) { a.Vectors[0].Engine = "Zephyr" }, types.ErrEngineNotFound},
		"other length":     {func(a *types.Attestation) { a.Vectors[0].Column = types.PackColumn([]byte{0x28}) }, types.ErrInvalidAttestation},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, 1)
			f.addSamples("first", 2)
			round := f.untilOpen()
			attestation := f.operators[0].answers(2, allOf(types.CATEGORY_UNDETECTED))
			test.change(&attestation)
			require.NoError(t, f.commit(f.operators[0], round.Number, attestation))
			f.endBlock()
			require.False(t, f.keeper.ExpectsFree(f.ctx, f.revealMsg(f.operators[0], round.Number, attestation)))
			require.ErrorIs(t, f.reveal(f.operators[0], round.Number, attestation), test.want)
		})
	}
}

func TestUpdateParams(t *testing.T) {
	f := newFixture(t, 1)
	_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: contributor.String(), Params: types.DefaultParams()})
	require.Error(t, err)
	bad := types.DefaultParams()
	bad.MaxRoundSamples = 4097
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: f.authority, Params: bad})
	require.ErrorIs(t, err, types.ErrInvalidParams)
	require.ErrorContains(t, err, "max_round_samples is 4097, want 1..4096")
}

func (f *fixture) registerLate(op operator) {
	f.t.Helper()
	require.NoError(f.t, f.tx(func(ctx context.Context) error {
		seated, err := f.supernode.Supernode(ctx, f.operators[0].addr)
		if err != nil {
			return err
		}
		params, err := f.supernode.Params.Get(ctx)
		if err != nil {
			return err
		}
		seated.Profile.Sidecar = op.sidecar.String()
		_, err = supernodeMsgs(f).Register(ctx, &supernodetypes.MsgRegister{Operator: op.addr.String(), Profile: seated.Profile, SelfBond: params.MinSelfBond})
		return err
	}))
}
