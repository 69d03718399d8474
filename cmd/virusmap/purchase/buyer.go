package purchase

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Buyer buys. Its functions may be nil, but for Result.
type Buyer struct {
	Chain   Chain
	Journal *Journal
	Sources []Source
	Output  Output
	// MaxPrice of one sample in uvmt; 0 is what each is quoted at.
	MaxPrice uint64
	// Accept ends the dispute window at once where all is well.
	Accept bool
	// Confirm is asked before anything is paid; its error ends the purchase.
	Confirm func(Offer) error
	// Tell is told what the buyer should know, Wait what is waited for.
	Tell, Wait func(text string)
	Result     func(Result)

	// step is called after each durable step, and interval is between polls, for tests.
	step     func(name string)
	interval time.Duration
}

// sale is a purchase under way.
type sale struct {
	*Record
	// opened tells that it was written out before.
	opened bool
	// ordered tells that it was paid for just now, so that servers may not know it yet.
	ordered bool
}

func (b *Buyer) did(step string) {
	if b.step != nil {
		b.step(step)
	}
}

func (b *Buyer) tell(format string, args ...any) {
	if b.Tell != nil {
		b.Tell(fmt.Sprintf(format, args...))
	}
}

func (b *Buyer) wait(format string, args ...any) {
	if b.Wait != nil {
		b.Wait(fmt.Sprintf(format, args...))
	}
}

func (b *Buyer) fail(s *sale, err error) {
	b.Result(Result{
		SHA256: s.SHA256, Order: s.order(), Status: Failed, Product: s.Product, Price: s.Price, Operator: s.Operator, Error: err.Error(),
	})
}

// order is empty as long as there cannot be one.
func (s *sale) order() string {
	if s.State == Quoted {
		return ""
	}
	return s.Order
}

// Buy buys samples by their SHA-256 in hex, which are distinct. Purchases of them that were
// begun before are continued, and what was bought before is opened again. The results are
// told one by one; the error is of what stopped everything.
func (b *Buyer) Buy(ctx context.Context, hashes []string) error {
	known, err := b.Purchases()
	if err != nil {
		return err
	}
	var sales []*sale
	for _, hash := range hashes {
		s, err := b.begin(known, hash)
		if err != nil {
			return err
		}
		if s.unpaid() {
			s.Bundle = ""
		}
		sales = append(sales, s)
	}
	return b.run(ctx, sales, "")
}

// BuyBundle buys all samples of a bundle, by its id in hex. The hashes are those that the
// buyer expects, or none.
func (b *Buyer) BuyBundle(ctx context.Context, bundle string, expected []string) error {
	known, err := b.Purchases()
	if err != nil {
		return err
	}
	found, err := b.Chain.Bundle(ctx, bundle)
	if err != nil {
		return fmt.Errorf("bundle %s: %w", bundle, err)
	}
	var hashes []string
	for _, content := range found.Bundle.Samples {
		hashes = append(hashes, hex.EncodeToString(content))
	}
	if len(expected) > 0 && !slices.Equal(slices.Sorted(slices.Values(expected)), slices.Sorted(slices.Values(hashes))) {
		return fmt.Errorf("bundle %s has other samples than those named; it has %s", bundle, strings.Join(hashes, " "))
	}
	var sales []*sale
	for _, hash := range hashes {
		s, err := b.begin(known, hash)
		if err != nil {
			return err
		}
		if s.unpaid() {
			s.Bundle = bundle
		}
		sales = append(sales, s)
	}
	return b.run(ctx, sales, bundle)
}

// Resume continues everything that was begun, for at most the price that was agreed to.
// What is paid comes first, because its dispute window may be running.
func (b *Buyer) Resume(ctx context.Context) error {
	known, err := b.Purchases()
	if err != nil {
		return err
	}
	var paid, unpaid, bundles []string
	add := func(list *[]string, name string) {
		if !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	for _, record := range known {
		switch {
		case !record.Unfinished():
		case !record.unpaid():
			add(&paid, record.SHA256)
		case record.Bundle != "":
			add(&bundles, record.Bundle)
		default:
			add(&unpaid, record.SHA256)
		}
	}
	if len(paid)+len(unpaid)+len(bundles) == 0 {
		b.tell("no purchase is unfinished")
	}
	errs := []error{b.Buy(ctx, paid), b.Buy(ctx, unpaid)}
	for _, bundle := range bundles {
		errs = append(errs, b.BuyBundle(ctx, bundle, nil))
	}
	return errors.Join(errs...)
}

// Purchases are those of this account on this chain.
func (b *Buyer) Purchases() ([]*Record, error) {
	all, err := b.Journal.Records()
	if err != nil {
		return nil, err
	}
	var own []*Record
	for _, record := range all {
		if !record.Unfinished() {
			if err := b.Journal.dropCiphertext(record); err != nil { // left by a crash
				return nil, err
			}
		}
		if record.ChainID == b.Chain.ChainID() && record.Buyer == b.Chain.Buyer().String() {
			own = append(own, record)
		}
	}
	return own, nil
}

// begin finds the purchase of a sample that is not over, or makes one. Of several, the one
// that is farthest counts.
func (b *Buyer) begin(known []*Record, hash string) (*sale, error) {
	progress := map[State]int{Quoted: 1, Sent: 2, Paid: 3, Delivered: 4, Done: 5}
	var found *Record
	for _, record := range known {
		if record.SHA256 == hash && progress[record.State] > 0 && (found == nil || progress[record.State] > progress[found.State]) {
			found = record
		}
	}
	if found != nil {
		return &sale{Record: found, opened: found.State == Done}, nil
	}
	record, err := newRecord(b.Chain.ChainID(), b.Chain.Buyer(), hash)
	return &sale{Record: record}, err
}
