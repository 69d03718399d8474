package purchase_test

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	"github.com/virusmap/virusmap/cmd/virusmap/purchase/purchasetest"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

func TestBuying(t *testing.T) {
	s := newShop(t)
	sample := s.market.Add(t, []byte("MZ not a program"))
	require.NoError(t, s.buy(sample.SHA256))
	require.Equal(t, purchase.Result{
		SHA256: sample.SHA256, Order: s.records()[0].Order, Status: purchase.Bought, Product: "sample/small", Price: 1_000_000,
		Operator: purchasetest.Operator(), File: filepath.Join(s.out, sample.SHA256+".zip"),
	}, s.result())
	s.requireSold(sample)
	require.Contains(t, s.told, "paid 1 VMT into escrow")
	info, err := os.Stat(filepath.Join(s.home, s.result().Order+".json"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	// What was bought is not paid for again, also when it was deleted.
	require.NoError(t, os.RemoveAll(s.out))
	clear(s.market.Orders)
	require.NoError(t, s.buy(sample.SHA256))
	require.Equal(t, purchase.Opened, s.result().Status)
	s.requireSold(sample)
	require.EqualValues(t, 1_000_000, s.paid())
	require.NoError(t, s.resume())
	require.Empty(t, s.results)
	require.Equal(t, []string{"no purchase is unfinished"}, s.told)
}

func TestBuyingTheBareFile(t *testing.T) {
	s := newShop(t)
	s.adjust = func(b *purchase.Buyer) { b.Output.Raw, b.Accept = true, true }
	sample := s.market.Add(t, []byte("#!/bin/sh\n"))
	require.NoError(t, s.buy(sample.SHA256))
	info, err := os.Stat(filepath.Join(s.out, sample.SHA256))
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o111)
	require.Equal(t, markettypes.ENDING_ACCEPTED, s.market.Orders[s.result().Order].Ending)
}

func TestManySamplesGoInFewTransactions(t *testing.T) {
	s := newShop(t)
	s.market.Market.Params.MaxOrdersPerMsg = 2
	var hashes []string
	for _, plain := range []string{"a", "b", "c"} {
		hashes = append(hashes, s.market.Add(t, []byte(plain)).SHA256)
	}
	asked := purchase.Offer{}
	s.adjust = func(b *purchase.Buyer) { b.Confirm = func(offer purchase.Offer) error { asked = offer; return nil } }
	unknown := hex.EncodeToString(make([]byte, 32))
	require.NoError(t, s.buy(hashes[0], unknown, hashes[1], hashes[2]))
	require.Equal(t, purchase.Offer{Samples: 3, Total: 3_000_000, Products: map[string]int{"sample/small": 3}}, asked)
	require.Len(t, s.market.Messages, 2)
	require.EqualValues(t, 3_000_000, s.paid())
	require.Len(t, s.results, 4)
	require.Equal(t, purchase.Result{SHA256: unknown, Status: purchase.Failed, Error: "the chain does not know this sample"}, s.results[0])
}

func TestRefundsSayWhy(t *testing.T) {
	s := newShop(t)
	s.market.Market.Params.DeliveryWindowBlocks = 5
	sample := s.market.Add(t, []byte("sample"))
	s.market.Deliver = func(*markettypes.Order, *purchasetest.Sample) []byte { return nil }
	require.NoError(t, s.buy(sample.SHA256))
	require.Equal(t, purchase.Returned, s.result().Status)
	require.Contains(t, s.result().Error, "no key was delivered in time")

	s.market.Deliver = func(_ *markettypes.Order, sample *purchasetest.Sample) []byte { sample.Blocked = true; return nil }
	require.NoError(t, s.buy(sample.SHA256))
	require.Equal(t, purchase.Returned, s.result().Status)
	require.Contains(t, s.result().Error, "1 VMT were refunded: the sample was taken down")
}

func TestNothingIsPaidForWhatCannotBeHad(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*shop, *purchasetest.Sample)
		told  string
	}{
		"dear": {func(s *shop, sample *purchasetest.Sample) {
			sample.Price = 2_500_000
			s.adjust = func(b *purchase.Buyer) { b.MaxPrice = 2_000_000 }
		}, "it costs 2.5 VMT, more than the 2 VMT that you allow"},
		"blocked":   {func(_ *shop, sample *purchasetest.Sample) { sample.Blocked = true }, "sample is BLOCKED"},
		"not there": {func(s *shop, _ *purchasetest.Sample) { s.market.Lost = true }, "it does not have the ciphertext"},
		"of another root": {func(_ *shop, sample *purchasetest.Sample) {
			sample.Sealing.StorageRoot = make([]byte, 32)
		}, "not the ciphertext that the chain has a record of: storage root"},
		"of another size": {func(_ *shop, sample *purchasetest.Sample) { sample.Sealing.SizeBytes++ }, "it has "},
		"too much":        {func(_ *shop, sample *purchasetest.Sample) { sample.Sealing.SizeBytes-- }, "sends more than the size on the chain"},
		"huge":            {func(_ *shop, sample *purchasetest.Sample) { sample.Sealing.SizeBytes = 1 << 60 }, "limit"},
		"nowhere": {func(s *shop, _ *purchasetest.Sample) {
			s.adjust = func(b *purchase.Buyer) { b.Sources = nil }
		}, "nowhere to fetch it from"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			sample := s.market.Add(t, []byte("sample"))
			c.spoil(s, sample)
			require.NoError(t, s.buy(sample.SHA256))
			require.Equal(t, purchase.Failed, s.result().Status)
			require.Contains(t, s.result().Error, c.told)
			require.Empty(t, s.result().Order)
			require.Empty(t, s.market.Messages)
			require.Equal(t, []string{"lock"}, entries(t, s.home))
		})
	}
}

