package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/ipfs/go-cid"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// stored is a sample that a vault has and the chain knows.
type stored struct {
	content    []byte
	key        *age.HybridIdentity
	cid        cid.Cid
	ciphertext []byte
}

func (s stored) path() string { return "/ipfs/" + s.cid.String() }

// store seals content into a vault and records it with a status.
func (n *node) store(t *testing.T, v *vault.Vault, size int, status samplestypes.Status) stored {
	t.Helper()
	s := stored{content: make([]byte, size), key: vault.NewEpochKey()}
	rand.New(rand.NewSource(int64(size))).Read(s.content)
	sealed, err := v.Seal(t.Context(), bytes.NewReader(s.content), s.key.Recipient())
	require.NoError(t, err)
	s.cid = sealed.CID
	file, err := v.Ciphertext(t.Context(), s.cid)
	require.NoError(t, err)
	defer file.Close()
	s.ciphertext, err = io.ReadAll(file)
	require.NoError(t, err)
	hash := sha256.Sum256(s.content)
	n.chain.set(func() {
		n.chain.samples[hex.EncodeToString(hash[:])] = samplestypes.Sample{
			Status: status, SizeBytes: uint64(size), Sealing: samplestypes.Sealing{Cid: sealed.CID.Bytes(), SizeBytes: uint64(sealed.CipherSize)},
		}
	})
	return s
}

// ask sends a request with headers.
func (n *node) ask(t *testing.T, method, path string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequest(method, n.url+path, nil)
	require.NoError(t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return n.do(t, request)
}

func TestCiphertextIsServed(t *testing.T) {
	n := startNode(t, nil)
	s := n.store(t, n.vault, 3<<20, samplestypes.STATUS_FINAL)
	a := n.get(t, s.path())
	require.Equal(t, http.StatusOK, a.Status)
	require.Equal(t, s.ciphertext, a.Raw)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		a := n.ask(t, method, s.path())
		require.Equal(t, http.StatusOK, a.Status, method)
		for name, want := range map[string]string{
			"Content-Type":           "application/octet-stream",
			"Content-Length":         fmt.Sprint(len(s.ciphertext)),
			"Content-Disposition":    `attachment; filename="` + s.cid.String() + `.age"`,
			"X-Content-Type-Options": "nosniff",
			"Cache-Control":          "private, max-age=29030400, immutable",
			"Etag":                   `"` + s.cid.String() + `"`,
			"Accept-Ranges":          "bytes",
			"Content-Encoding":       "",
		} {
			require.Equal(t, want, a.Header.Get(name), "%s of %s", name, method)
		}
	}
	opened, err := age.Decrypt(bytes.NewReader(a.Raw), s.key)
	require.NoError(t, err)
	plain, err := io.ReadAll(opened)
	require.NoError(t, err)
	require.Equal(t, s.content, plain)
}

func TestCiphertextInParts(t *testing.T) {
	n := startNode(t, nil)
	s := n.store(t, n.vault, 3<<20, samplestypes.STATUS_FINAL)
	size := len(s.ciphertext)
	for name, c := range map[string]struct {
		header, value string
		status        int
		want          []byte
	}{
		"a part":                 {"Range", "bytes=1048570-1048590", 206, s.ciphertext[1048570:1048591]},
		"the end":                {"Range", "bytes=-100", 206, s.ciphertext[size-100:]},
		"the rest":               {"Range", fmt.Sprintf("bytes=%d-", size-5), 206, s.ciphertext[size-5:]},
		"the copy of the client": {"If-None-Match", `"` + s.cid.String() + `"`, 304, nil},
		"another copy":           {"If-None-Match", `"other"`, 200, s.ciphertext},
		"more than there is":     {"Range", "bytes=0-999999999999", 206, s.ciphertext},
		"behind the end":         {"Range", fmt.Sprintf("bytes=%d-", size), 416, nil},
		"nonsense":               {"Range", "bytes=x-y", 416, nil},
		"the whole many times":   {"Range", "bytes=" + strings.Repeat("0-,", 200) + "0-", 200, s.ciphertext},
	} {
		t.Run(name, func(t *testing.T) {
			a := n.ask(t, http.MethodGet, s.path(), c.header, c.value)
			require.Equal(t, c.status, a.Status)
			if c.status < 300 {
				require.True(t, bytes.Equal(c.want, a.Raw), "%d bytes", len(a.Raw))
			}
		})
	}
	a := n.ask(t, http.MethodHead, s.path(), "Range", "bytes=10-19")
	require.Equal(t, http.StatusPartialContent, a.Status)
	require.Equal(t, "10", a.Header.Get("Content-Length"))
	require.Equal(t, fmt.Sprintf("bytes 10-19/%d", size), a.Header.Get("Content-Range"))
}

