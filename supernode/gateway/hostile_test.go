package gateway

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHostileForms(t *testing.T) {
	n := startNode(t, nil)
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
		"salt that is no hex":     {[]field{{"contributor", "", operator(1)}, {"claim_salt", "", "salt"}, file("x")}, 400, "InvalidArgumentError", "claim_salt"},
		"short salt":              {[]field{{"contributor", "", operator(1)}, {"claim_salt", "", "abcd"}, file("x")}, 400, "InvalidArgumentError", "32 bytes in hex"},
		"salt of nobody":          {[]field{{"claim_salt", "", strings.Repeat("ab", 32)}, file("x")}, 400, "InvalidArgumentError", "needs the contributor"},
		"password":                {[]field{file("x"), {"password", "", "infected"}}, 400, "InvalidArgumentError", "password"},
		"huge field":              {[]field{file("x"), {"comment", "", strings.Repeat("c", maxFieldBytes+1)}}, 400, "BadRequestError", "comment"},
		"many fields":             {many, 400, "BadRequestError", "more than 16 fields"},
		"over the limit":          {[]field{file(strings.Repeat("x", 1<<20+1))}, 413, "BadRequestError", "limit of 1048576 bytes"},
		"far over the limit":      {[]field{file(strings.Repeat("x", 3<<20))}, 413, "BadRequestError", "limit of 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
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
	n := startNode(t, nil)
	// Each has another content, so that none is a known file.
	for name, fields := range map[string][]field{
		"exactly the limit":       {file(strings.Repeat("x", 1<<20))},
		"one byte":                {file("x")},
		"fields before the file":  {{"contributor", "", operator(1)}, {"password", "", ""}, file("y")},
		"fields after the file":   {file("z"), {"contributor", "", operator(1)}, {"unknown", "", "v"}},
		"file without a name":     {{"file", "", "v"}},
		"file named like a field": {{"file", "contributor", "w"}},
	} {
		t.Run(name, func(t *testing.T) {
			n.upload(t, fields...).resource(t)
		})
	}
}

func TestHostileBodies(t *testing.T) {
	n := startNode(t, nil)
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
	n := startNode(t, nil)
	for name, c := range map[string]struct {
		size, status int
	}{
		"within the limit": {1 << 20, http.StatusOK},
		"over the limit":   {1<<20 + 1, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
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
	t.Parallel()
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
	t.Parallel()
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

func TestHostileNames(t *testing.T) {
	n := startNode(t, nil)
	for given, want := range map[string]string{
		"../../etc/passwd":                  "passwd",
		`..\..\windows\system32\config`:     "config",
		"<script>alert(1)<script>":          "<script>alert(1)<script>",
		"invoice\u202efdp.exe":              "invoicefdp.exe",
		"/" + strings.Repeat("long", 1000):  strings.Repeat("long", 1000)[:255],
		"a name; filename=other.exe; x=\"y": "a name; filename=other.exe; x=\"y",
	} {
		n.upload(t, field{"file", given, given}).resource(t)
		a := n.get(t, "/api/v3/files/"+hexOf(given))
		require.Equal(t, want, a.resource(t).Attributes["meaningful_name"])
		require.NotContains(t, string(a.Raw), "<script>", "escaped for those who paste answers into pages")
		require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
	}
}

// TestIDsAreText: a NUL or broken UTF-8 is no id of anything, and no error of a database.
func TestIDsAreText(t *testing.T) {
	n := startNode(t, nil)
	for _, path := range []string{
		"/api/v3/resolutions/a%00b", "/api/v3/analyses/%ff", "/virusmap/node/v1/analyses/a%00",
	} {
		require.Equal(t, 404, n.get(t, path).Status, path)
	}
	require.Equal(t, 400, n.get(t, "/api/v3/comments?filter=tag:a%00").Status)
}
