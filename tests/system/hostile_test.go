package system

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/testutil/network"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxMemory bounds what a supernode may need for a file far above its limit.
const maxMemory = 600 << 20

// maxLeftover is how much a refused upload may leave on the disk: catalogs and logs grow.
const maxLeftover = 8 << 20

func TestFileAboveTheLimit(t *testing.T) {
	w := sharedWorld(t)
	supernode := w.Supernodes[0]
	path := sample(t, "sparse.bin", nil)
	require.NoError(t, os.Truncate(path, 1<<30))
	before := diskUse(t, supernode.Home)
	p := w.virusmap(t, "submit", path)
	require.Equal(t, 1, p.code)
	require.Contains(t, p.stdout, "larger than the limit of 681574400 bytes")
	w.requireHealthy(t)
	require.Less(t, peakMemory(t, supernode.PID()), int64(maxMemory))
	require.Less(t, diskUse(t, supernode.Home)-before, int64(maxLeftover), "nothing half-written stays")
	t.Logf("peak memory of the supernode: %d MiB", peakMemory(t, supernode.PID())>>20)
}

// A client that says the size beforehand is refused before it has sent the file.
func TestAnnouncedFileAboveTheLimit(t *testing.T) {
	w := sharedWorld(t)
	head := "POST /api/v3/files HTTP/1.1\r\nHost: localhost\r\nX-Apikey: " + w.Supernodes[0].APIKey +
		"\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1073741824\r\n\r\n"
	require.Contains(t, exchange(t, w.Supernodes[0], head, false), "413 Request Entity Too Large")
}

func TestEmptyFile(t *testing.T) {
	w := sharedWorld(t)
	p := w.virusmap(t, "submit", sample(t, "empty", nil))
	require.Equal(t, 1, p.code)
	require.Contains(t, p.stdout, "the file is empty")

	// The gateway does not rely on the command line.
	answer := exchange(t, w.Supernodes[0], upload(w.Supernodes[0], "empty", ""), false)
	require.Contains(t, answer, "400 Bad Request")
	require.Contains(t, answer, "file: it is empty")
	w.requireHealthy(t)
}

func TestDirectoryWithoutRecursive(t *testing.T) {
	w := sharedWorld(t)
	p := w.virusmap(t, "submit", t.TempDir())
	require.Equal(t, 2, p.code)
	require.Contains(t, p.stderr, "add --recursive")
}

func TestUnreadableFile(t *testing.T) {
	w := sharedWorld(t)
	path := "/proc/self/mem" // fails to be read even by root
	if os.Geteuid() != 0 {
		path = sample(t, "closed", []byte("closed"))
		require.NoError(t, os.Chmod(path, 0))
	}
	good := sample(t, "good.txt", freshText("beside an unreadable one"))
	p := w.virusmap(t, "--output", "json", "submit", "--wait", path, good)
	require.Equal(t, 1, p.code)
	found := submissions(t, p.stdout)
	require.Equal(t, "failed", found[filepath.Base(path)].Status)
	require.NotEmpty(t, found[filepath.Base(path)].Error)
	require.Equal(t, "clean", found["good.txt"].Outcome, "one bad file does not stop the others")
}

// Sixteen gigabytes in some kilobytes: no engine may unpack it whole, hang or fall over.
func TestZipBomb(t *testing.T) {
	w := sharedWorld(t)
	bomb := zipOf(t, entry{"zeros", make([]byte, 64<<20)})
	for range 2 {
		var copies []entry
		for i := range 16 {
			copies = append(copies, entry{fmt.Sprintf("%d.zip", i), bomb})
		}
		bomb = zipOf(t, copies...)
	}
	found := w.submitAndWait(t, sample(t, "bomb.zip", bomb))
	report := w.report(t, found.SHA256)
	require.Len(t, report.LastAnalysisResult, allEngines, "every engine has said something")
	for name, result := range report.LastAnalysisResult {
		require.NotEqual(t, "failure", result.Category, name)
		t.Logf("%-10s %s", name, result.Category)
	}
	require.Less(t, peakMemory(t, w.Supernodes[0].PID()), int64(maxMemory))
	w.requireHealthy(t)
}

