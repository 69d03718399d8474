package fetch

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/pagerules"
	"github.com/virusmap/virusmap/supernode/engine/urlrules"
	"github.com/virusmap/virusmap/supernode/engine/worker"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// Args of one request that a worker makes over a socket.
type Args struct {
	URL string `json:"url"`
	// Refreshes is how many pages before this one led on by themselves.
	Refreshes int `json:"refreshes"`
	// MaxBytes of a body, before and after decompression.
	MaxBytes int64 `json:"max_bytes"`
	// Set names the brand list.
	Set string `json:"set"`
}

// Hop is what came back.
type Hop struct {
	Status int `json:"status"`
	// Headers of the answer, bounded; several of one name are joined by ", ".
	Headers map[string]string `json:"headers,omitempty"`
	// Cookies that the answer sets, by name.
	Cookies map[string]string `json:"cookies,omitempty"`
	// Certificate that the server presented; nil without TLS.
	Certificate *Certificate `json:"certificate,omitempty"`
	// Location is where the answer leads on to, as written.
	Location string `json:"location,omitempty"`
	// ContentBytes and ContentSHA256 are of the decompressed body.
	ContentBytes  int64  `json:"content_bytes"`
	ContentSHA256 string `json:"content_sha256,omitempty"`
	// Cut tells that the body was longer than is read.
	Cut  bool             `json:"cut,omitempty"`
	Page pagerules.Result `json:"page"`
}

const (
	maxHeaderBytes = 64 << 10
	keptHeaders    = 64
	keptValue      = 512 // bytes

	// userAgent is a common one: pages that attack show themselves to nobody else.
	userAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)

// Handle makes one HTTP request over the socket of a task and judges what comes back.
func Handle(task *worker.Task) (any, error) {
	var args Args
	if err := task.Decode(&args); err != nil {
		return nil, err
	}
	u, err := weburl.Parse(args.URL)
	if err != nil {
		return nil, err
	}
	brands, err := urlrules.Brands(args.Set)
	if err != nil {
		return nil, err
	}
	socket, err := task.Socket()
	if err != nil {
		return nil, err
	}
	defer socket.Close()
	if err := socket.SetDeadline(task.Deadline); err != nil {
		return nil, err
	}
	hop, body, contentType, err := request(socket, u, args.MaxBytes)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, worker.ErrTimeout
	}
	if err != nil {
		return nil, err
	}
	hop.Page = pagerules.Inspect(pagerules.Input{
		URL: u, ContentType: contentType, Body: body, Refreshes: args.Refreshes, Brands: brands,
	})
	hop.fit()
	return hop, nil
}

// request speaks HTTP/1.1, without cookies and without keeping the connection.
func request(socket *os.File, u weburl.URL, maxBytes int64) (hop Hop, body []byte, contentType string, err error) {
	var conn net.Conn = fileConn{socket}
	var certificate *Certificate
	if u.Scheme == "https" {
		// Whoever clicks a warning away sees the page all the same, so it is looked at.
		secure := tls.Client(conn, &tls.Config{ServerName: u.Host, InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}) //nolint:gosec // as said
		conn = secure
		if err := secure.Handshake(); err != nil {
			return hop, nil, "", fmt.Errorf("TLS: %w", err)
		}
		if presented := secure.ConnectionState().PeerCertificates; len(presented) > 0 {
			certificate = certificateOf(presented[0])
		}
	}
	_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Language: en\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n",
		u.Path+u.Query, u.HostPort(), userAgent)
	if err != nil {
		return hop, nil, "", err
	}
	limited := &io.LimitedReader{R: conn, N: maxHeaderBytes}
	answer, err := readAnswer(bufio.NewReader(limited))
	if err != nil {
		if limited.N <= 0 {
			err = fmt.Errorf("headers of more than %d bytes", maxHeaderBytes)
		}
		return hop, nil, "", err
	}
	limited.N = maxBytes + maxHeaderBytes
	hop = Hop{
		Status: answer.StatusCode, Headers: keep(answer.Header), Cookies: cookiesOf(answer), Certificate: certificate,
		Location: answer.Header.Get("Location"),
	}
	if len(hop.Location) > weburl.MaxBytes {
		hop.Location = ""
	}
	if body, hop.Cut, err = readBody(answer, maxBytes); err != nil {
		return hop, nil, "", err
	}
	sum := sha256.Sum256(body)
	hop.ContentBytes, hop.ContentSHA256 = int64(len(body)), hex.EncodeToString(sum[:])
	contentType, _, err = mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil {
		contentType = ""
	}
	return hop, body, contentType, nil
}

// readAnswer skips interim answers.
func readAnswer(in *bufio.Reader) (*http.Response, error) {
	for {
		answer, err := http.ReadResponse(in, nil)
		if err != nil || answer.StatusCode >= 200 || answer.StatusCode == http.StatusSwitchingProtocols {
			return answer, err
		}
	}
}

// readBody reads what there is; that a server stops early is no reason not to look.
func readBody(answer *http.Response, maxBytes int64) (body []byte, cut bool, err error) {
	from := io.LimitReader(answer.Body, maxBytes)
	if strings.EqualFold(answer.Header.Get("Content-Encoding"), "gzip") {
		unpacked, err := gzip.NewReader(from)
		if err != nil {
			return nil, false, fmt.Errorf("gzip: %w", err)
		}
		from = unpacked
	}
	body, err = io.ReadAll(io.LimitReader(from, maxBytes+1))
	if errors.Is(err, os.ErrDeadlineExceeded) && len(body) == 0 {
		return nil, false, err
	}
	if cut = int64(len(body)) > maxBytes; cut {
		body = body[:maxBytes]
	}
	return body, cut || err != nil || int64(len(body)) == maxBytes, nil
}

// keep bounds the headers that are told on, in the order of their names.
func keep(headers http.Header) map[string]string {
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	sort.Strings(names)
	kept := make(map[string]string)
	for _, name := range names[:min(len(names), keptHeaders)] {
		value := strings.Join(headers[name], ", ")
		kept[cut(name, 128)] = cut(value, keptValue)
	}
	return kept
}

func cut(text string, limit int) string {
	return strings.ToValidUTF8(text[:min(len(text), limit)], "")
}

// fileConn is a connection over a file: package net would ask the kernel things that a
// worker may not.
type fileConn struct{ *os.File }

func (fileConn) LocalAddr() net.Addr  { return &net.TCPAddr{} }
func (fileConn) RemoteAddr() net.Addr { return &net.TCPAddr{} }

func (c fileConn) SetDeadline(t time.Time) error { return c.File.SetDeadline(t) }
