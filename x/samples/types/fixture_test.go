package types_test

import (
	"crypto/sha256"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

func init() {
	sdk.GetConfig().SetBech32PrefixForAccount("vmt", "vmtpub")
}

// account is the address of a role.
func account(role string) sdk.AccAddress {
	hash := sha256.Sum256([]byte(role))
	return hash[:20]
}

// submission is a valid one of 7 bytes.
func submission(content string) types.Submission {
	hash := sha256.Sum256([]byte(content))
	digest, err := multihash.Encode(hash[:], multihash.SHA2_256)
	if err != nil {
		panic(err)
	}
	return types.Submission{
		Sha256:    hash[:],
		Kind:      types.KIND_FILE,
		SizeBytes: 7,
		Sealing: types.Sealing{
			Cid:           cid.NewCidV1(cid.Raw, digest).Bytes(),
			SizeBytes:     7 + 2300,
			KeyCommitment: hash[:],
			StorageRoot:   hash[:],
			VaultEpoch:    1,
		},
	}
}
