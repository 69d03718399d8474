package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

const (
	// proofGas pays for opening a sealed key: a decapsulation and a few hashes.
	proofGas = 100_000
	// minReporters: the word of one against that of another proves nothing.
	minReporters = 2
)

// ReportVaultKey marks a sealed key as useless to its holder, so that another may seal it
// again, and slashes the maker when a proof or the word of most holders shows that it
// sealed something wrong.
func (m msgServer) ReportVaultKey(ctx context.Context, msg *types.MsgReportVaultKey) (*types.MsgReportVaultKeyResponse, error) {
	sidecar, operator, err := parseSigner(msg.Sidecar, msg.Operator)
	if err != nil {
		return nil, err
	}
	if err := msg.CheckProof(); err != nil {
		return nil, err
	}
	key, sealed, err := m.reportable(ctx, msg, operator)
	if err != nil {
		return nil, err
	}
	if err := m.signsFor(ctx, sidecar, operator); err != nil {
		return nil, err
	}
	if msg.HasProof() {
		sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(proofGas, "proof of a wrong vault key")
		if err := msg.Proves(sealed, key.Recipient); err != nil {
			return nil, err
		}
	}

	sealed.Reported = true
	if err := m.SealedKeys.Set(ctx, collections.Join(msg.Epoch, operator), sealed); err != nil {
		return nil, err
	}
	proven := msg.HasProof()
	if !proven {
		if proven, err = m.mostReport(ctx, key, sealed); err != nil {
			return nil, err
		}
	}
	if proven {
		if err := m.convict(ctx, key); err != nil {
			return nil, err
		}
	}
	return &types.MsgReportVaultKeyResponse{Proven: proven}, emit(ctx, types.NewEventVaultKeyReported(sealed, proven))
}

// reportable returns what a report is about: ErrNotFound when the operator holds no such
// key, ErrInvalidReport when nobody else can be blamed for it, ErrAlreadyReported when the
// report would tell nothing new. What is reported without a proof can still be proved, and
// once the maker is convicted, others may still ask for another sealed key.
func (m msgServer) reportable(ctx context.Context, msg *types.MsgReportVaultKey, operator sdk.AccAddress) (types.VaultKey, types.SealedKey, error) {
	key, err := m.VaultKeys.Get(ctx, msg.Epoch)
	if errors.Is(err, collections.ErrNotFound) {
		err = types.ErrNotFound.Wrapf("vault key of epoch %d", msg.Epoch)
	}
	if err != nil {
		return types.VaultKey{}, types.SealedKey{}, err
	}
	sealed, err := m.SealedKeys.Get(ctx, collections.Join(msg.Epoch, operator))
	if errors.Is(err, collections.ErrNotFound) {
		err = types.ErrNotFound.Wrapf("vault key of epoch %d sealed to %s", msg.Epoch, operator)
	}
	if err != nil {
		return types.VaultKey{}, types.SealedKey{}, err
	}
	if key.Maker == operator.String() {
		return types.VaultKey{}, types.SealedKey{}, types.ErrInvalidReport.Wrapf("operator %s made the vault key of epoch %d", operator, msg.Epoch)
	}
	if !msg.HasProof() {
		if sealed.Reported {
			return types.VaultKey{}, types.SealedKey{}, types.ErrAlreadyReported.Wrapf("operator %s has reported epoch %d", operator, msg.Epoch)
		}
		return key, sealed, nil
	}
	if len(sealed.RecipientHash) == 0 {
		return types.VaultKey{}, types.SealedKey{}, types.ErrInvalidReport.Wrapf("epoch %d: another than the maker sealed the key to %s", msg.Epoch, operator)
	}
	convicted, err := m.VaultKeyFaults.Has(ctx, msg.Epoch)
	if err == nil && convicted {
		err = types.ErrAlreadyReported.Wrapf("the maker of epoch %d has been slashed for its key", msg.Epoch)
	}
	return key, sealed, err
}

// mostReport tells whether, with this report, more than half of those whom the maker had to
// seal the key to, without itself, have reported it. One whose key was sealed again by
// somebody else had reported it before. Once the seats of the epoch are pruned, only proofs count.
func (m msgServer) mostReport(ctx context.Context, key types.VaultKey, newest types.SealedKey) (bool, error) {
	convicted, err := m.VaultKeyFaults.Has(ctx, key.Epoch)
	if err != nil || convicted || len(newest.RecipientHash) == 0 {
		return false, err
	}
	seats, err := m.seatsByOperator(ctx, key.Epoch)
	if err != nil {
		return false, err
	}
	holders, reporters := 0, 0
	for _, seat := range seats {
		if seat.Operator == key.Maker {
			continue
		}
		operator, err := types.ParseAddress("operator", seat.Operator)
		if err != nil {
			return false, err
		}
		sealed, err := m.SealedKeys.Get(ctx, collections.Join(key.Epoch, operator))
		if err != nil {
			return false, err
		}
		holders++
		if sealed.Reported || len(sealed.RecipientHash) == 0 {
			reporters++
		}
	}
	return reporters >= minReporters && 2*reporters > holders, nil
}

// convict slashes the maker of a vault key, once for the epoch.
func (m msgServer) convict(ctx context.Context, key types.VaultKey) error {
	maker, err := types.ParseAddress("maker", key.Maker)
	if err != nil {
		return err
	}
	if err := m.VaultKeyFaults.Set(ctx, key.Epoch); err != nil {
		return err
	}
	return m.Slash(ctx, maker, types.FAULT_VAULT_KEY)
}
