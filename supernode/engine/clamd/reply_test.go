package clamd

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseResult(t *testing.T) {
	tests := map[string]struct {
		reply string
		want  Result
		says  string
	}{
		"clean":          {"stream: OK", Result{}, ""},
		"found":          {"fd[12]: Win.Test.EICAR_HDB-1.UNOFFICIAL FOUND", Result{Name: "Win.Test.EICAR_HDB-1"}, ""},
		"official":       {"stream: Win.Test.EICAR_HDB-1 FOUND", Result{Name: "Win.Test.EICAR_HDB-1"}, ""},
		"too large":      {"INSTREAM size limit exceeded. ERROR", Result{TooLarge: true}, ""},
		"error":          {"stream: Can't allocate memory ERROR", Result{}, "Can't allocate memory"},
		"unknown":        {"UNKNOWN COMMAND", Result{}, "UNKNOWN COMMAND"},
		"neither":        {"stream: MAYBE", Result{}, "MAYBE"},
		"found no name":  {"stream:  FOUND", Result{}, "answered"},
		"nothing at all": {"", Result{}, "answered"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseResult(test.reply)
			if test.says != "" {
				require.ErrorContains(t, err, test.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestParseVersion(t *testing.T) {
	version, err := parseVersion("ClamAV 1.4.6")
	require.NoError(t, err)
	require.Equal(t, Version{Engine: "1.4.6"}, version)

	version, err = parseVersion("ClamAV 1.4.6/27500/Thu Jan  2 10:00:00 2026")
	require.NoError(t, err)
	require.Equal(t, "27500", version.Signatures)
	require.True(t, time.Date(2026, 1, 2, 10, 0, 0, 0, time.Local).Equal(version.Date))

	for _, reply := range []string{"", "ClamAV ", "ClamAV /1/2", "ClamAV 1/2/yesterday", "HTTP/1.1 400"} {
		_, err := parseVersion(reply)
		require.Error(t, err, reply)
	}
}

func TestParseAddress(t *testing.T) {
	for address, want := range map[string]Client{
		"/run/clamd.sock":      {"unix", "/run/clamd.sock"},
		"unix:/run/clamd.sock": {"unix", "/run/clamd.sock"},
		"tcp:127.0.0.1:3310":   {"tcp", "127.0.0.1:3310"},
		"tcp:[::1]:3310":       {"tcp", "[::1]:3310"},
	} {
		got, err := ParseAddress(address)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, address := range []string{"", "unix:", "tcp:nohost", "127.0.0.1:3310", "http://x"} {
		_, err := ParseAddress(address)
		require.Error(t, err, address)
	}
}

func FuzzReply(f *testing.F) {
	f.Add("stream: OK\x00")
	f.Add("fd[1]: Name.UNOFFICIAL FOUND\x00rest")
	f.Add("INSTREAM size limit exceeded. ERROR\x00")
	f.Add("ClamAV 1.4.6/27500/Thu Jan  2 10:00:00 2026\x00")
	f.Add(strings.Repeat("x", 2*maxReplyBytes))
	f.Fuzz(func(t *testing.T, data string) {
		reply, err := readReply(strings.NewReader(data))
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(reply), maxReplyBytes)
		if result, err := parseResult(reply); err == nil && result.TooLarge {
			require.Empty(t, result.Name)
		}
		if version, err := parseVersion(reply); err == nil {
			require.NotEmpty(t, version.Engine)
		}
	})
}
