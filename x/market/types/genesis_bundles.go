package types

import (
	"bytes"

	errorsmod "cosmossdk.io/errors"
)

// validateBundles checks the bundles, in ascending order of their ids.
func (gs GenesisState) validateBundles() error {
	for i, bundle := range gs.Bundles {
		if err := bundle.validate(); err != nil {
			return errorsmod.Wrapf(err, "bundles[%d]", i)
		}
		if i > 0 && bytes.Compare(gs.Bundles[i-1].Id, bundle.Id) >= 0 {
			return ErrInvalidGenesis.Wrapf("bundles[%d]: %x is not in ascending order", i, bundle.Id)
		}
	}
	return nil
}

func (b Bundle) validate() error {
	creator, err := ParseAddress("creator", b.Creator)
	if err != nil {
		return err
	}
	if creator.String() != b.Creator {
		return ErrInvalidGenesis.Wrapf("creator: %q is not written as %s", b.Creator, creator)
	}
	if err := validateBundle(b.Title, b.Samples, MaxBundleSamples); err != nil {
		return err
	}
	if !bytes.Equal(b.Id, BundleID(creator, b.Title, b.Samples)) {
		return ErrInvalidGenesis.Wrapf("id: %x is not of its creator, title and samples", b.Id)
	}
	return nil
}
