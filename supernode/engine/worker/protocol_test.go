package worker

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(`{"op":"yara","args":{"rules":"YARA"},"timeout_ms":1000}`))
	f.Add([]byte(`{"op":"","timeout_ms":-1}`))
	f.Add([]byte(`{"op":"x","timeout_ms":1}{}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		call, err := decodeRequest(data)
		if err != nil {
			return
		}
		require.NotEmpty(t, call.Op)
		require.Positive(t, call.TimeoutMillis)
		_, err = json.Marshal(call)
		require.NoError(t, err)
	})
}

func FuzzDecodeReply(f *testing.F) {
	f.Add([]byte(`{"result":{"category":4}}`))
	f.Add([]byte(`{"error":"broken","timeout":true}`))
	f.Add([]byte(`{"result":1,"error":"both"}`))
	f.Add([]byte(`{"other":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		answer, err := decodeReply(data)
		if err != nil {
			return
		}
		var result any
		if answer.decode(&result) == nil {
			require.False(t, answer.Timeout)
			require.Empty(t, answer.Error)
		}
	})
}

func TestDecodeIsStrict(t *testing.T) {
	for name, packet := range map[string]string{
		"unknown field":    `{"op":"x","timeout_ms":1,"more":1}`,
		"trailing data":    `{"op":"x","timeout_ms":1} {}`,
		"no operation":     `{"timeout_ms":1}`,
		"negative timeout": `{"op":"x","timeout_ms":-5}`,
		"not JSON":         `op=x`,
		"nothing":          ``,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decodeRequest([]byte(packet))
			require.Error(t, err)
		})
	}
}
