package vault

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
)

func sizeName(size int) string {
	if size < 1<<20 {
		return fmt.Sprintf("%dKiB", size>>10)
	}
	return fmt.Sprintf("%dMiB", size>>20)
}

// BenchmarkSeal measures hashing, encryption, import and fsync together.
func BenchmarkSeal(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20, 16 << 20, 256 << 20} {
		b.Run(sizeName(size), func(b *testing.B) {
			v, to, data := openOffline(b), NewEpochKey().Recipient(), content(size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				sealed, err := v.Seal(context.Background(), bytes.NewReader(data), to)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				require.NoError(b, v.Remove(context.Background(), sealed.CID))
				b.StartTimer()
			}
		})
	}
}

// BenchmarkSealParallel measures many uploaders of small samples at once, whose
// catalog entries share fsyncs.
func BenchmarkSealParallel(b *testing.B) {
	v, to, data := openOffline(b), NewEpochKey().Recipient(), content(64<<10)
	b.SetBytes(int64(len(data)))
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := v.Seal(context.Background(), bytes.NewReader(data), to); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkUnseal(b *testing.B) {
	for _, size := range []int{64 << 10, 16 << 20} {
		b.Run(sizeName(size), func(b *testing.B) {
			v, key := openOffline(b), NewEpochKey()
			sealed := sealBytes(b, v, content(size), key.Recipient())
			b.SetBytes(int64(size))
			for b.Loop() {
				plain, err := v.Unseal(context.Background(), sealed.CID, key)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, plain); err != nil {
					b.Fatal(err)
				}
				plain.Close()
			}
		})
	}
}

// BenchmarkFetch measures unrelated small samples from one peer on loopback.
func BenchmarkFetch(b *testing.B) {
	swarm, key := NewSwarmKey(), NewEpochKey()
	from := openOnline(b, swarm)
	to := openOnline(b, swarm, from)
	cids := make([]cid.Cid, 256)
	var fetched atomic.Int64
	for b.Loop() {
		b.StopTimer()
		for i := range cids {
			cids[i] = sealBytes(b, from, content(20<<10), key.Recipient()).CID
		}
		b.StartTimer()
		if err := to.Fetch(context.Background(), cids); err != nil {
			b.Fatal(err)
		}
		fetched.Add(int64(len(cids)))
	}
	b.ReportMetric(float64(fetched.Load())/b.Elapsed().Seconds(), "samples/s")
}
