package purchase

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"filippo.io/age"

	"cosmossdk.io/math"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// open writes the sample out when its key is right, and disputes a wrong key.
func (b *Buyer) open(ctx context.Context, s *sale) error {
	key, right := s.fileKey()
	if !right {
		return b.dispute(ctx, s)
	}
	path, err := b.decrypt(ctx, s, key)
	if err != nil {
		return err
	}
	b.did("written")
	if err := b.advance(s, Done); err != nil {
		return err
	}
	status := Bought
	if s.opened {
		status = Opened
	}
	b.Result(Result{
		SHA256: s.SHA256, Order: s.Order, Status: status, Product: s.Product, Price: s.Price, Operator: s.Operator, File: path,
	})
	return b.Journal.dropCiphertext(s.Record)
}

// decrypt fetches the ciphertext anew when the one here has been damaged.
func (b *Buyer) decrypt(ctx context.Context, s *sale, key []byte) (path string, err error) {
	cached := b.Journal.path(s.Record, cipherSuffix)
	for range 2 {
		if err := b.ensureCiphertext(ctx, s); err != nil {
			return "", err
		}
		if path, err = b.decryptFile(ctx, s, cached, key); err == nil {
			return path, nil
		}
		if verified := verifyFile(ctx, cached, s.Sealing); !errors.Is(verified, errOtherContent) {
			return "", fmt.Errorf("the key is right, but the sample cannot be written: %w", err)
		}
		if err := b.Journal.dropCiphertext(s.Record); err != nil {
			return "", err
		}
	}
	return "", err
}

func (b *Buyer) decryptFile(ctx context.Context, s *sale, cached string, key []byte) (path string, err error) {
	file, err := os.Open(cached)
	if err != nil {
		return "", err
	}
	defer file.Close()
	plain, err := age.Decrypt(file, age.NewInjectedFileKeyIdentity(key))
	if err != nil {
		return "", err
	}
	b.wait("writing %s", s.SHA256)
	return b.Output.write(ctx, s.SHA256, plain)
}

// dispute shows the chain that a key is wrong. The chain decides by the same rule. What a
// server tells is not enough to open the secret: it could lie about the key or about what it
// should be, and the bond would be lost.
func (b *Buyer) dispute(ctx context.Context, s *sale) error {
	b.wait("proving what was delivered for order %s", s.Order)
	order, err := b.Chain.Proven(ctx, s.Order)
	if err != nil {
		return fmt.Errorf("the key that a server told of is wrong, and what the chain has is not proved: %w", err)
	}
	switch order.Status {
	case markettypes.ORDER_STATUS_DELIVERED:
	case markettypes.ORDER_STATUS_REFUNDED:
		return b.refunded(s, order)
	case markettypes.ORDER_STATUS_SETTLED:
		return fmt.Errorf("the key is wrong, but the order ended before it was disputed (%s)", EndingName(order.Ending))
	default:
		return b.ended(ctx, s)
	}
	s.SealedKey, s.Sealing.KeyCommitment = order.SealedKey, order.Sealing.KeyCommitment
	if _, right := s.fileKey(); right {
		return b.open(ctx, s)
	}
	b.tell("the key that %s delivered for order %s is wrong: disputing it", order.Operator, s.Order)
	msg := &markettypes.MsgDisputeKey{Buyer: s.Buyer, Order: s.id(), Secret: s.Secret}
	_, err = b.Chain.Send(ctx, msg)
	b.did("disputed")
	if err != nil {
		return fmt.Errorf("the key is wrong, and disputing it failed; 'virusmap buy --resume' tries again until block %d: %w", order.DueHeight, err)
	}
	return b.ended(ctx, s)
}

// ended waits for the end of a disputed order, which comes with the block.
func (b *Buyer) ended(ctx context.Context, s *sale) error {
	for {
		order, err := b.Chain.Order(ctx, s.Order)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			b.wait("order %s: %s, asking again", s.Order, err)
		case order.Status == markettypes.ORDER_STATUS_REFUNDED:
			return b.refunded(s, order)
		case order.Status == markettypes.ORDER_STATUS_SETTLED:
			return fmt.Errorf("the chain found the key right (%s): the bond is lost", EndingName(order.Ending))
		}
		if err := b.pause(ctx); err != nil {
			return err
		}
	}
}

// Open writes samples out again that were paid for before.
func (b *Buyer) Open(ctx context.Context, records []*Record) error {
	var sales []*sale
	var bytes uint64
	for _, record := range records {
		bytes += min(record.Size, maxCiphertext)
		sales = append(sales, &sale{Record: record, opened: true})
	}
	if err := b.Output.Check(bytes); err != nil {
		return err
	}
	_, err := b.each(ctx, sales, func(ctx context.Context, s *sale) error {
		if len(s.SealedKey) > 0 {
			return b.open(ctx, s)
		}
		order, err := b.Chain.Order(ctx, s.Order)
		switch {
		case errors.Is(err, ErrUnknown):
			return errors.New("the chain has no such order: it was not paid, or is forgotten")
		case err != nil:
			return err
		case order.Status == markettypes.ORDER_STATUS_REFUNDED:
			return b.refunded(s, order)
		case len(order.SealedKey) == 0:
			return errors.New("its key has not been delivered yet; wait for it with 'virusmap buy --resume'")
		}
		if err := b.adopt(s, order); err != nil {
			return err
		}
		s.SealedKey = order.SealedKey
		if err := b.advance(s, Delivered); err != nil {
			return err
		}
		return b.open(ctx, s)
	})
	return err
}

// Dispute opens the secret of one order by hand. ask is called before it costs the bond:
// right tells that this side finds the key right, so that the bond would be lost.
func (b *Buyer) Dispute(ctx context.Context, record *Record, ask func(right bool) error) error {
	s := &sale{Record: record}
	order, err := b.Chain.Order(ctx, s.Order)
	if err != nil {
		return err
	}
	if order.Status != markettypes.ORDER_STATUS_DELIVERED {
		return fmt.Errorf("order %s cannot be disputed: it is %s", s.Order, StatusName(order.Status))
	}
	if err := b.adopt(s, order); err != nil {
		return err
	}
	s.SealedKey = order.SealedKey
	_, right := s.fileKey()
	if err := ask(right); err != nil {
		return err
	}
	msg := &markettypes.MsgDisputeKey{Buyer: s.Buyer, Order: s.id(), Secret: s.Secret}
	if _, err := b.Chain.Send(ctx, msg); err != nil {
		return err
	}
	return b.ended(ctx, s)
}

// StatusName is the name without its prefix, such as delivered.
func StatusName(status markettypes.OrderStatus) string {
	return strings.ToLower(strings.TrimPrefix(status.String(), "ORDER_STATUS_"))
}

// VMT writes an amount in uvmt as VMT.
func VMT(uvmt uint64) string {
	text := fmt.Sprintf("%d.%06d", uvmt/1_000_000, uvmt%1_000_000)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".") + " VMT"
}

func amount(uvmt uint64) math.Int { return math.NewIntFromUint64(uvmt) }