func TestAPlaceThatCannotBeWrittenIsFoundBeforePaying(t *testing.T) {
	s := newShop(t)
	sample := s.market.Add(t, []byte("sample"))
	require.NoError(t, os.WriteFile(s.out, nil, 0o600))
	require.ErrorContains(t, s.buy(sample.SHA256), "nothing was paid: ")
	require.NoError(t, os.Remove(s.out))
	sample.Plain = nil
	require.ErrorContains(t, purchase.Output{Dir: s.out}.Check(1<<62), "bytes left")
	s.adjust = func(b *purchase.Buyer) { b.Confirm = func(purchase.Offer) error { return errors.New("declined") } }
	require.ErrorContains(t, s.buy(sample.SHA256), "declined")
	require.Empty(t, s.market.Messages)
	require.Equal(t, []string{"lock"}, entries(t, s.home))
}

// Whether a payment arrived is for the chain to say.
func TestPaymentOfUnknownFate(t *testing.T) {
	s := newShop(t)
	sample := s.market.Add(t, []byte("sample"))
	s.market.Silent = errors.New("connection reset")
	require.ErrorContains(t, s.buy(sample.SHA256), "it is not known whether the payment arrived")
	require.Equal(t, purchase.Sent, s.records()[0].State)
	s.market.Silent = nil
	s.market.Samples[sample.SHA256].Price = 9_000_000
	require.NoError(t, s.buy(sample.SHA256))
	require.Equal(t, purchase.Bought, s.result().Status)
	require.EqualValues(t, 1_000_000, s.paid())

	// When the chain might have forgotten the order by now, nothing is sent.
	other := s.market.Add(t, []byte("other"))
	s.market.Silent = errors.New("connection reset")
	require.Error(t, s.buy(other.SHA256))
	s.market.Silent = nil
	clear(s.market.Orders)
	s.market.Market.Params.OrderRetentionSeconds = 0
	time.Sleep(time.Millisecond)
	require.NoError(t, s.buy(other.SHA256))
	require.Contains(t, s.result().Error, "it may have been paid for as order ")
	require.EqualValues(t, 2_000_000, s.paid())
}

