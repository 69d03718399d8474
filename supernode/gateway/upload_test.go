package gateway

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

func TestUploadReachesTheChain(t *testing.T) {
	n := startNode(t, nil)
	n.submitting(t)
	content := "\x7fELF some program"
	a := n.upload(t, field{"contributor", "", operator(3)}, field{"file", "/home/user/prog", content})
	analysis := a.resource(t)
	require.Equal(t, "analysis", analysis.Type)
	require.Equal(t, n.url+"/api/v3/analyses/"+analysis.ID, analysis.Links["self"])
	decoded, err := base64.StdEncoding.DecodeString(analysis.ID)
	require.NoError(t, err)
	require.Regexp(t, `^[0-9a-f]{32}:\d+$`, string(decoded))
	require.Equal(t, hexOf(content), a.Meta["file_info"].(map[string]any)["sha256"])

	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "submission on chain")
	s := n.chain.accepted()[0]
	require.Equal(t, hexOf(content), fmt.Sprintf("%x", s.Sha256))
	require.Equal(t, samplestypes.KIND_FILE, s.Kind)
	require.EqualValues(t, len(content), s.SizeBytes)
	require.Equal(t, operator(3), s.Contributor)
	require.EqualValues(t, 7, s.Sealing.VaultEpoch)
	eventually(t, func() bool {
		stored, err := n.index.File(context.Background(), s.Sha256)
		return err == nil && stored.State == index.StateOnChain
	}, "index notes it")
	stored, err := n.index.File(context.Background(), s.Sha256)
	require.NoError(t, err)
	require.Equal(t, []string{"prog"}, stored.Names)
	require.Equal(t, "elf", stored.TypeTag)
}

func TestNoPlaintextIsOnDisk(t *testing.T) {
	n := startNode(t, nil)
	marker := "a marker that would be found on disk"
	n.upload(t, file(strings.Repeat(marker, 4000))).resource(t)
	n.stop()
	require.NoError(t, filepath.WalkDir(n.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		require.NotContains(t, string(data), marker, path)
		return err
	}))
}

func TestKnownFileIsNotSubmittedAgain(t *testing.T) {
	n := startNode(t, nil)
	first := n.upload(t, file("content"))
	require.Equal(t, false, first.Meta["virusmap"].(map[string]any)["known"])
	again := n.upload(t, field{"file", "another name", "content"})
	require.Equal(t, true, again.Meta["virusmap"].(map[string]any)["known"])
	require.Equal(t, first.resource(t).ID, again.resource(t).ID, "the existing analysis is answered")
	require.EqualValues(t, 1, n.queued(t))

	n.submitting(t)
	eventually(t, func() bool { return n.queued(t) == 0 }, "queue drained")
	n.upload(t, file("content")).resource(t)
	require.Zero(t, n.queued(t), "on chain: no second submission")
	require.Len(t, n.chain.accepted(), 1)
}

func TestFileThatOnlyTheChainKnowsIsNotStored(t *testing.T) {
	n := startNode(t, nil)
	n.chain.finish("content", 3, 1)
	a := n.upload(t, file("content"))
	require.Equal(t, true, a.Meta["virusmap"].(map[string]any)["known"])
	require.True(t, n.vaultIsEmpty(t))
	require.Zero(t, n.queued(t))
	analysis := n.get(t, "/api/v3/analyses/"+a.resource(t).ID).resource(t)
	require.Equal(t, "completed", analysis.Attributes["status"])
}

func TestFileIsSubmittedAgainWhenTheChainLostOrRejectedIt(t *testing.T) {
	for name, lose := range map[string]func(c *scriptedChain){
		"record expired": func(c *scriptedChain) { clear(c.samples) },
		"ciphertext was invalid": func(c *scriptedChain) {
			sample := c.samples[hexOf("content")]
			sample.Status = samplestypes.STATUS_INVALID
			c.samples[hexOf("content")] = sample
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, nil)
			n.submitting(t)
			n.upload(t, file("content")).resource(t)
			eventually(t, func() bool {
				stored, err := n.index.File(context.Background(), mustHash(t, hexOf("content")))
				return err == nil && stored.State == index.StateOnChain
			}, "on chain")
			n.chain.set(func() { lose(n.chain) })
			n.upload(t, file("content")).resource(t)
			eventually(t, func() bool { return len(n.chain.accepted()) == 2 }, "submitted again")
		})
	}
}

