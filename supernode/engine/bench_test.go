package engine

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkScan reports MB/s of each shipped engine over the programs in
// /usr/bin, with as many scans at a time as there are CPUs.
func BenchmarkScan(b *testing.B) {
	var corpus []*Content
	var total int64
	paths, _ := filepath.Glob("/usr/bin/*")
	for _, path := range paths {
		if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() || info.Size() > 8<<20 {
			continue
		}
		content := fileContent(b, path)
		total += content.Size
		corpus = append(corpus, content)
	}
	config := shipped()
	config.Workers = 0
	for name, engine := range openEngines(b, config) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(total)
			for b.Loop() {
				scanAll(b, engine, corpus)
			}
			b.ReportMetric(float64(len(corpus)*b.N)/b.Elapsed().Seconds(), "files/s")
		})
	}
}

func scanAll(b *testing.B, engine Engine, corpus []*Content) {
	next := make(chan *Content)
	done := make(chan struct{})
	const scanners = 4
	for range scanners {
		go func() {
			for content := range next {
				if verdict := engine.Scan(context.Background(), content); verdict.Category != undetected {
					b.Errorf("%+v", verdict)
				}
			}
			done <- struct{}{}
		}()
	}
	for _, content := range corpus {
		next <- content
	}
	close(next)
	for range scanners {
		<-done
	}
}
