package types

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/text"
)

const (
	maxTrancheTitle = 80
	// maxTrancheBits bounds amounts and prices, so that no cost overflows.
	maxTrancheBits = 120
	trancheDomain  = "virusmap/tranche/v1"
)

// NewTranche is the tranche that a message asks for, with nothing sold.
func NewTranche(msg *MsgCreateTranche) (Tranche, error) {
	tranche := Tranche{
		Title: msg.Title, Amount: msg.Amount, Price: msg.Price, PayDenom: msg.PayDenom,
		StartTime: msg.StartTime, EndTime: msg.EndTime, Cap: msg.Cap, Proceeds: msg.Proceeds,
		Sold: math.ZeroInt(),
	}
	if err := tranche.validateTerms(); err != nil {
		return Tranche{}, err
	}
	tranche.Id = tranche.termsID()
	return tranche, nil
}

// Validate checks a tranche, ErrInvalidTranche or ErrInvalidAddress, as a genesis has it.
func (t Tranche) Validate() error {
	if err := t.validateTerms(); err != nil {
		return err
	}
	switch {
	case !bytes.Equal(t.Id, t.termsID()):
		return ErrInvalidTranche.Wrapf("id: %x is not of its terms", t.Id)
	case t.Sold.IsNil() || t.Sold.IsNegative() || t.Sold.GT(t.Amount):
		return ErrInvalidTranche.Wrapf("sold: %s, want 0..%s", t.Sold, t.Amount)
	}
	return nil
}

// validateTerms checks all that does not change while the tranche is sold.
func (t Tranche) validateTerms() error {
	if len(t.Title) == 0 || len(t.Title) > maxTrancheTitle || !text.IsPrintable(t.Title) {
		return ErrInvalidTranche.Wrapf("title: %.100q is not 1..%d bytes of printable UTF-8", t.Title, maxTrancheTitle)
	}
	for _, number := range []struct {
		name  string
		value math.Int
	}{{"amount", t.Amount}, {"price", t.Price}, {"cap", t.Cap}} {
		if number.value.IsNil() || !number.value.IsPositive() || number.value.BigInt().BitLen() > maxTrancheBits {
			return ErrInvalidTranche.Wrapf("%s: %s, want a positive one of at most %d bits", number.name, number.value, maxTrancheBits)
		}
	}
	if err := sdk.ValidateDenom(t.PayDenom); err != nil {
		return ErrInvalidTranche.Wrapf("pay_denom: %s", err)
	}
	switch {
	case t.Cap.GT(t.Amount):
		return ErrInvalidTranche.Wrapf("cap: %s is above the amount of %s", t.Cap, t.Amount)
	case t.PayDenom == Denom:
		return ErrInvalidTranche.Wrapf("pay_denom: %s is what is sold", Denom)
	case t.StartTime < 0 || t.StartTime >= t.EndTime:
		return ErrInvalidTranche.Wrapf("start_time %d, end_time %d: 0 <= start < end does not hold", t.StartTime, t.EndTime)
	}
	proceeds, err := ParseAddress("proceeds", t.Proceeds)
	if err == nil && proceeds.String() != t.Proceeds {
		err = ErrInvalidAddress.Wrapf("proceeds: %q is not written as %s", t.Proceeds, proceeds)
	}
	return err
}

// termsID is SHA-256(domain || title || amount || price || pay denom || start || end ||
// cap || proceeds), each with its length as uint32 before it; numbers are decimal.
func (t Tranche) termsID() []byte {
	hash := sha256.New()
	hash.Write([]byte(trancheDomain))
	for _, field := range []string{
		t.Title, t.Amount.String(), t.Price.String(), t.PayDenom,
		strconv.FormatInt(t.StartTime, 10), strconv.FormatInt(t.EndTime, 10), t.Cap.String(), t.Proceeds,
	} {
		hash.Write(binary.BigEndian.AppendUint32(nil, uint32(len(field))))
		hash.Write([]byte(field))
	}
	return hash.Sum(nil)
}

// Left is what can still be sold, in uvmt; at the end it is burned.
func (t Tranche) Left() math.Int { return t.Amount.Sub(t.Sold) }

// Cost is what an amount of uvmt costs, rounded up: amount · price / 1,000,000.
func (t Tranche) Cost(amount math.Int) sdk.Coin {
	cost := amount.Mul(t.Price).AddRaw(ppm - 1).QuoRaw(ppm)
	return sdk.NewCoin(t.PayDenom, cost)
}

// OpenAt tells whether the tranche is sold at a time in unix seconds.
func (t Tranche) OpenAt(now int64) bool {
	return !t.Ended && t.StartTime <= now && now < t.EndTime
}
