package similarity

import (
	"math/rand/v2"
	"os"
	"testing"
)

func BenchmarkOf(b *testing.B) {
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		b.Fatal(err)
	}
	noise := make([]byte, 4<<20)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(noise)
	for name, content := range map[string][]byte{
		"program": program[:min(len(program), maxDigestBytes)], "noise": noise, "script": pythonScript(1 << 20), "zip": zipOf(member{"a", noise}),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				if _, err := Of(content); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDigests(b *testing.B) {
	noise := make([]byte, 4<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise)
	b.Run("tlsh", func(b *testing.B) {
		b.SetBytes(int64(len(noise)))
		for b.Loop() {
			tlshOf(noise)
		}
	})
	b.Run("ssdeep", func(b *testing.B) {
		b.SetBytes(int64(len(noise)))
		for b.Loop() {
			ssdeepOf(noise)
		}
	})
}
