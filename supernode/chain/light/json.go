package light

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// jsonObject reads the fields of one JSON object by exact name. The first error
// sticks, so that a caller may check once at the end.
type jsonObject struct {
	path   string
	fields map[string]json.RawMessage
	read   map[string]bool
	err    error
}

// parseObject refuses repeated keys, which encoding/json would let the last one win.
func parseObject(path string, raw []byte, limit int) *jsonObject {
	object := &jsonObject{path: path, fields: map[string]json.RawMessage{}, read: map[string]bool{}}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	open, err := decoder.Token()
	if err != nil || open != json.Delim('{') {
		object.fail("is not a JSON object")
		return object
	}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			object.fail("%s", err)
			return object
		}
		key, _ := token.(string)
		if _, repeated := object.fields[key]; repeated {
			object.fail("field %.64q is repeated", key)
			return object
		}
		if len(object.fields) == limit {
			object.fail("more than %d fields", limit)
			return object
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			object.fail("%.64q: %s", key, err)
			return object
		}
		object.fields[key] = value
	}
	if _, err := decoder.Token(); err != nil {
		object.fail("%s", err)
	} else if _, err := decoder.Token(); err != io.EOF {
		object.fail("data after the object")
	}
	return object
}

func (o *jsonObject) fail(format string, args ...any) {
	if o.err == nil {
		o.err = fmt.Errorf("%s: %s", o.path, fmt.Sprintf(format, args...))
	}
}

// take returns the raw value of a field that has to be there.
func (o *jsonObject) take(name string) json.RawMessage {
	if o.err != nil {
		return nil
	}
	raw, ok := o.fields[name]
	if !ok {
		o.fail("field %.64q is missing", name)
	}
	o.read[name] = true
	return raw
}

func (o *jsonObject) object(name string, limit int) *jsonObject {
	raw := o.take(name)
	if o.err != nil {
		return &jsonObject{path: o.path, err: o.err}
	}
	return parseObject(fmt.Sprintf("%s.%.64s", o.path, name), raw, limit)
}

func (o *jsonObject) text(name string, maxBytes int) string {
	value := o.textOrNull(name, maxBytes)
	if o.err == nil && value == nil {
		o.fail("%s is null, want a string", name)
	}
	if value == nil {
		return ""
	}
	return *value
}

// optionalText is "" when the field is not there.
func (o *jsonObject) optionalText(name string, maxBytes int) string {
	if _, ok := o.fields[name]; !ok {
		return ""
	}
	return o.text(name, maxBytes)
}

func (o *jsonObject) textOrNull(name string, maxBytes int) *string {
	raw := o.take(name)
	if o.err != nil {
		return nil
	}
	var value *string
	if err := json.Unmarshal(raw, &value); err != nil {
		o.fail("%s is not a string", name)
	} else if value != nil && (len(*value) > maxBytes || !verdictstypes.IsPrintable(*value)) {
		o.fail("%s is longer than %d bytes or not printable", name, maxBytes)
	}
	return value
}

func (o *jsonObject) hash(name string) string {
	value := o.text(name, 64)
	if raw, err := hex.DecodeString(value); o.err == nil && (err != nil || len(raw) != 32 || hex.EncodeToString(raw) != value) {
		o.fail("%s %.80q is not a SHA-256 in lower-case hex", name, value)
	}
	return value
}

func (o *jsonObject) integer(name string, limit uint64) uint64 {
	raw := o.take(name)
	if o.err != nil {
		return 0
	}
	var value *uint64
	if err := json.Unmarshal(raw, &value); err != nil || value == nil || *value > limit {
		o.fail("%s is %.32s, want an integer of at most %d", name, raw, limit)
		return 0
	}
	return *value
}

// finish refuses the fields that nobody asked for.
func (o *jsonObject) finish() error {
	if o.err != nil {
		return o.err
	}
	var unknown []string
	for name := range o.fields {
		if !o.read[name] {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		o.fail("unknown field %.64q", unknown[0])
	}
	return o.err
}
