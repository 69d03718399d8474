package gateway

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
)

// maxChunk bounds a chunk of SubmitFile in bytes.
const maxChunk = 64 << 10

// chunkReader reads the content of a SubmitFile stream, of clients that are fast enough by
// the rule of pacedBody.
type chunkReader struct {
	ctx     context.Context
	arrived chan received
	grace   time.Duration
	rate    int64 // bytes per second
	read    int64
	waited  time.Duration
	rest    []byte // of the last chunk
}

type received struct {
	message *nodev1.SubmitFileRequest
	err     error
}

func newChunkReader(
	ctx context.Context, stream grpc.ClientStreamingServer[nodev1.SubmitFileRequest, nodev1.Submission],
	grace time.Duration, rate int64,
) *chunkReader {
	c := &chunkReader{ctx: ctx, arrived: make(chan received), grace: grace, rate: rate}
	go func() { // Recv has no deadline of its own; it ends with the call
		for {
			message, err := stream.Recv()
			select {
			case c.arrived <- received{message, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return c
}

func (c *chunkReader) next() (*nodev1.SubmitFileRequest, error) {
	earned := time.Duration(float64(c.read) / float64(c.rate) * float64(time.Second))
	wait := time.NewTimer(c.grace + earned - c.waited)
	defer wait.Stop()
	start := time.Now()
	defer func() { c.waited += time.Since(start) }()
	select {
	case got := <-c.arrived:
		return got.message, got.err
	case <-wait.C:
		return nil, badRequest("the upload is slower than the limit of %d bytes per second", c.rate)
	case <-c.ctx.Done():
		return nil, c.ctx.Err()
	}
}

func (c *chunkReader) header() (*nodev1.SubmitFileHeader, error) {
	first, err := c.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	header := first.GetHeader()
	if header == nil {
		return nil, badRequest("header: it has to come first")
	}
	return header, nil
}

func (c *chunkReader) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		message, err := c.next()
		if err != nil {
			return 0, err
		}
		chunk, ok := message.Part.(*nodev1.SubmitFileRequest_Chunk)
		if !ok {
			return 0, badRequest("header: it comes once, and chunks follow it")
		}
		if len(chunk.Chunk) < 1 || len(chunk.Chunk) > maxChunk {
			return 0, badRequest("chunk: %d bytes, want 1..%d", len(chunk.Chunk), maxChunk)
		}
		c.rest = chunk.Chunk
		c.read += int64(len(c.rest))
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}
