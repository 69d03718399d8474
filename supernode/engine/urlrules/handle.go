package urlrules

import (
	"errors"
	"fmt"
	"sync"

	"github.com/virusmap/virusmap/supernode/engine/worker"
	"github.com/virusmap/virusmap/supernode/weburl"
)

// Args of the operations.
type Args struct {
	// Set names a loaded brand list.
	Set string `json:"set,omitempty"`
}

// Loaded is what became of a brand list.
type Loaded struct {
	Brands int `json:"brands"`
}

// The brand lists of this worker, by name.
var (
	mu   sync.Mutex
	sets = map[string][]Brand{}
)

// HandleLoad reads a brand list, which is the content of the task.
func HandleLoad(task *worker.Task) (any, error) {
	var args Args
	if err := task.Decode(&args); err != nil {
		return nil, err
	}
	brands, err := ParseBrands(string(task.Content))
	if err != nil {
		return nil, err
	}
	mu.Lock()
	defer mu.Unlock()
	sets[args.Set] = brands
	return Loaded{Brands: len(brands)}, nil
}

// Brands are those of a set that was loaded.
func Brands(set string) ([]Brand, error) {
	mu.Lock()
	defer mu.Unlock()
	brands, ok := sets[set]
	if !ok {
		return nil, fmt.Errorf("brand list %q is not loaded", set)
	}
	return brands, nil
}

// HandleLexical judges the URL that is the content of a task.
func HandleLexical(task *worker.Task) (any, error) {
	u, err := readTask(task)
	if err != nil {
		return nil, err
	}
	return Lexical(u), nil
}

// HandleLookalike judges the URL that is the content of a task by a loaded brand list.
func HandleLookalike(task *worker.Task) (any, error) {
	var args Args
	if err := task.Decode(&args); err != nil {
		return nil, err
	}
	brands, err := Brands(args.Set)
	if err != nil {
		return nil, err
	}
	u, err := readTask(task)
	if err != nil {
		return nil, err
	}
	return Lookalike(u, brands), nil
}

func readTask(task *worker.Task) (weburl.URL, error) {
	if len(task.Content) > weburl.MaxBytes {
		return weburl.URL{}, errors.New("content is larger than a URL")
	}
	return weburl.Parse(string(task.Content))
}
