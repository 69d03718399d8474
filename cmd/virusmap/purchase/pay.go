package purchase

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"os"

	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// agree asks the buyer, and makes sure that what is bought can be written.
func (b *Buyer) agree(ctx context.Context, sales []*sale, bundle string) error {
	offer := Offer{Products: map[string]int{}}
	var size uint64
	for _, s := range sales {
		var carry uint64
		if size, carry = bits.Add64(size, s.Size, 0); carry > 0 {
			return errors.New("the sizes of the samples sum up to too much")
		}
		if s.unpaid() {
			offer.Samples, offer.Total = offer.Samples+1, offer.Total+s.Price
			offer.Products[s.Product]++
		}
	}
	if len(sales) == 0 {
		return nil
	}
	if bundle != "" && offer.Samples == len(sales) {
		found, err := b.Chain.Bundle(ctx, bundle)
		if err != nil {
			return err
		}
		offer.Total = found.Price
	}
	if err := b.Output.Check(size); err != nil {
		return fmt.Errorf("nothing was paid: %w", err)
	}
	if offer.Samples == 0 || b.Confirm == nil {
		return nil
	}
	return b.Confirm(offer)
}

// seal notes where the ciphertext is; one of another sealing is of no use.
func (b *Buyer) seal(s *sale, sealing samplestypes.Sealing) error {
	same := s.Sealing.SizeBytes == sealing.SizeBytes && bytes.Equal(s.Sealing.Cid, sealing.Cid) &&
		bytes.Equal(s.Sealing.StorageRoot, sealing.StorageRoot) && bytes.Equal(s.Sealing.KeyCommitment, sealing.KeyCommitment)
	if same {
		return nil
	}
	s.Sealing = sealing
	return b.Journal.dropCiphertext(s.Record)
}

// fetch gets the ciphertext. What was not paid for is forgotten when that fails.
func (b *Buyer) fetch(ctx context.Context, s *sale) error {
	if s.unpaid() {
		if err := b.Journal.save(s.Record); err != nil {
			return err
		}
		b.did("recorded")
	}
	err := b.ensureCiphertext(ctx, s)
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case s.State == Quoted:
		return errors.Join(fmt.Errorf("nothing was paid: %w", err), b.Journal.forget(s.Record))
	case s.State == Sent:
		return err
	default:
		b.tell("%s is paid, but its ciphertext cannot be fetched: %s; trying again when its key is there", s.SHA256, err)
		return nil
	}
}

func (b *Buyer) ensureCiphertext(ctx context.Context, s *sale) error {
	path := b.Journal.path(s.Record, cipherSuffix)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	b.wait("fetching %s, %d bytes", s.SHA256, s.Sealing.SizeBytes)
	if err := fetch(ctx, b.Sources, s.Sealing, b.Journal.path(s.Record, partSuffix), path); err != nil {
		return err
	}
	b.did("fetched")
	return nil
}

// advance is durable when it returns.
func (b *Buyer) advance(s *sale, state State) error {
	s.State = state
	if err := b.Journal.save(s.Record); err != nil {
		return err
	}
	b.did(string(state))
	return nil
}

// pay orders what is not paid, in one transaction. After an error of which it is not
// certain that nothing was paid, the records stay as Sent, and the chain is asked first
// when they are taken up again. Sending an order twice does nothing the second time.
func (b *Buyer) pay(ctx context.Context, sales []*sale, bundle string) ([]*sale, error) {
	if !anyUnpaid(sales) {
		return sales, nil
	}
	msg, err := b.message(ctx, sales, bundle)
	if err != nil {
		return nil, err
	}
	before := map[*sale]State{}
	for _, s := range sales {
		if before[s] = s.State; s.unpaid() {
			if err := b.advance(s, Sent); err != nil {
				return nil, err
			}
		}
	}
	b.wait("paying")
	_, err = b.Chain.Send(ctx, msg)
	b.did("broadcast")
	switch {
	case err == nil:
		return b.paid(ctx, sales)
	case errors.Is(err, ErrRefused):
		return b.refused(ctx, sales, before, err)
	default:
		return nil, fmt.Errorf("it is not known whether the payment arrived; 'virusmap buy --resume' finds out and goes on: %w", err)
	}
}

// message orders the unpaid, and for a bundle all of it, of which the chain knows the rest.
func (b *Buyer) message(ctx context.Context, sales []*sale, bundle string) (*markettypes.MsgOrderSamples, error) {
	msg := &markettypes.MsgOrderSamples{Buyer: b.Chain.Buyer().String()}
	var limit uint64
	for _, s := range sales {
		if !s.unpaid() {
			if bundle == "" {
				continue
			}
			if _, err := b.Chain.Order(ctx, s.Order); err != nil {
				return nil, fmt.Errorf("a part of the bundle was bought before, as order %s: %w; order the rest without --bundle", s.Order, err)
			}
		}
		item, err := s.item()
		if err != nil {
			return nil, err
		}
		msg.Items, limit = append(msg.Items, item), max(limit, s.MaxPrice)
	}
	id, err := hex.DecodeString(bundle)
	if err != nil {
		return nil, err
	}
	msg.Bundle, msg.MaxPrice = id, sdk.NewCoin(markettypes.Denom, amount(limit))
	return msg, nil
}

func (b *Buyer) paid(ctx context.Context, sales []*sale) ([]*sale, error) {
	var total uint64
	for _, s := range sales {
		if !s.unpaid() {
			continue
		}
		s.ordered = true
		// A server may be a block behind; the transaction is in one in any case.
		if err := b.look(ctx, s); err != nil && ctx.Err() != nil {
			return nil, err
		}
		if s.unpaid() {
			if err := b.advance(s, Paid); err != nil {
				return nil, err
			}
		}
		total += s.Price
		b.did("known")
	}
	b.tell("paid %s into escrow", VMT(total))
	return sales, nil
}

// refused sorts out what an earlier transaction has paid from what is not paid.
func (b *Buyer) refused(ctx context.Context, sales []*sale, before map[*sale]State, refusal error) ([]*sale, error) {
	var kept []*sale
	for _, s := range sales {
		if s.unpaid() && before[s] == Sent {
			if err := b.look(ctx, s); err != nil && !errors.Is(err, ErrUnknown) {
				return nil, err
			}
		}
		if !s.unpaid() {
			kept = append(kept, s)
			continue
		}
		if before[s] == Quoted {
			if err := b.advance(s, Quoted); err != nil {
				return nil, err
			}
		}
		b.fail(s, refusal)
	}
	return kept, nil
}

// look makes a sale Paid when the chain has its order.
func (b *Buyer) look(ctx context.Context, s *sale) error {
	order, err := b.Chain.Order(ctx, s.Order)
	if err != nil {
		return err
	}
	if err := b.adopt(s, order); err != nil {
		return err
	}
	return b.advance(s, Paid)
}

// adopt takes over what the chain has copied into the order.
func (b *Buyer) adopt(s *sale, order markettypes.Order) error {
	if order.Price.IsNil() || !order.Price.IsUint64() {
		return fmt.Errorf("order %s has no price", s.Order)
	}
	s.Price, s.Product, s.Operator = order.Price.Uint64(), order.Product, order.Operator
	return b.seal(s, order.Sealing)
}
