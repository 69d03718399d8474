package economy

import (
	"encoding/hex"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/sim/arena"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// finder brings real malware families, three members each, of which most are seen
// elsewhere too, and as many clean files.
func finder(name string, perEpoch int) *person {
	return &person{name: name, act: func(w *world, p *person, epoch, block int) {
		if block%10 != 5 || block/10 >= perEpoch {
			return
		}
		id := content("%s %d/%d", name, epoch, block)
		for member := range 3 {
			hash := w.bring(p, 0, content("%s member %d", id, member), arena.Truth{Malicious: true, Keys: family(id)})
			if w.Rand.Float64() < 0.7 {
				w.sight(hash, 5, 1, 2)
			}
			p.spent += costFind
		}
		for clean := range 3 {
			w.bring(p, 0, content("%s clean %d", id, clean), arena.Truth{})
		}
	}}
}

// hunter brings one hard sample an epoch, which is worth more than what everybody knows.
func hunter() *person {
	return &person{name: "hunter", act: func(w *world, p *person, epoch, block int) {
		if block != 15 {
			return
		}
		id := content("hunt %d", epoch)
		hash := w.bring(p, 1, id, arena.Truth{Malicious: true, Hard: true, Keys: family(id)})
		w.sight(hash, 10, 0, 2)
		p.spent += 2 * costFind
	}}
}

// mutator is E-21: forty trivial mutants of one file in each epoch.
func mutator() *person {
	return &person{name: "mutator", act: func(w *world, p *person, epoch, block int) {
		if block >= 40 {
			return
		}
		hash := w.bring(p, 1, content("mutant %d/%d", epoch, block), arena.Truth{Malicious: true, Keys: family("mutants")})
		if block == 0 {
			w.sight(hash, 5, 0, 2)
		}
		p.spent += costMutate
	}}
}

// author is E-22: three malware families of its own in each epoch, that engines miss at
// first. Accomplices bring them to that many other gateways.
func author(name string, accomplices int) *person {
	return &person{name: name, act: func(w *world, p *person, epoch, block int) {
		if block%20 != 8 || block > 50 {
			return
		}
		id := content("%s %d/%d", name, epoch, block)
		hash := w.bring(p, 2, id, arena.Truth{Malicious: true, Hard: true, Keys: family(id)})
		for gateway := range accomplices {
			w.sight(hash, 5, gateway)
		}
		p.spent += costWrite
	}}
}

// flooder brings clean files, twenty in each epoch, and pays the deposits itself.
func flooder() *person {
	return &person{name: "flooder", act: func(w *world, p *person, epoch, block int) {
		if block != 50 {
			return
		}
		msg := p.account.Submit()
		for i := range 20 {
			submission := w.Sample([]byte(content("flood %d/%d", epoch, i)), arena.Truth{})
			msg = appendSubmission(msg, submission)
		}
		w.send(p, msg)
	}}
}

// buyer pays for answers and for samples: each fifth epoch a bounty on a sample of the
// last one, and one for the hash of a sample that the finder is about to bring.
func buyer(finder string) *person {
	return &person{name: "buyer", act: func(w *world, p *person, epoch, block int) {
		if block != 60 || epoch%5 != 1 {
			return
		}
		amount := sdk.NewInt64Coin(app.Denom, 10_000_000)
		known := sha(content("%s %d/%d member %d", finder, epoch, 5, 0))
		wanted := sha(content("%s %d/%d member %d", finder, epoch+1, 5, 0))
		for _, bounty := range []struct {
			kind   bountytypes.BountyKind
			target []byte
		}{{bountytypes.BOUNTY_KIND_SAMPLE, known}, {bountytypes.BOUNTY_KIND_HASH, wanted}} {
			w.send(p, &bountytypes.MsgPostBounty{
				Funder: p.account.Address.String(), Kind: bounty.kind, Target: hex.EncodeToString(bounty.target),
				Amount: amount, DurationSeconds: 2 * arena.EpochBlocks,
			})
		}
	}}
}
