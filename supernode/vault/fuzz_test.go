package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"testing"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
)

// dagPBBlocks gives the dag-pb blocks of a file of two leaves.
func dagPBBlocks(t testing.TB) (cid.Cid, []byte) {
	v := openOffline(t)
	c, err := v.AddPublic(context.Background(), content(1<<20+1))
	require.NoError(t, err)
	block, err := v.store.blocks.Get(context.Background(), c)
	require.NoError(t, err)
	return c, block.RawData()
}

func FuzzParseNode(f *testing.F) {
	c, good := dagPBBlocks(f)
	f.Add(good)
	f.Add([]byte{})
	f.Add([]byte{0x0a, 0x02, 0x08, 0x02})                               // an empty file
	f.Add([]byte{0x0a, 0x02, 0x08, 0x01})                               // a directory
	f.Add([]byte{0x0a, 0x0d, 0x08, 0x02, 0x18, 0xff, 0xff, 0xff, 0xff}) // cut in a varint
	f.Fuzz(func(t *testing.T, block []byte) {
		n, err := parseNode(c, block)
		if err != nil {
			return
		}
		sum := uint64(0)
		for _, child := range n.children {
			if child.size == 0 || checkCID(child.cid) != nil {
				t.Fatalf("accepted child %v", child)
			}
			sum += child.size
		}
		if len(n.children) > 0 && sum != n.size || n.size > math.MaxInt64 {
			t.Fatalf("size %d, children hold %d", n.size, sum)
		}
	})
}

func FuzzDecrypt(f *testing.F) {
	key := NewEpochKey()
	var good bytes.Buffer
	w, err := age.Encrypt(&good, key.Recipient())
	require.NoError(f, err)
	_, err = w.Write([]byte("sample"))
	require.NoError(f, err)
	require.NoError(f, w.Close())
	f.Add(good.Bytes())
	f.Add(good.Bytes()[:100])
	f.Add([]byte("age-encryption.org/v1\n-> mlkem768x25519 AA\nAA\n--- AA\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		plain, err := decrypt(io.NopCloser(bytes.NewReader(file)), []age.Identity{key})
		if err == nil {
			_, err = io.Copy(io.Discard, plain)
		}
		if err != nil && !errors.Is(err, ErrUndecryptable) && !errors.Is(err, ErrNoKey) {
			t.Fatalf("unexpected kind of error: %v", err)
		}
	})
}

func FuzzParseIdentity(f *testing.F) {
	f.Add([]byte(NewEpochKey().String()))
	f.Add([]byte("# comment\n\nAGE-SECRET-KEY-PQ-1QQ\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if id, err := parseIdentity(data); err == nil && id.Recipient() == nil {
			t.Fatal("identity without a recipient")
		}
	})
}
