package keeper

import (
	"bytes"
	"context"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

type msgServer struct{ *Keeper }

// NewMsgServer returns the transaction service.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

var _ types.MsgServer = msgServer{}

func (s msgServer) RegisterEngine(ctx context.Context, msg *types.MsgRegisterEngine) (*types.MsgRegisterEngineResponse, error) {
	operator, err := s.operatorOf(ctx, msg.Operator, msg.Sidecar)
	if err != nil {
		return nil, err
	}
	if err := types.ValidateEngineName(msg.Name); err != nil {
		return nil, err
	}
	if err := types.ValidateEngineDescription(msg.Description); err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	names, err := s.engineNames(ctx, operator)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if name == msg.Name {
			return nil, types.ErrEngineExists.Wrap(msg.Name)
		}
	}
	if len(names) >= int(params.MaxEnginesPerSupernode) {
		return nil, types.ErrTooManyEngines.Wrapf("%d registered, at most %d", len(names), params.MaxEnginesPerSupernode)
	}
	engine := types.Engine{
		Operator:         msg.Operator,
		Name:             msg.Name,
		Description:      msg.Description,
		RegisteredHeight: sdk.UnwrapSDKContext(ctx).BlockHeight(),
	}
	if err := s.Engines.Set(ctx, collections.Join(operator, msg.Name), engine); err != nil {
		return nil, err
	}
	return &types.MsgRegisterEngineResponse{}, emit(ctx, &types.EventEngineRegistered{Operator: msg.Operator, Engine: msg.Name})
}

func (s msgServer) RetireEngine(ctx context.Context, msg *types.MsgRetireEngine) (*types.MsgRetireEngineResponse, error) {
	operator, err := s.operatorOf(ctx, msg.Operator, msg.Sidecar)
	if err != nil {
		return nil, err
	}
	key := collections.Join(operator, msg.Name)
	registered, err := s.Engines.Has(ctx, key)
	if err != nil {
		return nil, err
	}
	if !registered {
		return nil, types.ErrEngineNotFound.Wrap(msg.Name)
	}
	if err := s.Engines.Remove(ctx, key); err != nil {
		return nil, err
	}
	return &types.MsgRetireEngineResponse{}, emit(ctx, &types.EventEngineRetired{Operator: msg.Operator, Engine: msg.Name})
}

func (s msgServer) CommitAttestation(ctx context.Context, msg *types.MsgCommitAttestation) (*types.MsgCommitAttestationResponse, error) {
	operator, err := s.checkCommit(ctx, msg)
	if err != nil {
		return nil, err
	}
	if err := s.Commitments.Set(ctx, collections.Join(msg.Round, operator), msg.Hash); err != nil {
		return nil, err
	}
	return &types.MsgCommitAttestationResponse{}, emit(ctx, &types.EventCommitted{Round: msg.Round, Operator: msg.Operator})
}

func (s msgServer) RevealAttestation(ctx context.Context, msg *types.MsgRevealAttestation) (*types.MsgRevealAttestationResponse, error) {
	operator, err := s.checkReveal(ctx, msg)
	if err != nil {
		return nil, err
	}
	key := collections.Join(msg.Round, operator)
	if err := s.Attestations.Set(ctx, key, msg.Attestation); err != nil {
		return nil, err
	}
	if err := s.Salts.Set(ctx, key, msg.Salt); err != nil {
		return nil, err
	}
	return &types.MsgRevealAttestationResponse{}, emit(ctx, &types.EventRevealed{
		Round: msg.Round, Operator: msg.Operator, Attestation: msg.Attestation,
	})
}

func (s msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if err := sdk.ValidateAuthority(sdk.UnwrapSDKContext(ctx), s.authority, msg.Authority); err != nil {
		return nil, err
	}
	if err := msg.Params.Validate(); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, s.Params.Set(ctx, msg.Params)
}

// ExpectsFree tells whether a message is a commit or reveal that a running round
// waits for; such messages pay no fee.
func (k *Keeper) ExpectsFree(ctx context.Context, msg sdk.Msg) bool {
	var err error
	switch msg := msg.(type) {
	case *types.MsgCommitAttestation:
		_, err = k.checkCommit(ctx, msg)
	case *types.MsgRevealAttestation:
		_, err = k.checkReveal(ctx, msg)
	default:
		return false
	}
	return err == nil
}

// checkCommit tells whether the round takes this commit.
func (k *Keeper) checkCommit(ctx context.Context, msg *types.MsgCommitAttestation) (sdk.AccAddress, error) {
	operator, err := k.operatorOf(ctx, msg.Operator, msg.Sidecar)
	if err != nil {
		return nil, err
	}
	if len(msg.Hash) != 32 {
		return nil, types.ErrInvalidCommitment.Wrapf("hash has %d bytes, want 32", len(msg.Hash))
	}
	round, err := k.roundInPhase(ctx, msg.Round, types.ROUND_STATUS_COMMIT)
	if err != nil {
		return nil, err
	}
	if err := k.mayCommit(ctx, round, operator); err != nil {
		return nil, err
	}
	committed, err := k.Commitments.Has(ctx, collections.Join(msg.Round, operator))
	if err != nil {
		return nil, err
	}
	if committed {
		return nil, types.ErrCommitted.Wrapf("round %d", msg.Round)
	}
	return operator, nil
}

