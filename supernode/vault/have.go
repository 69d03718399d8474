package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
)

// MaxHave bounds the CIDs of one question.
const MaxHave = 1000

// maxCIDBytes is the length of a CIDv1 with a sha2-256 digest.
const maxCIDBytes = 36

// haveProtocol asks which files a peer has whole. The question is the binary CIDs, one
// after the other, each behind a byte with its length. The answer is a bit for each, the
// first in the lowest bit of the first byte.
var haveProtocol = Protocol{
	ID: "/virusmap/have/1", MaxQuestion: MaxHave * (1 + maxCIDBytes), MaxAnswer: (MaxHave + 7) / 8,
	PerSecond: 20, Burst: 50,
}

// Have asks a connected peer which of at most MaxHave files it has whole. A peer may lie;
// only fetching tells.
func (v *Vault) Have(ctx context.Context, peerID string, cids []cid.Cid) ([]bool, error) {
	if len(cids) > MaxHave {
		return nil, fmt.Errorf("vault: have: %d CIDs, limit %d", len(cids), MaxHave)
	}
	for _, c := range cids {
		if err := checkCID(c); err != nil {
			return nil, fmt.Errorf("vault: have: %w", err)
		}
	}
	answer, err := v.Ask(ctx, peerID, haveProtocol, encodeCIDs(cids))
	if err != nil {
		return nil, err
	}
	if want := (len(cids) + 7) / 8; len(answer) != want {
		return nil, fmt.Errorf("vault: have: answer of %s has %d bytes, want %d", peerID, len(answer), want)
	}
	has := make([]bool, len(cids))
	for i := range has {
		has[i] = answer[i/8]>>(i%8)&1 == 1
	}
	return has, nil
}

// answerHave is the handler of haveProtocol.
func (v *Vault) answerHave(ctx context.Context, _ string, question []byte) ([]byte, error) {
	cids, err := decodeCIDs(question)
	if err != nil {
		return nil, err
	}
	bits := make([]byte, (len(cids)+7)/8)
	for i, c := range cids {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if v.Has(ctx, c) {
			bits[i/8] |= 1 << (i % 8)
		}
	}
	return bits, nil
}

func encodeCIDs(cids []cid.Cid) []byte {
	var list bytes.Buffer
	for _, c := range cids {
		list.WriteByte(byte(len(c.Bytes())))
		list.Write(c.Bytes())
	}
	return list.Bytes()
}

func decodeCIDs(list []byte) ([]cid.Cid, error) {
	var cids []cid.Cid
	for len(list) > 0 {
		size := int(list[0])
		if list = list[1:]; size > len(list) {
			return nil, errors.New("list of CIDs is cut short")
		}
		if len(cids) == MaxHave {
			return nil, fmt.Errorf("more than %d CIDs", MaxHave)
		}
		c, err := cid.Cast(list[:size])
		if err != nil {
			return nil, err
		}
		if err := checkCID(c); err != nil {
			return nil, err
		}
		cids, list = append(cids, c), list[size:]
	}
	return cids, nil
}
