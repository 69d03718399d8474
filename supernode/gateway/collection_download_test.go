package gateway

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pieces counts what is written at once.
type pieces struct {
	*httptest.ResponseRecorder
	largest int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.largest = max(p.largest, len(b))
	return p.ResponseRecorder.Write(b)
}

// TestLargeCollectionIsSentInPieces downloads 8 MB of URLs.
func TestLargeCollectionIsSentInPieces(t *testing.T) {
	const items, size = 2 * downloadPage, 8000
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.RequestsPerMinute = 0 })
	path := collectionsPath + "/" + n.post(t, collectionsPath, collectionBody("large", "")).resource(t).ID
	for added := 0; added < items; {
		var urls []map[string]string
		for range min(100, items-added) {
			urls = append(urls, map[string]string{"url": fmt.Sprintf("http://example.com/%d/%s", added, strings.Repeat("a", size))})
			added++
		}
		n.post(t, path+"/urls", string(mustJSON(t, map[string]any{"data": urls}))).resource(t)
	}
	sent := func(format string) string {
		request := httptest.NewRequest(http.MethodGet, path+"/download/"+format, nil)
		request.Header.Set("X-Apikey", testKey)
		out := &pieces{ResponseRecorder: httptest.NewRecorder()}
		n.Handler().ServeHTTP(out, request)
		require.Equal(t, 200, out.Code)
		require.Less(t, out.largest, (downloadPage+1)*(size+200), format)
		return out.Body.String()
	}
	var listed struct{ Data []downloadedItem }
	require.NoError(t, json.Unmarshal([]byte(sent("json")), &listed))
	require.Len(t, listed.Data, items)
	rows, err := csv.NewReader(strings.NewReader(sent("csv"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, items+1)
}

func TestEmptyCollectionIsSent(t *testing.T) {
	n := startNode(t, nil)
	path := collectionsPath + "/" + n.post(t, collectionsPath, collectionBody("empty", "")).resource(t).ID + "/download/"
	require.JSONEq(t, `{"data":[]}`, string(n.get(t, path+"json").Raw))
	require.Equal(t, "type,id,value\n", string(n.get(t, path+"csv").Raw))
}