func TestEveryTextOfACIDIsOneFile(t *testing.T) {
	n := startNode(t, nil)
	s := n.store(t, n.vault, 100, samplestypes.STATUS_QUEUED)
	hexadecimal, err := s.cid.StringOfBase('f')
	require.NoError(t, err)
	base58, err := s.cid.StringOfBase('z')
	require.NoError(t, err)
	for _, text := range []string{s.cid.String(), strings.ToUpper(s.cid.String()), hexadecimal, base58} {
		a := n.get(t, "/ipfs/"+text)
		require.Equal(t, s.ciphertext, a.Raw, text)
		require.Equal(t, `"`+s.cid.String()+`"`, a.Header.Get("Etag"))
	}
}

func TestCiphertextThatIsNotForClients(t *testing.T) {
	n := startNode(t, nil)
	s := n.store(t, n.vault, 100, samplestypes.STATUS_FINAL)
	blocked := n.store(t, n.vault, 200, samplestypes.STATUS_BLOCKED)
	public, err := n.vault.AddPublic(t.Context(), []byte("in the vault, but no sample"))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		method, path string
		status       int
		code         string
	}{
		"blocked":           {"GET", blocked.path(), 451, "UnavailableForLegalReasonsError"},
		"no sample":         {"GET", "/ipfs/" + public.String(), 404, "NotFoundError"},
		"version 0":         {"GET", "/ipfs/QmPZ9gcCEpqKTo6aq61g2nXGUhM4iCL3ewB6LDXZCtioEB", 400, "InvalidArgumentError"},
		"sha2-512":          {"GET", "/ipfs/bafyrgqhai26anf3i7pips7q22coa4sz2fr4gk4q4sqdtymvvjyginfzaqewveaeqdh524nsktaq43j65v22xxrybrtertmcfxufdam3da3hbk", 400, "InvalidArgumentError"},
		"identity":          {"GET", "/ipfs/bafkqablimvwgy3y", 400, "InvalidArgumentError"},
		"no CID":            {"GET", "/ipfs/no-cid", 400, "InvalidArgumentError"},
		"cut":               {"GET", s.path()[:30], 400, "InvalidArgumentError"},
		"one letter more":   {"GET", s.path() + "a", 400, "InvalidArgumentError"},
		"very long":         {"GET", "/ipfs/b" + strings.Repeat("a", 20_000), 400, "InvalidArgumentError"},
		"zero byte":         {"GET", "/ipfs/%00", 400, "InvalidArgumentError"},
		"not UTF-8":         {"GET", "/ipfs/%ff%fe", 400, "InvalidArgumentError"},
		"slash in it":       {"GET", "/ipfs/" + s.cid.String() + "%2f..", 404, "NotFoundError"},
		"path below it":     {"GET", s.path() + "/file", 404, "NotFoundError"},
		"out of the folder": {"GET", "/ipfs/../metrics", 404, "NotFoundError"},
		"nothing":           {"GET", "/ipfs/", 404, "NotFoundError"},
		"writing":           {"PUT", s.path(), 404, "NotFoundError"},
	} {
		t.Run(name, func(t *testing.T) {
			a := n.ask(t, c.method, c.path)
			require.Equal(t, c.status, a.Status, string(a.Raw))
			require.Equal(t, c.code, a.Err.Code)
			require.Empty(t, a.Header.Get("Etag"))
			require.Equal(t, "no-store", a.Header.Get("Cache-Control"))
		})
	}
	require.Equal(t, http.StatusUnavailableForLegalReasons, n.ask(t, http.MethodHead, blocked.path()).Status)
	require.Equal(t, http.StatusUnauthorized, n.ask(t, http.MethodGet, s.path(), "X-Apikey", "").Status)
	require.Equal(t, http.StatusUnauthorized, n.ask(t, http.MethodGet, s.path(), "X-Apikey", "wrong-key-0123456789").Status)
	n.chain.set(func() { n.chain.away = true })
	require.Equal(t, http.StatusServiceUnavailable, n.get(t, s.path()).Status, "whether it was taken down is not known")
}

