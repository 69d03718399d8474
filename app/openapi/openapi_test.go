package openapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/gorilla/mux"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/api/annotations"
	googleproto "google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/virusmap/virusmap/app/openapi"
	_ "github.com/virusmap/virusmap/x/samples/types"
	_ "github.com/virusmap/virusmap/x/supernode/types"
	_ "github.com/virusmap/virusmap/x/verdicts/types"
)

func get(t *testing.T, server *httptest.Server, path string) (string, *http.Response) {
	t.Helper()
	response, err := http.Get(server.URL + path)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body), response
}

func TestServesDescriptionAndPage(t *testing.T) {
	router := mux.NewRouter()
	openapi.Register(router)
	server := httptest.NewServer(router)
	defer server.Close()

	document, response := get(t, server, "/openapi.json")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "application/json", response.Header.Get("Content-Type"))
	require.JSONEq(t, string(openapi.Document), document)

	page, response := get(t, server, "/swagger/")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, response.Header.Get("Content-Type"), "text/html")
	require.Contains(t, page, `url: "./swagger.yaml"`, "the page loads its description from another place")
	loaded, response := get(t, server, "/swagger/swagger.yaml")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, document, loaded, "the page shows the SDK's description instead of ours")
	_, response = get(t, server, "/swagger/swagger-ui-bundle.js")
	require.Equal(t, http.StatusOK, response.StatusCode)
}

// Every REST route of the project's modules is described.
func TestDescribesEveryRoute(t *testing.T) {
	var document struct {
		Paths map[string]json.RawMessage `json:"paths"`
	}
	require.NoError(t, json.Unmarshal(openapi.Document, &document))
	routes := 0
	proto.HybridResolver.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(file.Package()), "virusmap.") {
			return true
		}
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				rule, ok := googleproto.GetExtension(methods.Get(j).Options(), annotations.E_Http).(*annotations.HttpRule)
				if !ok || rule == nil {
					continue
				}
				routes++
				require.Contains(t, document.Paths, rule.GetGet(), "run make generate")
			}
		}
		return true
	})
	require.NotZero(t, routes)
}