func TestTruncatedProgram(t *testing.T) {
	w := sharedWorld(t)
	program, err := os.ReadFile(clamavTestFile)
	require.NoError(t, err, "run scripts/setup.sh")
	found := w.submitAndWait(t, sample(t, "cut.exe", append(program[:len(program)/2:len(program)/2], freshText("")...)))
	for name, result := range w.report(t, found.SHA256).LastAnalysisResult {
		if ofCleanFile(name) != verdictstypes.CATEGORY_TYPE_UNSUPPORTED {
			require.Contains(t, []string{"undetected", "suspicious", "malicious"}, result.Category, name)
		}
	}
	w.requireHealthy(t)
}

// A parser that crashes costs its own verdict and nobody else's.
func TestSampleThatCrashesAnEngine(t *testing.T) {
	w := sharedWorld(t)
	pid := w.Supernodes[0].PID()
	found := w.submitAndWait(t, sample(t, "crash.txt", freshText(crashMarker)))
	require.Equal(t, "clean", found.Outcome)
	results := w.report(t, found.SHA256).LastAnalysisResult
	require.Len(t, results, allEngines)
	for name, result := range results {
		if name == "Marker" {
			require.Equal(t, "failure", result.Category)
		} else {
			require.Equal(t, light.CategoryName(ofCleanFile(name)), result.Category, name)
		}
	}
	require.Equal(t, pid, w.Supernodes[0].PID())
	w.requireHealthy(t)
	after := w.submitAndWait(t, sample(t, "after.txt", freshText("after the crash")))
	require.Equal(t, "undetected", w.report(t, after.SHA256).LastAnalysisResult["Marker"].Category)
}

// What did not arrive as a whole was not submitted.
func TestUploadCutInTheMiddle(t *testing.T) {
	w := sharedWorld(t)
	supernode := w.Supernodes[0]
	before := diskUse(t, supernode.Home)
	content := strings.Repeat(string(freshText("cut")), 1<<20)
	whole := upload(supernode, "cut.bin", content)
	require.Contains(t, exchange(t, supernode, whole[:len(whole)/2], true), "the form ends before its closing boundary")
	for range 4 {
		abandon(t, supernode, whole[:len(whole)/2])
	}
	w.requireHealthy(t)
	for _, hash := range []string{hashOf([]byte(content)), hashOf([]byte(content[:len(content)/2]))} {
		require.Equal(t, 1, w.virusmap(t, "report", hash).code)
	}
	until(t, "the disk to be as before", func(context.Context) bool {
		return diskUse(t, supernode.Home)-before < maxLeftover
	})
}

// upload is an HTTP request that uploads a file.
func upload(supernode *network.Supernode, name, content string) string {
	body := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n" + content + "\r\n--b--\r\n"
	return fmt.Sprintf("POST /api/v3/files HTTP/1.1\r\nHost: localhost\r\nX-Apikey: %s\r\n"+
		"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n%s", supernode.APIKey, len(body), body)
}

// exchange sends bytes to a gateway, ends its sending side when told to, and returns
// the answer.
func exchange(t *testing.T, supernode *network.Supernode, request string, end bool) string {
	t.Helper()
	conn := dial(t, supernode)
	defer func() { _ = conn.Close() }()
	go func() { // as the answer may come before everything is sent
		if _, err := io.WriteString(conn, request); err == nil && end {
			_ = conn.(*net.TCPConn).CloseWrite()
		}
	}()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	require.NoError(t, err)
	return response.Status + " " + string(body)
}

// abandon sends bytes to a gateway and hangs up.
func abandon(t *testing.T, supernode *network.Supernode, request string) {
	t.Helper()
	conn := dial(t, supernode)
	_, err := io.WriteString(conn, request)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
}

func dial(t *testing.T, supernode *network.Supernode) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(supernode.URL, "http://"))
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	return conn
}

// diskUse is what the files of a folder take, in bytes.
func diskUse(t *testing.T, dir string) (total int64) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			var info fs.FileInfo
			if info, err = entry.Info(); err == nil {
				total += info.Size()
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was just removed
		}
		return err
	}))
	return total
}