func TestCiphertextCountsInTheRate(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.RequestsPerMinute = 2 })
	s := n.store(t, n.vault, 100, samplestypes.STATUS_FINAL)
	require.Equal(t, http.StatusOK, n.get(t, s.path()).Status)
	require.Equal(t, http.StatusOK, n.ask(t, http.MethodHead, s.path()).Status)
	require.Equal(t, http.StatusTooManyRequests, n.get(t, s.path()).Status)
}

func TestCiphertextComesFromPeers(t *testing.T) {
	swarm := vault.NewSwarmKey()
	open := func(peers ...string) *vault.Vault {
		v, err := vault.Open(t.Context(), vault.Config{
			Dir: t.TempDir(), SwarmKey: swarm, Listen: []string{"/ip4/127.0.0.1/tcp/0"}, Peers: peers, FetchTimeout: time.Minute,
		})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, v.Close()) })
		return v
	}
	holder := open()
	n := startNode(t, func(_ *Config, deps *Deps) { deps.Vault = open(holder.Addrs()...) })
	s := n.store(t, holder, 3<<20, samplestypes.STATUS_FINAL)
	a := n.get(t, s.path())
	require.Equal(t, http.StatusOK, a.Status)
	require.True(t, bytes.Equal(s.ciphertext, a.Raw))
}

func TestCiphertextThatNobodySends(t *testing.T) {
	n := startNode(t, nil)
	s := n.store(t, n.vault, 100, samplestypes.STATUS_FINAL)
	require.NoError(t, n.vault.Remove(t.Context(), s.cid))
	a := n.get(t, s.path())
	require.Equal(t, http.StatusServiceUnavailable, a.Status)
	require.NotEmpty(t, a.Header.Get("Retry-After"))
	require.Contains(t, a.Err.Message, "no supernode sends the file")
	a = n.ask(t, http.MethodHead, s.path())
	require.Equal(t, http.StatusOK, a.Status, "the chain tells what there is to know")
	require.Equal(t, fmt.Sprint(len(s.ciphertext)), a.Header.Get("Content-Length"))
}

// patientVault counts the files that are open, and takes its time to open one.
type patientVault struct {
	*vault.Vault
	wait       time.Duration
	mu         sync.Mutex
	open, most int
}

func (v *patientVault) Ciphertext(ctx context.Context, c cid.Cid) (io.ReadSeekCloser, error) {
	v.mu.Lock()
	v.open++
	v.most = max(v.most, v.open)
	v.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(v.wait):
	}
	file, err := v.Vault.Ciphertext(ctx, c)
	return &patientFile{file, v}, err
}

type patientFile struct {
	io.ReadSeekCloser
	vault *patientVault
}

func (f *patientFile) Close() error {
	f.vault.mu.Lock()
	defer f.vault.mu.Unlock()
	f.vault.open--
	return f.ReadSeekCloser.Close()
}

func TestDownloadsAreBounded(t *testing.T) {
	var patient *patientVault
	n := startNode(t, func(cfg *Config, deps *Deps) {
		cfg.MaxDownloads = 2
		patient = &patientVault{Vault: deps.Vault.(*vault.Vault), wait: 50 * time.Millisecond}
		deps.Vault = patient
	})
	s := n.store(t, n.vault, 100, samplestypes.STATUS_FINAL)
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			if a := n.get(t, s.path()); a.Status != http.StatusOK {
				t.Errorf("status %d", a.Status)
			}
		})
	}
	clients.Wait()
	require.LessOrEqual(t, patient.most, 2)
	require.Zero(t, patient.open, "every file is closed")
}

func TestSlowDownloadIsCutOff(t *testing.T) {
	t.Parallel()
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.UploadGrace, cfg.MinUploadRate = 1, 1<<30 })
	s := n.store(t, n.vault, 64<<20, samplestypes.STATUS_FINAL) // more than the sockets take
	conn, err := net.Dial("tcp", strings.TrimPrefix(n.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nX-Apikey: %s\r\n\r\n", s.path(), testKey)
	require.NoError(t, err)
	running := func() float64 {
		var m dto.Metric
		require.NoError(t, n.metrics.downloading.Write(&m))
		return m.GetGauge().GetValue()
	}
	eventually(t, func() bool { return running() == 1 }, "it runs")
	eventually(t, func() bool { return running() == 0 }, "it is cut off, though the client reads nothing")
	require.Less(t, countOf(t, n.metrics.sent), float64(len(s.ciphertext)))
}
