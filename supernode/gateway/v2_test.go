package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// v2 sends a request of API v2 with parameters in the query.
func (n *node) v2(t *testing.T, method, path string, parameters ...string) (int, map[string]any) {
	t.Helper()
	values := url.Values{"apikey": {testKey}}
	for i := 0; i < len(parameters); i += 2 {
		values.Set(parameters[i], parameters[i+1])
	}
	status, raw := n.v2Raw(t, method, path+"?"+values.Encode(), "", "")
	var body map[string]any
	if len(raw) > 0 {
		require.NoError(t, json.Unmarshal(raw, &body), string(raw))
	}
	return status, body
}

func (n *node) v2Raw(t *testing.T, method, path, contentType, body string) (int, []byte) {
	t.Helper()
	request, err := http.NewRequest(method, n.url+"/vtapi/v2"+path, strings.NewReader(body))
	require.NoError(t, err)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, raw
}

func (n *node) judged(t *testing.T, content string) {
	t.Helper()
	n.upload(t, file(content))
	n.chain.finish(content, 5, verdictstypes.OUTCOME_MALICIOUS,
		verdictstypes.EngineVerdict{
			Operator: operator(1), Engine: "clamav", Version: "1.4.6", SignatureTime: 1_795_305_600,
			Category: verdictstypes.CATEGORY_MALICIOUS, Label: "Eicar-Test",
		},
		verdictstypes.EngineVerdict{Operator: operator(1), Engine: "yara", Version: "4.5.4", Category: verdictstypes.CATEGORY_UNDETECTED},
		verdictstypes.EngineVerdict{Operator: operator(1), Engine: "slow", Category: verdictstypes.CATEGORY_TIMEOUT})
}

// TestV2FileReport is row V-90.
func TestV2FileReport(t *testing.T) {
	n := startNode(t, nil)
	n.judged(t, "content")
	for _, method := range []string{"GET", "POST"} {
		status, report := n.v2(t, method, "/file/report", "resource", strings.ToUpper(hexOf("content")))
		require.Equal(t, 200, status)
		for name, want := range map[string]any{
			"response_code": 1.0, "verbose_msg": "Scan finished, information embedded", "resource": strings.ToUpper(hexOf("content")),
			"sha256": hexOf("content"), "scan_id": hexOf("content") + "-1900000100", "scan_date": "2030-03-17 17:48:20",
			"positives": 1.0, "total": 2.0, "permalink": n.url + "/file/" + hexOf("content"),
			"scans": map[string]any{
				"clamav": map[string]any{"detected": true, "version": "1.4.6", "result": "Eicar-Test", "update": "20261122"},
				"yara":   map[string]any{"detected": false, "version": "4.5.4", "result": nil},
			},
		} {
			require.Equal(t, want, report[name], name)
		}
		require.Len(t, report["md5"], 32)
	}
	_, report := n.v2(t, "GET", "/file/report", "resource", hexOf("content")+"-1900000100")
	require.Equal(t, 1.0, report["response_code"], "by the id of a scan")
	_, report = n.v2(t, "GET", "/file/report", "resource", hexOf("none"))
	require.Equal(t, 0.0, report["response_code"])
	_, report = n.v2(t, "GET", "/file/report", "resource", "nothing")
	require.Equal(t, -1.0, report["response_code"])
	n.upload(t, file("waiting"))
	_, report = n.v2(t, "GET", "/file/report", "resource", hexOf("waiting"))
	require.Equal(t, -2.0, report["response_code"])

	query := url.Values{"apikey": {testKey}, "resource": {hexOf("content") + ", " + hexOf("none") + "\nnothing"}}
	_, raw := n.v2Raw(t, "GET", "/file/report?"+query.Encode(), "", "")
	var list []map[string]any
	require.NoError(t, json.Unmarshal(raw, &list))
	require.Len(t, list, 3)
	require.Equal(t, 1.0, list[0]["response_code"])
	require.Equal(t, -1.0, list[2]["response_code"])
	status, _ := n.v2(t, "GET", "/file/report", "resource", strings.Repeat(hexOf("content")+",", 5))
	require.Equal(t, 400, status)
}

func TestV2Keys(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.RequestsPerMinute = 5 })
	resource := "resource=" + hexOf("none")
	status, raw := n.v2Raw(t, "POST", "/file/report", "application/x-www-form-urlencoded", "apikey="+testKey+"&"+resource)
	require.Equal(t, 200, status, string(raw))
	form, contentType := formOf(t, field{"apikey", "", testKey}, field{"resource", "", hexOf("none")})
	status, raw = n.v2Raw(t, "POST", "/file/report", contentType, form)
	require.Equal(t, 200, status, string(raw))
	form, contentType = formOf(t, field{"apikey", "", testKey}, file("in one form"))
	status, raw = n.v2Raw(t, "POST", "/file/scan", contentType, form)
	require.Equal(t, 200, status, string(raw))
	require.Contains(t, string(raw), hexOf("in one form"))

	form, contentType = formOf(t, file("no key"), field{"apikey", "", testKey})
	for name, c := range map[string]struct{ path, contentType, body string }{
		"no key":       {"/file/report?" + resource, "", ""},
		"wrong":        {"/file/report?apikey=wrong-key-0123456789&" + resource, "", ""},
		"short":        {"/file/report?apikey=x&" + resource, "", ""},
		"too late":     {"/file/scan", contentType, form},
		"broken form":  {"/file/scan", "multipart/form-data; boundary=x", "--x\r\nContent-Dis"},
		"no multipart": {"/file/scan", "", ""},
	} {
		status, raw := n.v2Raw(t, "POST", c.path, c.contentType, c.body)
		require.Equal(t, 403, status, name+string(raw))
		require.Empty(t, raw, name)
	}
	require.Equal(t, 1, int(n.queued(t)), "nothing else was taken in")

	var last int
	for range 10 {
		last, raw = n.v2Raw(t, "GET", "/file/report?apikey="+testKey+"&"+resource, "", "")
	}
	require.Equal(t, 204, last)
	require.Empty(t, raw)
}