func TestConcurrentUploadsOfOneFileGiveOneSubmission(t *testing.T) {
	n := startNode(t, nil)
	content := strings.Repeat("same ", 10_000)
	ids := make([]string, 12)
	var wait sync.WaitGroup
	for i := range ids {
		wait.Go(func() { ids[i] = n.upload(t, file(content)).resource(t).ID })
	}
	wait.Wait()
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
	require.EqualValues(t, 1, n.queued(t))
	stored, err := n.index.File(context.Background(), mustHash(t, hexOf(content)))
	require.NoError(t, err)
	require.EqualValues(t, len(ids), stored.TimesSubmitted)
}

func TestUploadWorksWhileTheChainIsAway(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("first")).resource(t) // learns the vault key
	n.chain.set(func() { n.chain.away = true })
	n.Gateway.terms.read = time.Time{}
	n.upload(t, file("second")).resource(t)
	n.submitting(t)
	n.chain.set(func() { n.chain.away = false })
	eventually(t, func() bool { return len(n.chain.accepted()) == 2 }, "both submitted")
}

func TestUploadWithoutVaultKeyIsTransient(t *testing.T) {
	n := startNode(t, nil)
	n.chain.set(func() { n.chain.vaultKey = nil })
	a := n.upload(t, file("content"))
	require.Equal(t, http.StatusServiceUnavailable, a.Status)
	require.Equal(t, "TransientError", a.Err.Code)
	require.NotEmpty(t, a.Header.Get("Retry-After"))
}

func TestHostileForms(t *testing.T) {
	many := make([]field, maxParts+1)
	for i := range many {
		many[i] = field{fmt.Sprint("f", i), "", "v"}
	}
	for name, c := range map[string]struct {
		fields  []field
		status  int
		code    string
		message string
	}{
		"no file field":           {[]field{{"other", "", "v"}}, 400, "BadRequestError", "file: the form has no such field"},
		"empty form":              {nil, 400, "BadRequestError", "file: the form has no such field"},
		"two files":               {[]field{file("one"), file("two")}, 400, "BadRequestError", "file: the form has more than one"},
		"empty file":              {[]field{file("")}, 400, "BadRequestError", "file: it is empty"},
		"contributor before file": {[]field{{"contributor", "", "vmt1wrong"}, file("x")}, 400, "InvalidArgumentError", "contributor"},
		"contributor after file":  {[]field{file("x"), {"contributor", "", "cosmos1qyqszqgpqyqszqgpqyqszqgpqyqszqgpjnp7du"}}, 400, "InvalidArgumentError", "contributor"},
		"password":                {[]field{file("x"), {"password", "", "infected"}}, 400, "InvalidArgumentError", "password"},
		"huge field":              {[]field{file("x"), {"comment", "", strings.Repeat("c", maxFieldBytes+1)}}, 400, "BadRequestError", "comment"},
		"many fields":             {many, 400, "BadRequestError", "more than 16 fields"},
		"over the limit":          {[]field{file(strings.Repeat("x", 1<<20+1))}, 413, "BadRequestError", "limit of 1048576 bytes"},
		"far over the limit":      {[]field{file(strings.Repeat("x", 3<<20))}, 413, "BadRequestError", "limit of 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, nil)
			a := n.upload(t, c.fields...)
			require.Equal(t, c.status, a.Status, string(a.Raw))
			require.Equal(t, c.code, a.Err.Code)
			require.Contains(t, a.Err.Message, c.message)
			require.True(t, n.vaultIsEmpty(t), "nothing of it stays")
			require.Zero(t, n.queued(t))
		})
	}
}

func TestAcceptedForms(t *testing.T) {
	for name, fields := range map[string][]field{
		"exactly the limit":       {file(strings.Repeat("x", 1<<20))},
		"one byte":                {file("x")},
		"fields before the file":  {{"contributor", "", operator(1)}, {"password", "", ""}, file("x")},
		"fields after the file":   {file("x"), {"contributor", "", operator(1)}, {"unknown", "", "v"}},
		"file without a name":     {{"file", "", "x"}},
		"file named like a field": {{"file", "contributor", "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			startNode(t, nil).upload(t, fields...).resource(t)
		})
	}
}

