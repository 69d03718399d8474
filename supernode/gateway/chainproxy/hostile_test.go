package chainproxy

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const status = `{"jsonrpc":"2.0","id":1,"method":"status"}`

// TestHostileNode is a node that wants its answer to be more than data.
func TestHostileNode(t *testing.T) {
	url := start(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Set-Cookie", "session=1")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Refresh", "0; url=http://evil.example")
		w.Header().Set("Connection", "X-Hop")
		w.Header().Set("X-Hop", "1")
		_, _ = io.WriteString(w, "<script>alert(1)</script>")
	}, nil)
	answer, body := send(t, http.MethodPost, url+"/r", status)
	require.Equal(t, "application/json; charset=utf-8", answer.Header.Get("Content-Type"))
	for _, name := range []string{"Set-Cookie", "Access-Control-Allow-Credentials", "Refresh", "X-Hop"} {
		require.Empty(t, answer.Header.Get(name), name)
	}
	require.Equal(t, "<script>alert(1)</script>", body)
}

// TestHeadersStayHere keeps what a browser sends from the node.
func TestHeadersStayHere(t *testing.T) {
	var got http.Header
	url := start(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header }, nil)
	send(t, http.MethodGet, url+"/a/cosmos/x", "", "Cookie", "a=b", "Authorization", "Basic x", "X-Apikey", "secret",
		"X-Forwarded-For", "192.0.2.1", "Origin", "http://evil.example", "X-Cosmos-Block-Height", "7")
	for _, name := range []string{"Cookie", "Authorization", "X-Apikey", "X-Forwarded-For", "Origin"} {
		require.Empty(t, got.Get(name), name)
	}
	require.Equal(t, "7", got.Get("X-Cosmos-Block-Height"))
	send(t, http.MethodGet, url+"/a/cosmos/x", "", "X-Cosmos-Block-Height", "7; evil")
	require.Empty(t, got.Get("X-Cosmos-Block-Height"))
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	asked := 0
	url := start(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
	}, nil)
	answer, _ := send(t, http.MethodGet, url+"/r/status", "")
	require.Equal(t, http.StatusBadGateway, answer.StatusCode)
	require.Empty(t, answer.Header.Get("Location"))
	require.Equal(t, 1, asked)
}

func TestEncodedAnswersAreRefused(t *testing.T) {
	url := start(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "\x1f\x8b")
	}, nil)
	answer, _ := send(t, http.MethodGet, url+"/r/status", "")
	require.Equal(t, http.StatusBadGateway, answer.StatusCode)
}

func TestNodeErrorsArePassedOn(t *testing.T) {
	url := start(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"error":{}}`)
	}, nil)
	answer, body := send(t, http.MethodGet, url+"/r/status", "")
	require.Equal(t, http.StatusInternalServerError, answer.StatusCode)
	require.Equal(t, `{"error":{}}`, body)
}

// TestLargeAnswers are refused when they say so, and cut off visibly when they do not.
func TestLargeAnswers(t *testing.T) {
	chunk := strings.Repeat("x", 1<<20)
	stream := func(w http.ResponseWriter, n int) {
		for range n {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	}
	t.Run("announced", func(t *testing.T) {
		url := start(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "67108865")
			stream(w, 65)
		}, nil)
		answer, _ := send(t, http.MethodGet, url+"/r/status", "")
		require.Equal(t, http.StatusBadGateway, answer.StatusCode)
	})
	for name, c := range map[string]struct {
		mebibytes int
		whole     bool
	}{"exactly the limit": {64, true}, "over the limit": {65, false}} {
		t.Run(name, func(t *testing.T) {
			url := start(t, func(w http.ResponseWriter, _ *http.Request) {
				w.(http.Flusher).Flush() // so that no length is known
				stream(w, c.mebibytes)
			}, nil)
			answer, err := http.Get(url + "/r/status")
			require.NoError(t, err)
			defer answer.Body.Close()
			_, err = io.Copy(io.Discard, answer.Body)
			require.Equal(t, c.whole, err == nil, "%v", err)
		})
	}
}

func TestNodeThatIsAway(t *testing.T) {
	url := start(t, echo, func(cfg *Config) { cfg.RPC = "http://127.0.0.1:1" })
	answer, body := send(t, http.MethodPost, url+"/r", status)
	require.Equal(t, http.StatusBadGateway, answer.StatusCode)
	require.NotContains(t, body, "127.0.0.1", "where the node is, is nobody's business")
}

// TestExchangesAreBounded keeps as many answers waiting as may run, and asks for one more.
func TestExchangesAreBounded(t *testing.T) {
	arrived, release := make(chan struct{}, maxExchanges), make(chan struct{})
	url := start(t, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-release
	}, nil)
	done := make(chan struct{})
	for range maxExchanges {
		go func() {
			if answer, err := http.Get(url + "/r/status"); err == nil {
				answer.Body.Close()
			}
			done <- struct{}{}
		}()
	}
	for range maxExchanges {
		<-arrived
	}
	answer, _ := send(t, http.MethodGet, url+"/r/status", "")
	require.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
	close(release)
	for range maxExchanges {
		<-done
	}
	answer, _ = send(t, http.MethodGet, url+"/r/status", "")
	require.Equal(t, http.StatusOK, answer.StatusCode)
}
