package vault

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
)

func TestSealRoundTrip(t *testing.T) {
	v, key := openOffline(t), NewEpochKey()
	for _, size := range []int{
		0, 1,
		64<<10 - 1, 64 << 10, 64<<10 + 1, // edges of an age chunk
		1 << 20, // ciphertext just over one block
		5<<20 + 12345,
	} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			data := content(size)
			sealed := sealBytes(t, v, data, key.Recipient())

			require.Equal(t, sha256.Sum256(data), sealed.SHA256)
			require.Equal(t, sha1.Sum(data), sealed.SHA1)
			require.Equal(t, md5.Sum(data), sealed.MD5)
			require.EqualValues(t, size, sealed.Size)
			require.True(t, v.Has(context.Background(), sealed.CID))
			require.Equal(t, data, unsealBytes(t, v, sealed, key))

			file, err := v.Ciphertext(context.Background(), sealed.CID)
			require.NoError(t, err)
			defer file.Close()
			end, err := file.Seek(0, io.SeekEnd)
			require.NoError(t, err)
			require.Equal(t, sealed.CipherSize, end)
			require.LessOrEqual(t, end, cipherLimit(int64(size)))
		})
	}
}

func TestKeyCommitmentIsOfTheAgeFileKey(t *testing.T) {
	v, key := openOffline(t), NewEpochKey()
	sealed := sealBytes(t, v, []byte("sample"), key.Recipient())
	file, err := v.Ciphertext(context.Background(), sealed.CID)
	require.NoError(t, err)
	defer file.Close()

	header, err := age.ExtractHeader(file)
	require.NoError(t, err)
	fileKey, err := age.DecryptHeader(header, key)
	require.NoError(t, err)
	require.Len(t, fileKey, 16)
	require.Equal(t, sha256.Sum256(append([]byte("virusmap/file-key/v1"), fileKey...)), sealed.KeyCommitment)
}

func TestSealTwiceGivesUnrelatedCiphertexts(t *testing.T) {
	v, key := openOffline(t), NewEpochKey()
	a := sealBytes(t, v, content(2<<20), key.Recipient())
	b := sealBytes(t, v, content(2<<20), key.Recipient())
	require.Equal(t, a.SHA256, b.SHA256)
	require.NotEqual(t, a.CID, b.CID)
	require.NotEqual(t, a.KeyCommitment, b.KeyCommitment)
	require.NotEqual(t, a.StorageRoot, b.StorageRoot)
}

func TestCiphertextSeeks(t *testing.T) {
	v, key := openOffline(t), NewEpochKey()
	sealed := sealBytes(t, v, content(3<<20), key.Recipient())
	file, err := v.Ciphertext(context.Background(), sealed.CID)
	require.NoError(t, err)
	defer file.Close()
	whole, err := io.ReadAll(file)
	require.NoError(t, err)

	for _, offset := range []int64{0, StorageChunkSize, 1<<20 - 1, 1 << 20, 2<<20 + 7, sealed.CipherSize - 1} {
		_, err := file.Seek(offset, io.SeekStart)
		require.NoError(t, err)
		got := make([]byte, min(StorageChunkSize, sealed.CipherSize-offset))
		_, err = io.ReadFull(file, got)
		require.NoError(t, err)
		require.Equal(t, whole[offset:offset+int64(len(got))], got)
	}
}

func TestFailedSealLeavesNothing(t *testing.T) {
	broken := errors.New("connection reset")
	cancelled, cancel := context.WithCancel(context.Background())
	for name, tc := range map[string]struct {
		ctx  context.Context
		r    io.Reader
		to   age.Recipient
		want error
	}{
		"reader fails at once":      {r: iotest.ErrReader(broken), want: broken},
		"reader fails later":        {r: io.MultiReader(bytes.NewReader(content(3<<20)), iotest.ErrReader(broken)), want: broken},
		"upload is cut short":       {r: io.MultiReader(bytes.NewReader(content(3<<20)), iotest.ErrReader(io.ErrUnexpectedEOF)), want: io.ErrUnexpectedEOF},
		"context ends on the way":   {ctx: cancelled, r: io.MultiReader(bytes.NewReader(content(3<<20)), cancelReader(cancel)), want: context.Canceled},
		"sample is over the limit":  {r: bytes.NewReader(content(4<<20 + 1)), want: ErrTooLarge},
		"recipient has two stanzas": {r: bytes.NewReader(content(10)), to: twoStanzas{NewEpochKey().Recipient()}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			v, err := Open(context.Background(), Config{Dir: dir, Offline: true, MaxSize: 4 << 20})
			require.NoError(t, err)
			defer v.Close()
			if tc.ctx == nil {
				tc.ctx = context.Background()
			}
			if tc.to == nil {
				tc.to = NewEpochKey().Recipient()
			}
			sealed, err := v.Seal(tc.ctx, tc.r, tc.to)
			require.Error(t, err)
			if tc.want != nil {
				require.ErrorIs(t, err, tc.want)
			}
			require.Zero(t, sealed)
			require.Empty(t, blockFiles(t, dir))
			sealBytes(t, v, content(1<<20), NewEpochKey().Recipient()) // and the vault still works
		})
	}
}

// cancelReader cancels a context in the middle of a stream.
type cancelReader context.CancelFunc

func (c cancelReader) Read(p []byte) (int, error) {
	c()
	return len(p), nil
}

type twoStanzas struct{ to age.Recipient }

func (r twoStanzas) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	s, err := r.to.Wrap(fileKey)
	return append(s, s...), err
}

func TestSealKeepsTheLabelsOfTheRecipient(t *testing.T) {
	classic, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	hybrid := &committingRecipient{to: NewEpochKey().Recipient()}
	_, err = age.Encrypt(io.Discard, hybrid, classic.Recipient())
	require.ErrorContains(t, err, "post-quantum")
}
