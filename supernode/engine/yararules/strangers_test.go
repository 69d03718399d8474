package yararules

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine/worker"
)

func try(t *testing.T, text string, seconds int) (Tried, error) {
	t.Helper()
	args, err := json.Marshal(TryArgs{Rule: text, Seconds: seconds})
	require.NoError(t, err)
	tried, err := HandleTry(&worker.Task{Args: args, Content: []byte("some text")})
	if err != nil {
		return Tried{}, err
	}
	return tried.(Tried), nil
}

func TestTryTellsARefusalFromAFailure(t *testing.T) {
	tried, err := try(t, `rule a { strings: $a = "text" condition: $a }`, 1)
	require.NoError(t, err)
	require.True(t, tried.Matched)
	tried, err = try(t, `rule a { strings: $a = "absent" condition: $a }`, 1)
	require.NoError(t, err)
	require.Equal(t, Tried{ScanMillis: tried.ScanMillis}, tried)
	tried, err = try(t, `include "/etc/passwd"`, 1)
	require.NoError(t, err)
	require.Contains(t, tried.Refused, "include")
	_, err = try(t, `rule a { condition: true }`, 0)
	require.ErrorContains(t, err, "no limit")
	_, err = try(t, `rule a { condition: filesize > 0 and for any i in (0..1000000000) : (uint8(i % 7) == 1) }`, 1)
	require.ErrorIs(t, err, worker.ErrTimeout)
}

func TestMatchWithoutRules(t *testing.T) {
	args, err := json.Marshal(MatchArgs{Set: "absent", Seconds: 1})
	require.NoError(t, err)
	_, err = HandleMatch(&worker.Task{Args: args})
	require.ErrorContains(t, err, `"absent" is not loaded`)
}

func TestMeasureStopsAtItsLimit(t *testing.T) {
	m := &measure{limit: 4}
	n, err := m.Write([]byte("1234"))
	require.NoError(t, err)
	require.Equal(t, 4, n)
	_, err = m.Write([]byte("5"))
	require.Error(t, err)
}