func TestRefusedPayment(t *testing.T) {
	s := newShop(t)
	sample := s.market.Add(t, []byte("sample"))
	s.market.Refuse = errors.New("account has not enough VMT")
	require.NoError(t, s.buy(sample.SHA256))
	require.Contains(t, s.result().Error, "not enough VMT")
	require.Equal(t, purchase.Quoted, s.records()[0].State)
	s.market.Refuse = nil
	require.NoError(t, s.resume())
	s.requireSold(sample)
	require.Equal(t, 1, s.market.Requests, "the ciphertext was kept")

	// What a resumed purchase may cost was agreed on before.
	other := s.market.Add(t, []byte("other"))
	s.market.Refuse = errors.New("account has not enough VMT")
	require.NoError(t, s.buy(other.SHA256))
	s.market.Refuse = nil
	other.Price++
	require.NoError(t, s.resume())
	require.Contains(t, s.result().Error, "it costs 1.000001 VMT, more than the 1 VMT that you allow")
}

// A right key to something else than was sold is no wrong key: the bond would be lost.
func TestOtherContentThanSoldIsNotDisputed(t *testing.T) {
	s := newShop(t)
	sample := s.market.Add(t, []byte("sample"))
	sold := "ab" + sample.SHA256[2:]
	s.market.Samples[sold] = sample
	require.NoError(t, s.buy(sold))
	require.Contains(t, s.result().Error, "the key is right, but the sample cannot be written: the content is not what its hash says")
	require.Len(t, s.market.Messages, 1)
	require.Empty(t, entries(t, s.out))
}

// An order is about the sealing of its own moment, and a damaged ciphertext is fetched anew.
func TestCiphertextIsReplaced(t *testing.T) {
	s := newShop(t)
	first := s.market.Add(t, []byte("sample"))
	s.crashAt = 1 // fetched
	require.NoError(t, s.buy(first.SHA256))
	s.crashAt = -1
	second := s.market.Add(t, []byte("sample"))
	require.NotEqual(t, first.Sealing.Cid, second.Sealing.Cid)
	require.NoError(t, s.buy(second.SHA256))
	s.requireSold(second)

	other := s.market.Add(t, []byte("another"))
	s.crashAt = 6 // delivered
	require.NoError(t, s.buy(other.SHA256))
	s.crashAt = -1
	paths, err := filepath.Glob(filepath.Join(s.home, "*.age"))
	require.NoError(t, err)
	require.Len(t, paths, 1)
	require.NoError(t, os.WriteFile(paths[0], []byte("damaged"), 0o600))
	require.NoError(t, s.resume())
	require.Equal(t, purchase.Bought, s.result().Status)
}

func TestBundle(t *testing.T) {
	s := newShop(t)
	a, b2 := s.market.Add(t, []byte("a")), s.market.Add(t, []byte("b"))
	id := hex.EncodeToString(make([]byte, 32))
	bundle := markettypes.Bundle{Title: "two"}
	for _, hash := range []string{a.SHA256, b2.SHA256} {
		content, err := hex.DecodeString(hash)
		require.NoError(t, err)
		bundle.Samples = append(bundle.Samples, content)
	}
	s.market.Bundles[id] = bundle
	buy := func(ctx context.Context, b *purchase.Buyer) error {
		return b.BuyBundle(ctx, id, []string{b2.SHA256, a.SHA256})
	}
	root := b2.Sealing.StorageRoot
	b2.Sealing.StorageRoot = make([]byte, 32)
	require.ErrorContains(t, s.run(buy), "not all samples of the bundle can be fetched")
	require.Empty(t, s.market.Messages)

	b2.Sealing.StorageRoot = root
	s.crashAt = 3 // sent, the first of two
	require.NoError(t, s.run(buy))
	s.crashAt = -1
	require.NoError(t, s.resume())
	require.Len(t, s.results, 2)
	msg, ok := s.market.Messages[0].(*markettypes.MsgOrderSamples)
	require.True(t, ok)
	require.Equal(t, make([]byte, 32), msg.Bundle)
	require.Len(t, msg.Items, 2)
	require.EqualValues(t, 2_000_000, s.paid())
	require.NoError(t, s.run(buy))
	require.Equal(t, []string{purchase.Opened, purchase.Opened}, []string{s.results[0].Status, s.results[1].Status})
	require.Len(t, s.market.Messages, 1)
	require.ErrorIs(t, s.run(func(ctx context.Context, b *purchase.Buyer) error { return b.BuyBundle(ctx, "00", nil) }), purchase.ErrUnknown)
}
