package details

import "testing"

func BenchmarkOf(b *testing.B) {
	content := noise(4 << 20)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		Of(content)
	}
}