// checkReveal tells whether the round takes this reveal: it opens the operator's
// commitment and has the shape of an attestation.
func (k *Keeper) checkReveal(ctx context.Context, msg *types.MsgRevealAttestation) (sdk.AccAddress, error) {
	operator, err := k.operatorOf(ctx, msg.Operator, msg.Sidecar)
	if err != nil {
		return nil, err
	}
	round, err := k.roundInPhase(ctx, msg.Round, types.ROUND_STATUS_REVEAL)
	if err != nil {
		return nil, err
	}
	key := collections.Join(msg.Round, operator)
	commitment, err := k.Commitments.Get(ctx, key)
	if err != nil {
		return nil, types.ErrNotCommitted.Wrapf("round %d: %s", msg.Round, err)
	}
	revealed, err := k.Attestations.Has(ctx, key)
	if err != nil {
		return nil, err
	}
	if revealed {
		return nil, types.ErrRevealed.Wrapf("round %d", msg.Round)
	}
	chainID := sdk.UnwrapSDKContext(ctx).ChainID()
	hash, err := types.CommitmentHash(chainID, msg.Round, operator, msg.Salt, msg.Attestation)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(hash, commitment) {
		return nil, types.ErrCommitmentMismatch.Wrapf("round %d", msg.Round)
	}
	return operator, k.checkAttestation(ctx, operator, round, msg.Attestation)
}

// checkAttestation checks the shape and that every engine is the operator's own.
func (k *Keeper) checkAttestation(ctx context.Context, operator sdk.AccAddress, round types.Round, attestation types.Attestation) error {
	if err := attestation.Validate(int(round.Samples)); err != nil {
		return err
	}
	for _, vector := range attestation.Vectors {
		registered, err := k.Engines.Has(ctx, collections.Join(operator, vector.Engine))
		if err != nil {
			return err
		}
		if !registered {
			return types.ErrEngineNotFound.Wrap(vector.Engine)
		}
	}
	return nil
}

// operatorOf checks that sidecar may sign for operator.
func (k *Keeper) operatorOf(ctx context.Context, operator, sidecar string) (sdk.AccAddress, error) {
	operatorAddr, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return nil, types.ErrInvalidAddress.Wrapf("operator: %s", err)
	}
	sidecarAddr, err := sdk.AccAddressFromBech32(sidecar)
	if err != nil {
		return nil, types.ErrInvalidAddress.Wrapf("sidecar: %s", err)
	}
	registered, err := k.supernode.SidecarOf(ctx, operatorAddr)
	if err != nil {
		return nil, err
	}
	if !registered.Equals(sidecarAddr) {
		return nil, types.ErrForeignSidecar.Wrapf("%s signs for %s", sidecar, operator)
	}
	return operatorAddr, nil
}

// roundInPhase returns the round when it is in the phase.
func (k *Keeper) roundInPhase(ctx context.Context, number uint64, phase types.RoundStatus) (types.Round, error) {
	round, err := k.round(ctx, number)
	if err != nil {
		return types.Round{}, err
	}
	if round.Status != phase {
		return types.Round{}, types.ErrWrongPhase.Wrapf("round %d is in %s, not %s", number, round.Status, phase)
	}
	return round, nil
}

// mayCommit returns ErrNotSeated unless the operator has an unbenched seat in the
// round's epoch and, when a panel was drawn, sits on it. Who has committed may reveal
// even if it was benched since.
func (k *Keeper) mayCommit(ctx context.Context, round types.Round, operator sdk.AccAddress) error {
	seated, err := k.supernode.IsSeated(ctx, round.Epoch, operator)
	if err != nil {
		return err
	}
	if !seated {
		return types.ErrNotSeated.Wrapf("epoch %d", round.Epoch)
	}
	if len(round.Panel) > 0 && !slices.Contains(round.Panel, operator.String()) {
		return types.ErrNotSeated.Wrapf("panel of round %d", round.Number)
	}
	return nil
}

// engineNames returns the registered engines of an operator; params bound them.
func (k *Keeper) engineNames(ctx context.Context, operator sdk.AccAddress) ([]string, error) {
	iterator, err := k.Engines.Iterate(ctx, collections.NewPrefixedPairRange[sdk.AccAddress, string](operator))
	if err != nil {
		return nil, err
	}
	keys, err := iterator.Keys()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = key.K2()
	}
	return names, nil
}

func emit(ctx context.Context, event interface {
	Reset()
	String() string
	ProtoMessage()
},
) error {
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}
