package gateway

import (
	"encoding/json"
	"net/http"
	"strings"
)

// maxAttributeNames bounds the attributes query option in bytes.
const maxAttributeNames = 4096

// selected keeps the attributes that the query option attributes=a,b names; without it,
// all of them.
func selected(attributes any, r *http.Request) (any, error) {
	option := r.URL.Query().Get("attributes")
	if option == "" {
		return attributes, nil
	}
	if len(option) > maxAttributeNames {
		return nil, invalidArgument("attributes: %d bytes, at most %d", len(option), maxAttributeNames)
	}
	encoded, err := json.Marshal(attributes)
	if err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &all); err != nil {
		return nil, err
	}
	kept := make(map[string]json.RawMessage)
	for _, name := range strings.Split(option, ",") {
		if value, ok := all[name]; ok {
			kept[name] = value
		}
	}
	return kept, nil
}
