package rewards

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/cosmos/gogoproto/proto"
)

// maxMismatches bounds those that a report names; all are counted.
const maxMismatches = 100

// Report tells what was compared and what differs.
type Report struct {
	Rows []Row `json:"rows"`
	// Rewards are the sums of the recount.
	Rewards Rewards `json:"rewards"`
	// Mismatches are the first hundred.
	Mismatches []Mismatch `json:"mismatches"`
}

// Row counts what was compared of one kind.
type Row struct {
	What      string `json:"what"`
	Compared  int    `json:"compared"`
	Different int    `json:"different"`
}

// Mismatch is one thing that differs. Height is 0 for what an export says.
type Mismatch struct {
	Height  int64  `json:"height"`
	What    string `json:"what"`
	Item    string `json:"item"`
	Recount string `json:"recount"`
	Chain   string `json:"chain"`
}

// Rewards are sums in uvmt over all epochs.
type Rewards struct {
	Emitted      *big.Int `json:"emitted"`
	Contributors *big.Int `json:"contributors"`
	Claimed      *big.Int `json:"claimed"`
	Engines      *big.Int `json:"engines"`
	Storage      *big.Int `json:"storage"`
}

func newReport() *Report {
	zero := func() *big.Int { return new(big.Int) }
	return &Report{Mismatches: []Mismatch{}, Rewards: Rewards{
		Emitted: zero(), Contributors: zero(), Claimed: zero(), Engines: zero(), Storage: zero(),
	}}
}

// Different is how many things differ.
func (r *Report) Different() (count int) {
	for _, row := range r.Rows {
		count += row.Different
	}
	return count
}

func (r *Report) compare(height int64, what, item, recount, chain string) {
	at := slices.IndexFunc(r.Rows, func(row Row) bool { return row.What == what })
	if at < 0 {
		at = len(r.Rows)
		r.Rows = append(r.Rows, Row{What: what})
	}
	r.Rows[at].Compared++
	if recount == chain {
		return
	}
	r.Rows[at].Different++
	if len(r.Mismatches) < maxMismatches {
		r.Mismatches = append(r.Mismatches, Mismatch{Height: height, What: what, Item: item, Recount: recount, Chain: chain})
	}
}

func (r *Rewards) settled(e *epoch) {
	r.Emitted.Add(r.Emitted, e.emission)
	r.Contributors.Add(r.Contributors, e.contributors)
}

func (r *Rewards) paid(engines, storage *big.Int) {
	r.Engines.Add(r.Engines, engines)
	r.Storage.Add(r.Storage, storage)
}

func (r *Rewards) claimed(amount *big.Int) { r.Claimed.Add(r.Claimed, amount) }

// differing names the fields in which two messages of a type differ, with their values;
// nothing when none does.
func differing(ours, theirs proto.Message) (string, string) {
	switch {
	case ours == nil && theirs == nil:
		return "", ""
	case ours == nil:
		return "nothing", theirs.String()
	case theirs == nil:
		return ours.String(), "nothing"
	}
	a, b := reflect.ValueOf(ours).Elem(), reflect.ValueOf(theirs).Elem()
	var left, right []string
	for i := range a.NumField() {
		name, x, y := a.Type().Field(i).Name, text(a.Field(i)), text(b.Field(i))
		if x != y {
			left, right = append(left, name+" "+x), append(right, name+" "+y)
		}
	}
	return strings.Join(left, ", "), strings.Join(right, ", ")
}

func text(value reflect.Value) string {
	if bz, ok := value.Interface().([]byte); ok {
		return fmt.Sprintf("%x", bz)
	}
	return fmt.Sprintf("%v", value.Interface())
}
