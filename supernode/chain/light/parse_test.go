package light

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestParseReport(t *testing.T) {
	w := newWorld(t)
	good := string(w.document(t))
	report, err := ParseReport([]byte(good))
	require.NoError(t, err)
	require.Equal(t, hexOf(w.sha256), report.SHA256)
	require.Len(t, report.Results, 4)
	require.Equal(t, "Eicar-Test-Signature", *report.Results["clamav@north"].Label)
	require.Nil(t, report.Results["yara"].Label)
	require.Equal(t, Stats{
		"malicious": 2, "suspicious": 1, "undetected": 1, "harmless": 0,
		"timeout": 0, "confirmed-timeout": 0, "failure": 0, "type-unsupported": 0,
	}, report.Stats)

	var envelope map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(good), &envelope))
	bare, err := ParseReport(envelope["data"])
	require.NoError(t, err)
	require.Equal(t, report, bare)

	for name, test := range map[string]struct{ from, to, says string }{
		"repeated field":       {`"confidence":9`, `"confidence":9,"confidence":8`, `"confidence" is repeated`},
		"repeated engine":      {`"yara":{`, `"yara":{},"yara":{`, `"yara" is repeated`},
		"repeated results":     {`"last_analysis_results":{`, `"last_analysis_results":{},"last_analysis_results":{`, "is repeated"},
		"other case":           {`"confidence":9`, `"Confidence":9`, `"confidence" is missing`},
		"other case as well":   {`"confidence":9`, `"confidence":9,"Confidence":8`, `unknown field "Confidence"`},
		"unknown field":        {`"confidence":9`, `"confidence":9,"comment":"x"`, `unknown field "comment"`},
		"unknown in virusmap":  {`"chain_id":`, `"x":1,"chain_id":`, `unknown field "x"`},
		"unknown category":     {`"harmless":0`, `"harmles":0`, `"harmless" is missing`},
		"confidence too large": {`"confidence":9`, `"confidence":16`, "at most 15"},
		"negative confidence":  {`"confidence":9`, `"confidence":-1`, "at most 15"},
		"fraction":             {`"confidence":9`, `"confidence":9.5`, "want an integer"},
		"number as text":       {`"confidence":9`, `"confidence":"9"`, "want an integer"},
		"null":                 {`"confidence":9`, `"confidence":null`, "want an integer"},
		"null text":            {`"method":"attested"`, `"method":null`, "is null"},
		"control character":    {`"method":"attested"`, `"method":"\u001b[2J"`, "not printable"},
		"long label":           {`"Eicar-Test-Signature"`, `"` + strings.Repeat("a", 129) + `"`, "128 bytes"},
		"no file":              {`"type":"file"`, `"type":"domain"`, `want "file" or "url"`},
		"no URL":               {`"type":"file"`, `"type":"url"`, `"url" is missing`},
		"upper-case hash":      {`"id":"` + hexOf(w.sha256), `"id":"` + strings.ToUpper(hexOf(w.sha256)), "lower-case"},
		"two hashes":           {`"sha256":"`, `"sha256":"` + hexOf(digest("x")) + `","was":"`, "differs from id"},
		"stats as list":        {`"last_analysis_stats":{`, `"last_analysis_stats":[],"x":{`, "not a JSON object"},
		"negative height":      {`"height":7`, `"height":-7`, "want an integer"},
		"invalid UTF-8":        {`"a.bin"`, "\"a.bin\xff\"", "not UTF-8"},
		"data behind":          {good, good + "{}", "data after"},
		"cut off":              {good, good[:len(good)-1], "EOF"},
		"no results":           {`"last_analysis_results"`, `"results"`, "not finished"},
		"nothing":              {good, "", "not a JSON object"},
		"deep":                 {good, strings.Repeat(`{"data":`, 20000), "report"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, good, test.from)
			_, err := ParseReport([]byte(strings.Replace(good, test.from, test.to, 1)))
			require.ErrorContains(t, err, test.says)
		})
	}
	_, err = ParseReport(make([]byte, MaxReportBytes+1))
	require.ErrorContains(t, err, "at most")
}

func TestParseReportOfAURL(t *testing.T) {
	w := newWorld(t)
	file := string(w.document(t))
	const address = "http://shop.example/"
	url := strings.NewReplacer(`"type":"file"`, `"type":"url"`, hexOf(w.sha256), hexOf(digest(address)), `"sha256"`, `"url":"`+address+`","was"`).Replace(file)
	report, err := ParseReport([]byte(url))
	require.NoError(t, err)
	require.Equal(t, samplestypes.KIND_URL, report.Kind)
	require.Equal(t, hexOf(digest(address)), report.SHA256)
	require.EqualValues(t, len(address), *report.SizeBytes)
	_, err = ParseReport([]byte(strings.Replace(url, address, "http://bank.example/", 1)))
	require.ErrorContains(t, err, "not the SHA-256 of attributes.url")
}

func TestNamesAreVirusTotals(t *testing.T) {
	require.Equal(t, "confirmed-timeout", CategoryName(verdictstypes.CATEGORY_CONFIRMED_TIMEOUT))
	require.Equal(t, "type-unsupported", CategoryName(verdictstypes.CATEGORY_TYPE_UNSUPPORTED))
	require.Equal(t, "failure", CategoryName(verdictstypes.CATEGORY_UNDECRYPTABLE))
	require.Equal(t, "undetermined", OutcomeName(verdictstypes.OUTCOME_UNDETERMINED))
	require.Equal(t, "final", RoundStatusName(verdictstypes.ROUND_STATUS_FINAL))
	for category := range verdictstypes.Category_name {
		if category != 0 {
			require.Contains(t, Categories, CategoryName(verdictstypes.Category(category)))
		}
	}
}

func FuzzParseReport(f *testing.F) {
	f.Add([]byte(`{"data":{"type":"file","id":"` + strings.Repeat("0", 64) + `","attributes":{"sha256":"` + strings.Repeat("0", 64) +
		`","last_analysis_results":{"e":{"category":"harmless","engine_name":"e","engine_version":"1","engine_update":"","method":"attested",` +
		`"result":null,"confidence":1,"operator":"o","engine":"e","signature_digest":""}},` +
		`"last_analysis_stats":{"malicious":0,"suspicious":0,"undetected":0,"harmless":1,"timeout":0,"confirmed-timeout":0,"failure":0,"type-unsupported":0},` +
		`"virusmap":{"chain_id":"c","round":1,"outcome":"clean","height":1,"round_status":"final","seats":1,"attestations":1}}}}`))
	f.Add([]byte(`{"data":{"data":{}}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, document []byte) {
		report, err := ParseReport(document)
		if err != nil {
			return
		}
		require.Len(t, report.SHA256, 64)
		for _, result := range report.Results {
			require.LessOrEqual(t, result.Confidence, uint32(15))
			require.True(t, verdictstypes.IsPrintable(result.EngineName))
		}
	})
}