func TestHostileBodies(t *testing.T) {
	whole, contentType := formOf(t, file(strings.Repeat("x", 10_000)))
	for name, c := range map[string]struct{ body, contentType, message string }{
		"wrong content type":    {whole, "application/octet-stream", "Content-Type"},
		"urlencoded":            {"file=x", "application/x-www-form-urlencoded", "Content-Type"},
		"no content type":       {whole, "", "Content-Type"},
		"no boundary":           {whole, "multipart/form-data", "Content-Type"},
		"other boundary":        {whole, "multipart/form-data; boundary=other", "valid multipart"},
		"truncated in file":     {whole[:len(whole)/2], contentType, "ends before its closing boundary"},
		"truncated at the end":  {whole[:len(whole)-20], contentType, "ends before its closing boundary"},
		"truncated in a header": {whole[:90], contentType, ""},
		"not a form":            {strings.Repeat("\x00\xff", 5000), contentType, "valid multipart"},
		"nothing":               {"", contentType, ""},
		"huge part header": {
			strings.Replace(whole, "Content-Type:", "X-Long: "+strings.Repeat("h", 200<<10)+"\r\nContent-Type:", 1)[:1<<17], contentType, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, nil)
			request, err := http.NewRequest(http.MethodPost, n.url+"/api/v3/files", strings.NewReader(c.body))
			require.NoError(t, err)
			request.Header.Set("Content-Type", c.contentType)
			a := n.do(t, request)
			require.Equal(t, http.StatusBadRequest, a.Status, string(a.Raw))
			require.Equal(t, "BadRequestError", a.Err.Code)
			require.Contains(t, a.Err.Message, c.message)
			require.True(t, n.vaultIsEmpty(t))
			require.Zero(t, n.queued(t))
		})
	}
}

func TestChunkedUploads(t *testing.T) {
	for name, c := range map[string]struct {
		size, status int
	}{
		"within the limit": {1 << 20, http.StatusOK},
		"over the limit":   {1<<20 + 1, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, nil)
			body, contentType := formOf(t, file(strings.Repeat("x", c.size)))
			request, err := http.NewRequest(http.MethodPost, n.url+"/api/v3/files", io.MultiReader(strings.NewReader(body)))
			require.NoError(t, err)
			require.Zero(t, request.ContentLength, "sent in chunks")
			request.Header.Set("Content-Type", contentType)
			require.Equal(t, c.status, n.do(t, request).Status)
		})
	}
}

func TestChainsLimitHolds(t *testing.T) {
	n := startNode(t, nil)
	n.chain.set(func() { n.chain.params.MaxSizeBytes = 100 })
	n.upload(t, file(strings.Repeat("x", 100))).resource(t)
	a := n.upload(t, file(strings.Repeat("x", 101)))
	require.Equal(t, http.StatusRequestEntityTooLarge, a.Status)
	require.Contains(t, a.Err.Message, "100 bytes")
}

// TestSlowClientIsCutOff trickles a body below the least rate.
func TestSlowClientIsCutOff(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.UploadGrace = 1 })
	conn, err := net.Dial("tcp", strings.TrimPrefix(n.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /api/v3/files HTTP/1.1\r\nHost: x\r\nX-Apikey: %s\r\nContent-Length: 100000\r\n"+
		"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nabc", testKey)
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	response, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(response), "400 Bad Request")
	require.Contains(t, string(response), "slower than the limit of 16384 bytes per second")
	require.True(t, n.vaultIsEmpty(t))
}

func TestClientThatLeavesLeavesNothing(t *testing.T) {
	n := startNode(t, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(n.url, "http://"))
	require.NoError(t, err)
	_, err = fmt.Fprintf(conn, "POST /api/v3/files HTTP/1.1\r\nHost: x\r\nX-Apikey: %s\r\nContent-Length: 900000\r\n"+
		"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n%s",
		testKey, strings.Repeat("x", 300_000))
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	eventually(t, func() bool { return countOf(t, n.metrics.uploads.WithLabelValues("failed")) == 1 }, "upload ended")
	require.True(t, n.vaultIsEmpty(t))
	require.Zero(t, n.queued(t))
}

func TestUploadSlotsAreReleased(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.MaxUploads = 1 })
	for range 3 {
		n.upload(t, field{"other", "", "v"})
	}
	n.upload(t, file("content")).resource(t)
}

func mustHash(t *testing.T, text string) []byte {
	t.Helper()
	hash, err := parseHash(text)
	require.NoError(t, err)
	return hash
}
