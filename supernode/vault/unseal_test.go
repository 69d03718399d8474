package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
)

// plant puts any bytes under a CID, as a hostile submitter would.
func plant(t *testing.T, v *Vault, ciphertext []byte) cid.Cid {
	t.Helper()
	c, err := v.AddPublic(context.Background(), ciphertext)
	require.NoError(t, err)
	return c
}

func ciphertext(t *testing.T, v *Vault, c cid.Cid) []byte {
	t.Helper()
	file, err := v.Ciphertext(context.Background(), c)
	require.NoError(t, err)
	defer file.Close()
	data, err := io.ReadAll(file)
	require.NoError(t, err)
	return data
}

func ageFile(t *testing.T, data []byte, to ...age.Recipient) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to...)
	require.NoError(t, err)
	_, err = w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return file.Bytes()
}

func TestUnsealPicksTheRightIdentity(t *testing.T) {
	v, old, current := openOffline(t), NewEpochKey(), NewEpochKey()
	sealed := sealBytes(t, v, []byte("sample"), current.Recipient())
	plain, err := v.Unseal(context.Background(), sealed.CID, old, current)
	require.NoError(t, err)
	defer plain.Close()
	data, err := io.ReadAll(plain)
	require.NoError(t, err)
	require.Equal(t, "sample", string(data))
	require.Equal(t, sealed.KeyCommitment, plain.KeyCommitment())
}

func TestUnsealWithWrongIdentity(t *testing.T) {
	v := openOffline(t)
	sealed := sealBytes(t, v, []byte("sample"), NewEpochKey().Recipient())
	_, err := v.Unseal(context.Background(), sealed.CID, NewEpochKey())
	require.ErrorIs(t, err, ErrNoKey)
	_, err = v.Unseal(context.Background(), sealed.CID)
	require.ErrorContains(t, err, "identity is required")
}

func TestUnsealHostileContent(t *testing.T) {
	v, key := openOffline(t), NewEpochKey()
	good := ciphertext(t, v, sealBytes(t, v, content(3<<20), key.Recipient()).CID)
	flip := func(at int) []byte {
		bad := bytes.Clone(good)
		bad[at] ^= 1
		return bad
	}
	for name, file := range map[string][]byte{
		"empty":                  {},
		"not age":                content(100),
		"first byte":             flip(0),
		"header MAC":             flip(bytes.Index(good, []byte("\n---")) + 8),
		"first chunk":            flip(4096),
		"last byte":              flip(len(good) - 1),
		"cut at a chunk":         good[:len(good)-len(good)%(64<<10)],
		"cut in the header":      good[:700],
		"trailing data":          append(bytes.Clone(good), 0),
		"two stanzas":            ageFile(t, []byte("sample"), key.Recipient(), NewEpochKey().Recipient()),
		"endless header":         []byte("age-encryption.org/v1\n" + strings.Repeat("-> x y\n\n", 1<<20)),
		"endless line in header": []byte("age-encryption.org/v1\n-> " + strings.Repeat("x", 8<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			plain, err := v.Unseal(context.Background(), plant(t, v, file), key)
			if err == nil {
				_, err = io.Copy(io.Discard, plain)
				plain.Close()
			}
			require.ErrorIs(t, err, ErrUndecryptable)
		})
	}
}

func TestDamagedDiskIsNotBlamedOnTheSubmitter(t *testing.T) {
	v, key := openOffline(t), NewEpochKey()
	sealed := sealBytes(t, v, content(3<<20), key.Recipient())
	plain, err := v.Unseal(context.Background(), sealed.CID, key)
	require.NoError(t, err)
	defer plain.Close()

	for d := range v.store.digests(t, sealed.CID) {
		require.NoError(t, v.store.blocks.DeleteBlock(context.Background(), d.cid()))
	}
	_, err = io.Copy(io.Discard, plain)
	if err == nil { // everything was read ahead: ask again
		_, err = v.Unseal(context.Background(), sealed.CID, key)
	}
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrUndecryptable)
}

func TestUnsealUnknownCID(t *testing.T) {
	known := sealBytes(t, openOffline(t), []byte("elsewhere"), NewEpochKey().Recipient()).CID
	_, err := openOffline(t).Unseal(context.Background(), known, NewEpochKey())
	require.ErrorIs(t, err, ErrNotFound)

	lonely := openOnline(t, NewSwarmKey())
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err = lonely.Unseal(ctx, known, NewEpochKey())
	require.ErrorIs(t, err, ErrNotFound)
	require.True(t, errors.Is(err, context.DeadlineExceeded))
}

func TestUnsealRefusesForeignCIDs(t *testing.T) {
	v := openOffline(t)
	for _, text := range []string{
		"QmPZ9gcCEpqKTo6aq61g2nXGUhM4iCL3ewB6LDXZCtioEB",                                                                 // version 0
		"bafyrgqhai26anf3i7pips7q22coa4sz2fr4gk4q4sqdtymvvjyginfzaqewveaeqdh524nsktaq43j65v22xxrybrtertmcfxufdam3da3hbk", // sha2-512
	} {
		c, err := cid.Decode(text)
		require.NoError(t, err)
		_, err = v.Unseal(context.Background(), c, NewEpochKey())
		require.ErrorContains(t, err, "want version 1, raw or dag-pb, sha2-256")
	}
	_, err := v.Unseal(context.Background(), cid.Undef, NewEpochKey())
	require.ErrorContains(t, err, "CID is empty")
}
