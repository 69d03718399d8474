package threat

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// by gives each label to an engine of its own.
func by(labels ...string) (opinions []Opinion) {
	for i, label := range labels {
		opinions = append(opinions, Opinion{Engine: fmt.Sprint("engine", i), Label: label})
	}
	return opinions
}

func TestClassify(t *testing.T) {
	for name, tc := range map[string]struct {
		opinions   []Opinion
		want       string
		categories []Count
		names      []Count
	}{
		"no labels":              {nil, "", nil, nil},
		"labels that say naught": {by("", "Heuristic.PE.Injection", "win/malicious_confidence_100% (W)", "Unsafe", "ML.Attribute.HighConfidence", "Artemis!0A1B2C3D4E5F"), "", nil, nil},

		"ClamAV alone":        {by("Win.Trojan.Emotet-9953123-0"), "trojan.emotet", []Count{{1, "trojan"}}, []Count{{1, "emotet"}}},
		"ClamAV's type":       {by("Win.Malware.Razy-6847895-0"), "razy", nil, []Count{{1, "razy"}}},
		"ClamAV's exploit":    {by("Doc.Exploit.CVE_2017_11882-6584355-0"), "exploit", []Count{{1, "exploit"}}, nil},
		"Defender alone":      {by("Trojan:Win32/Emotet.PA!MTB"), "trojan.emotet", []Count{{1, "trojan"}}, []Count{{1, "emotet"}}},
		"Defender's compound": {by("TrojanDownloader:O97M/Donoff.SA!MTB"), "downloader.donoff", []Count{{1, "downloader"}}, []Count{{1, "donoff"}}},
		"Defender's guess":    {by("Trojan:Win32/Wacatac.B!ml"), "trojan", []Count{{1, "trojan"}}, nil},
		"a rule's name alone": {by("Emotet_Payload"), "", nil, nil},
		"a rule's name beside a signature": {
			by("Emotet_Payload", "Win.Malware.Emotet-1-0"), "emotet", nil, []Count{{2, "emotet"}},
		},
		"a rule with a category": {by("RAT_NanoCore"), "backdoor.nanocore", []Count{{1, "backdoor"}}, []Count{{1, "nanocore"}}},
		"the test file": {
			by("Win.Test.EICAR_HDB-1", "EICAR-Test-File", "EICAR-Test-File", "malware:EICAR-Test-File"), "eicar", nil, []Count{{3, "eicar"}},
		},
		"a family among generic words and variants": {
			by("Win.Ransomware.WannaCry-6313787-0", "Ransom:Win32/WannaCrypt.A!rsm", "MAL_Ransom_WannaCry_2017", "Trojan-Ransom.Win32.Wanna.m", "Win32:WanaCry-A [Trj]"),
			"ransomware.wannacry",
			[]Count{{4, "ransomware"}, {1, "trojan"}},
			[]Count{{2, "wannacry"}},
		},
		"two names": {
			by("Trojan.Emotet.Geodo", "Troj/Emotet-AB", "Win32/Geodo.A trojan"),
			"trojan.emotet/geodo",
			[]Count{{3, "trojan"}},
			[]Count{{2, "emotet"}, {2, "geodo"}},
		},
		"a special category before trojan": {
			by("Trojan.Win32.Fareit", "Downloader.Fareit"), "downloader.fareit", []Count{{1, "downloader"}, {1, "trojan"}}, []Count{{2, "fareit"}},
		},
		"other naming schemes": {
			by("W32.Sality", "Virus.Win32.Sality.gen", "W32/Sality.AT", "Win32/Sality.NBA virus", "PE_SALITY.RL", "Gen:Variant.Sality.3"),
			"virus.sality",
			[]Count{{2, "virus"}},
			[]Count{{6, "sality"}},
		},
		"an engine has one voice": {
			[]Opinion{{"clamav", "Win.Trojan.Emotet-1"}, {"clamav", "Win.Trojan.Emotet-2"}, {"yara", "Win.Worm.Conficker"}},
			"worm.conficker",
			[]Count{{1, "worm"}, {1, "trojan"}},
			[]Count{{1, "conficker"}, {1, "emotet"}},
		},
		"not a virus":              {by("not-a-virus:AdWare.Win32.Amonetize.gen"), "adware.amonetize", []Count{{1, "adware"}}, []Count{{1, "amonetize"}}},
		"not a virus but unwanted": {by("not-a-virus:HEUR:RiskTool.Win32.Generic"), "pua", []Count{{1, "pua"}}, nil},
		"lists of URLs":            {by("phishing:openphish", "phishing:lookalike-of-brand", "suspicious:random-name"), "phishing", []Count{{2, "phishing"}}, nil},
		"miners on the web":        {by("cryptomining:miner-in-page"), "miner", []Count{{1, "miner"}}, nil},
		"variants are no names":    {by("Trojan.Win32.Zbot.gjwx", "TR/Spy.Zbot.gjwy"), "spyware.zbot", []Count{{1, "spyware"}, {1, "trojan"}}, []Count{{2, "zbot"}}},
		"hashes are no names":      {by("Win.Trojan.ab12cd34ef-1", "Trojan.deadbeef01"), "trojan", []Count{{2, "trojan"}}, nil},
		"other scripts":            {by("Троян.Win32.Эмотет", "Trojan.Kelvin\u212aey"), "trojan.kelvin", []Count{{1, "trojan"}}, []Count{{1, "kelvin"}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := Classify(tc.opinions)
			if tc.want == "" {
				require.Nil(t, c)
				return
			}
			require.NotNil(t, c)
			require.Equal(t, tc.want, c.SuggestedLabel)
			require.Equal(t, tc.categories, c.Categories)
			require.Equal(t, tc.names, c.Names)
		})
	}
}

// The order in which engines come changes nothing.
func TestClassifyIsDeterministic(t *testing.T) {
	labels := []string{"Trojan.Alpha.Gamma", "Worm.Beta.Gamma", "Worm:Win32/Alpha", "Virus.Beta.Delta", "Virus.Delta", "Backdoor.Gamma"}
	want := Classify(by(labels...))
	for range 20 {
		opinions := by(labels...)
		for i := range opinions {
			j := (i*5 + 1) % len(opinions)
			opinions[i], opinions[j] = opinions[j], opinions[i]
		}
		require.Equal(t, want, Classify(opinions))
	}
}

func TestListsAreBounded(t *testing.T) {
	var opinions []Opinion
	for i := range 40 {
		for _, engine := range []string{"a", "b"} {
			opinions = append(opinions, Opinion{engine, "Trojan.family" + string(rune('a'+i%26)) + string(rune('a'+i/26))})
		}
	}
	require.Len(t, Classify(opinions).Names, maxListed)
}

func TestFormIsVirusTotals(t *testing.T) {
	encoded, err := json.Marshal(Classify(by("Win.Trojan.Emotet-1", "Trojan:Win32/Emotet")))
	require.NoError(t, err)
	require.JSONEq(t, `{"suggested_threat_label": "trojan.emotet", "popular_threat_category": [{"value": "trojan", "count": 2}],
		"popular_threat_name": [{"value": "emotet", "count": 2}]}`, string(encoded))
}

func FuzzClassify(f *testing.F) {
	f.Add("Win.Trojan.Emotet-1", "not-a-virus:!")
	f.Fuzz(func(t *testing.T, a, b string) {
		c := Classify([]Opinion{{"a", a}, {"b", b}})
		if c == nil {
			return
		}
		require.NotEmpty(t, c.SuggestedLabel)
		require.Regexp(t, `^[a-z0-9./]+$`, c.SuggestedLabel)
	})
}
