package vault

import (
	"context"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
)

// Sealed describes one sample at rest.
type Sealed struct {
	SHA256 [32]byte // of the plaintext
	SHA1   [20]byte // of the plaintext
	MD5    [16]byte // of the plaintext
	Size   int64    // of the plaintext, bytes

	CID        cid.Cid // CIDv1 of the ciphertext
	CipherSize int64   // of the ciphertext, bytes

	KeyCommitment [32]byte // see KeyCommitment
	StorageRoot   [32]byte // RFC 6962 root over the ciphertext in chunks of StorageChunkSize
}

// Seal encrypts all of r to one recipient and stores the ciphertext, in one
// pass and constant memory. When it returns without error the sample is on
// disk and survives a crash; when it fails nothing of it remains. A Read that
// blocks is not interrupted by ctx: close the stream behind r for that.
//
// Errors: ErrTooLarge above Config.MaxSize, the error of r, the cause of ctx.
func (v *Vault) Seal(ctx context.Context, r io.Reader, to age.Recipient) (Sealed, error) {
	if to == nil {
		return Sealed{}, errors.New("vault: seal: recipient is required")
	}
	sealed, err := v.seal(ctx, r, to)
	if err != nil {
		return Sealed{}, fmt.Errorf("vault: seal: %w", err)
	}
	return sealed, nil
}

func (v *Vault) seal(ctx context.Context, r io.Reader, to age.Recipient) (Sealed, error) {
	stage, err := v.store.newStage(ctx)
	if err != nil {
		return Sealed{}, err
	}
	sealed, err := v.encrypt(ctx, r, to, stage)
	if err != nil {
		return Sealed{}, errors.Join(err, stage.discard())
	}
	if err := v.store.commit(ctx, sealed.CID, stage); err != nil {
		return Sealed{}, err
	}
	return sealed, nil
}

// encrypt streams r through hashing, encryption and import into stage.
func (v *Vault) encrypt(ctx context.Context, r io.Reader, to age.Recipient, stage *stage) (Sealed, error) {
	hashes, root, recipient := newPlainHashes(), newStorageRoot(), &committingRecipient{to: to}
	hashing, rooting := inBackground(hashes), inBackground(root)
	plain := &source{ctx: ctx, r: r, limit: v.cfg.MaxSize}
	cipher := &source{ctx: ctx, limit: cipherLimit(v.cfg.MaxSize)}

	encrypted, err := age.EncryptReader(io.TeeReader(plain, hashing), recipient)
	var c cid.Cid
	if err == nil {
		cipher.r = io.TeeReader(encrypted, rooting)
		c, err = importFile(ctx, cipher, stage)
	}
	err = errors.Join(err, hashing.finish(), rooting.finish())
	if plain.err != nil {
		err = plain.err // and not what encryption made of it
	}
	if err != nil {
		return Sealed{}, err
	}

	sealed := Sealed{Size: plain.size, CID: c, CipherSize: cipher.size, KeyCommitment: recipient.commitment}
	hashes.sha256.Sum(sealed.SHA256[:0])
	hashes.sha1.Sum(sealed.SHA1[:0])
	hashes.md5.Sum(sealed.MD5[:0])
	sealed.StorageRoot, err = root.sum()
	return sealed, err
}

// maxHeader bounds an age header with one stanza. The post-quantum one is about
// 1.7 KB; anything near the bound is hostile.
const maxHeader = 16 << 10

// cipherLimit is the largest age file that holds size bytes: header, nonce and
// a 16-byte tag for each 64 KiB chunk, of which there is at least one.
func cipherLimit(size int64) int64 {
	return size + maxHeader + 16 + 16*(size/(64<<10)+1)
}
