package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxPacketBytes bounds one request or reply. Anything larger travels in a
// memory file whose descriptor is attached to the request.
const maxPacketBytes = 64 << 10

// request is one packet from parent to worker; the content's descriptor rides along.
type request struct {
	Op   string          `json:"op"`
	Args json.RawMessage `json:"args,omitempty"`
	// TimeoutMillis is how long the operation may take.
	TimeoutMillis int64 `json:"timeout_ms"`
}

// reply is one packet from worker to parent. The worker may be under an
// attacker's control: whoever uses Result decodes it strictly.
type reply struct {
	Result  json.RawMessage `json:"result,omitempty"`
	Error   string          `json:"error,omitempty"`
	Timeout bool            `json:"timeout,omitempty"`
}

func encode(packet any) ([]byte, error) {
	data, err := json.Marshal(packet)
	if err != nil {
		return nil, err
	}
	if len(data) > maxPacketBytes {
		return nil, fmt.Errorf("packet has %d bytes, at most %d", len(data), maxPacketBytes)
	}
	return data, nil
}

func decodeRequest(data []byte) (request, error) {
	var r request
	if err := decodeStrict(data, &r); err != nil {
		return request{}, err
	}
	if r.Op == "" || r.TimeoutMillis <= 0 {
		return request{}, errors.New("request wants op and timeout_ms")
	}
	return r, nil
}

func decodeReply(data []byte) (reply, error) {
	var r reply
	if err := decodeStrict(data, &r); err != nil {
		return reply{}, err
	}
	if len(r.Result) > 0 && (r.Error != "" || r.Timeout) {
		return reply{}, errors.New("reply holds both a result and an error")
	}
	return r, nil
}

// decodeStrict refuses unknown fields and anything after the first value.
func decodeStrict(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the value")
	}
	return nil
}
