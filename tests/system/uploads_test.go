package system

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/virusmap/virusmap/testutil/network"
)

// uploaders hand in small files at the same time and remember which got a receipt.
type uploaders struct {
	supernode *network.Supernode
	patient   bool // try again what got none

	mu       sync.Mutex
	receipts map[string]bool // by SHA-256
	failures int
}

// upload hands in n files, so many at one time.
func (u *uploaders) upload(ctx context.Context, n, atOnce int) error {
	var all errgroup.Group
	all.SetLimit(atOnce)
	for range n {
		content := freshText("one of many")
		all.Go(func() error {
			for {
				hash, err := u.one(ctx, content)
				u.mu.Lock()
				if err == nil {
					u.receipts[hash] = true
				} else {
					u.failures++
				}
				u.mu.Unlock()
				if err == nil || !u.patient {
					return nil
				}
				select {
				case <-ctx.Done():
					return fmt.Errorf("%w; last: %w", ctx.Err(), err)
				case <-time.After(200 * time.Millisecond):
				}
			}
		})
	}
	return all.Wait()
}

func (u *uploaders) one(ctx context.Context, content []byte) (hash string, err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "many.txt")
	if err != nil {
		return "", err
	}
	if _, err := part.Write(content); err != nil {
		return "", err
	}
	if err := form.Close(); err != nil {
		return "", err
	}
	return send(ctx, u.supernode, form.FormDataContentType(), &body)
}

// send uploads a form and returns the SHA-256 that its receipt tells.
func send(ctx context.Context, supernode *network.Supernode, contentType string, body io.Reader) (hash string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, supernode.URL+"/api/v3/files", body)
	if err != nil {
		return "", err
	}
	request.Header.Set("X-Apikey", supernode.APIKey)
	request.Header.Set("Content-Type", contentType)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Meta struct {
			FileInfo struct {
				SHA256 string `json:"sha256"`
			} `json:"file_info"`
		} `json:"meta"`
		Error json.RawMessage `json:"error"`
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&answer); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", response.Status, answer.Error)
	}
	return answer.Meta.FileInfo.SHA256, nil
}

// requireAllOnChain waits until the chain has every sample with a receipt.
func (w *world) requireAllOnChain(t *testing.T, receipts map[string]bool) {
	t.Helper()
	for hash := range receipts {
		until(t, "on chain: "+hash, func(ctx context.Context) bool { return w.record(ctx, hash) != nil })
	}
}

func TestManyUploadsAtOnce(t *testing.T) {
	w := sharedWorld(t)
	u := &uploaders{supernode: w.Supernodes[0], patient: true, receipts: map[string]bool{}}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, u.upload(ctx, 200, 200))
	require.Len(t, u.receipts, 200)
	w.requireAllOnChain(t, u.receipts)
	t.Logf("200 uploads at once, %d tried again", u.failures)
}

// TestGatewayKilledDuringUploads kills the supernode while 500 files come in: what got a
// receipt is on chain afterwards.
func TestGatewayKilledDuringUploads(t *testing.T) {
	w := ownWorld(t, "killed-uploads", setup{supernodes: 1})
	kills := 5
	if given := os.Getenv("UPLOAD_KILLS"); given != "" {
		var err error
		kills, err = strconv.Atoi(given)
		require.NoError(t, err)
	}
	u := &uploaders{supernode: w.Supernodes[0], patient: true, receipts: map[string]bool{}}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- u.upload(ctx, 500, 16) }()
	for i := range kills {
		part := 500 * (i + 1) / (kills + 1)
		until(t, "some receipts", func(context.Context) bool {
			u.mu.Lock()
			defer u.mu.Unlock()
			return len(u.receipts) >= part
		})
		crash(t, w.Supernodes[0])
		restart(t, w.Supernodes[0])
	}
	require.NoError(t, <-done)
	require.Len(t, u.receipts, 500)
	w.requireAllOnChain(t, u.receipts)
	t.Logf("500 uploads over %d kills, %d tried again", kills, u.failures)
	require.NotZero(t, u.failures, "no upload noticed the kills")
}

// TestUploadOfAGigabyte streams a gigabyte that is never in memory as a whole.
func TestUploadOfAGigabyte(t *testing.T) {
	const size = 1 << 30
	w := ownWorld(t, "gigabyte", setup{
		supernodes: 1,
		genesis:    map[string]any{"app_state.samples.params.max_size_bytes": strconv.Itoa(2 * size)},
		config: func(config map[string]any) {
			config["gateway"].(map[string]any)["max_file_bytes"] = 2 * size
		},
	})
	supernode := w.Supernodes[0]
	before := peakMemory(t, supernode.PID())
	hash := sha256.New()
	read, write := io.Pipe()
	form := multipart.NewWriter(write)
	go func() {
		part, err := form.CreateFormFile("file", "large.bin")
		if err == nil {
			_, err = io.CopyN(io.MultiWriter(part, hash), newNoise(), size)
		}
		if err == nil {
			err = form.Close()
		}
		_ = write.CloseWithError(err)
	}()
	start := time.Now()
	told, err := send(t.Context(), supernode, form.FormDataContentType(), read)
	require.NoError(t, err)
	require.Equal(t, hex.EncodeToString(hash.Sum(nil)), told)
	took := time.Since(start)
	grown := peakMemory(t, supernode.PID()) - before
	t.Logf("1 GiB in %s, memory grew by %d MiB to at most %d MiB", took.Round(time.Millisecond), grown>>20, (before+grown)>>20)
	require.Less(t, grown, int64(192<<20), "the upload is streamed")
	until(t, "on chain", func(ctx context.Context) bool { return w.record(ctx, told) != nil })
	require.EqualValues(t, size, w.record(t.Context(), told).SizeBytes)

	require.Len(t, w.waitFinal(t, told).Verdicts, allEngines)
	require.Less(t, peakMemory(t, supernode.PID()), int64(maxMemory), "it is streamed to the engines, too")
	t.Logf("the outcome after %s, at most %d MiB", time.Since(start).Round(time.Millisecond), peakMemory(t, supernode.PID())>>20)
}

// noise is cheap content that no layer can compress or recognise.
type noise struct{ block []byte }

func newNoise() *noise {
	block := make([]byte, 1<<20)
	_, _ = rand.Read(block)
	return &noise{block}
}

func (n *noise) Read(p []byte) (int, error) {
	for i := range 8 { // no two megabytes alike
		n.block[i]++
		if n.block[i] != 0 {
			break
		}
	}
	return copy(p, n.block), nil
}