func TestV2Scan(t *testing.T) {
	n := startNode(t, nil)
	form, contentType := formOf(t, field{"file", `C:\dir\name.bin`, "content"})
	status, raw := n.v2Raw(t, "POST", "/file/scan?apikey="+testKey, contentType, form)
	require.Equal(t, 200, status)
	var scan map[string]any
	require.NoError(t, json.Unmarshal(raw, &scan))
	require.Equal(t, 1.0, scan["response_code"])
	require.Equal(t, hexOf("content"), scan["sha256"])
	require.Regexp(t, "^"+hexOf("content")+"-[0-9]+$", scan["scan_id"])
	status, rescan := n.v2(t, "POST", "/file/rescan", "resource", hexOf("content"))
	require.Equal(t, 200, status)
	require.Equal(t, scan["scan_id"], rescan["scan_id"])
	_, rescan = n.v2(t, "POST", "/file/rescan", "resource", hexOf("none"))
	require.Equal(t, 0.0, rescan["response_code"])
	_, upload := n.v2(t, "GET", "/file/scan/upload_url")
	require.Equal(t, n.url+"/vtapi/v2/file/scan", upload["upload_url"])
	status, refused := n.v2(t, "POST", "/file/scan")
	require.Equal(t, 400, status)
	require.NotEmpty(t, refused["verbose_msg"])
}

func TestV2Comments(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	status, put := n.v2(t, "POST", "/comments/put", "resource", hexOf("content"), "comment", "#tagged text")
	require.Equal(t, 200, status)
	require.Equal(t, 1.0, put["response_code"], put)
	_, got := n.v2(t, "GET", "/comments/get", "resource", hexOf("content"))
	comments := got["comments"].([]any)
	require.Len(t, comments, 1)
	require.Equal(t, "#tagged text", comments[0].(map[string]any)["comment"])
	require.Regexp(t, `^\d{14}$`, comments[0].(map[string]any)["date"])
	require.Len(t, n.get(t, "/api/v3/comments?filter=tag:tagged").list(t), 1)
	_, unknown := n.v2(t, "POST", "/comments/put", "resource", hexOf("none"), "comment", "text")
	require.Equal(t, 0.0, unknown["response_code"])
	_, empty := n.v2(t, "POST", "/comments/put", "resource", hexOf("content"), "comment", "")
	require.Equal(t, -1.0, empty["response_code"])
}

// TestDebiansV2Client runs the client of Debian's python3-virustotal-api, unmodified.
func TestDebiansV2Client(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("/usr/bin/python3") // where Debian has its packages
	if err != nil || exec.Command(python, "-c", "import virus_total_apis, requests").Run() != nil {
		t.Fatal("python3-virustotal-api is not installed: run make setup")
	}
	n := startNode(t, nil)
	n.judged(t, "content")
	script := `
import sys
from virus_total_apis import PrivateApi
base, key, known = sys.argv[1:]
def ask(answer):
    assert answer["response_code"] == 200, answer
    return answer["results"]
api = PrivateApi(key); api.base = base
report = ask(api.get_file_report(known))
assert report["response_code"] == 1 and report["positives"] == 1 and report["total"] == 2, report
assert report["scans"]["clamav"] == {"detected": True, "version": "1.4.6", "result": "Eicar-Test", "update": "20261122"}, report
assert [r["response_code"] for r in ask(api.get_file_report([known, "0" * 64]))] == [1, 0]
scan = ask(api.scan_file(b"new content", from_disk=False, filename="new.bin"))
assert scan["response_code"] == 1, scan
assert ask(api.get_file_report(scan["sha256"]))["response_code"] == -2
assert ask(api.rescan_file(known))["response_code"] == 1
assert ask(api.put_comments(known, "a #comment"))["response_code"] == 1
assert ask(api.get_comments(known))["comments"][0]["comment"] == "a #comment"
assert api.get_upload_url == base + "file/scan"
assert ask(api.scan_url("http://www.example.com/a"))["response_code"] == 1
assert ask(api.get_url_report("http://www.example.com/a"))["response_code"] == -2
assert ask(api.get_domain_report("www.example.com"))["response_code"] == 1
assert ask(api.get_domain_report("unknown.example"))["response_code"] == 0
assert ask(api.get_ip_report("192.0.2.1"))["response_code"] == 0
wrong = PrivateApi("wrong-key-0123456789"); wrong.base = base
assert wrong.get_file_report(known)["response_code"] == 403
`
	out, err := exec.Command(python, "-c", script, n.url+"/vtapi/v2/", testKey, hexOf("content")).CombinedOutput()
	require.NoError(t, err, string(out))
}

func FuzzV2Resources(f *testing.F) {
	f.Add("a, b\nc", true)
	f.Fuzz(func(t *testing.T, text string, commas bool) {
		resources, err := v2Resources("resource", text, commas)
		if err != nil {
			require.Empty(t, resources)
			return
		}
		for _, resource := range resources {
			require.NotEmpty(t, resource)
		}
		require.LessOrEqual(t, len(resources), maxV2Resources)
	})
}
