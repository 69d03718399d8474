package command

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress is a bar over the bytes of all files; nothing when stderr is no terminal.
type progress struct {
	bar    *progressbar.ProgressBar
	screen *screen
	files  int
	ended  int
}

func newProgress(screen *screen, files []found) *progress {
	p := &progress{screen: screen, files: len(files)}
	if !screen.live {
		return p
	}
	var total int64
	for _, file := range files {
		total += file.size
	}
	p.bar = progressbar.NewOptions64(max(total, 1),
		progressbar.OptionSetWriter(screen.err),
		progressbar.OptionShowBytes(true),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetDescription(fmt.Sprintf("0/%d files", p.files)),
	)
	screen.clear = func() { _ = p.bar.Clear() } // a bar that stays is only ugly
	return p
}

// done counts a file whose result is there.
func (p *progress) done(result submission) {
	if p.bar == nil {
		return
	}
	p.screen.mu.Lock()
	p.ended++
	p.bar.Describe(fmt.Sprintf("%d/%d files", p.ended, p.files))
	p.screen.mu.Unlock()
	if result.Analysis == "" {
		_ = p.bar.Add64(result.Size) // known: its bytes need not be sent
	}
}

func (p *progress) finish() {
	if p.bar != nil {
		p.screen.clear()
	}
}

// reading counts what is read of a file, and takes it back when the attempt is given up.
func (p *progress) reading(ctx context.Context, file *os.File, size int64) *counted {
	return &counted{Reader: cancelled{ctx, file}, file: file, bar: p.bar, size: size}
}

type counted struct {
	Reader cancelled
	file   *os.File
	bar    *progressbar.ProgressBar
	size   int64
	read   int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += int64(n)
	if c.bar != nil {
		_ = c.bar.Add(n)
	}
	return n, err
}

func (c *counted) Close() error {
	if c.bar != nil && c.read < c.size {
		_ = c.bar.Add64(-c.read)
	}
	return c.file.Close()
}
