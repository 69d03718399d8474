package rewards

import (
	"fmt"
	"math/big"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/cmd/recount/blocks"
	bounty "github.com/virusmap/virusmap/x/bounty/types"
)

// bank follows the balances of the treasury and of epochs by the events of x/bank, which
// know nothing of what the money is for.
type bank struct {
	genesis  map[string]*big.Int
	balances map[string]*big.Int
	// gifts are what others than the treasury sent to accounts of epochs.
	gifts map[string]*big.Int
	// moved tells that a balance changed in the running block.
	moved bool
	// known are the differences that were reported.
	known map[string]string
}

func newBank(genesis map[string]*big.Int) bank {
	return bank{genesis: genesis, balances: make(map[string]*big.Int), gifts: make(map[string]*big.Int), known: make(map[string]string)}
}

// watch follows an account from now on.
func (b *bank) watch(address string) {
	if b.balances[address] != nil {
		return
	}
	b.balances[address] = new(big.Int)
	if amount, known := b.genesis[address]; known {
		b.balances[address].Set(amount)
	}
}

func (b *bank) apply(event abci.Event) {
	switch event.Type {
	case "coin_received":
		b.move(b.balances[blocks.Attribute(event, "receiver")], event, 1)
	case "coin_spent":
		b.move(b.balances[blocks.Attribute(event, "spender")], event, -1)
	case "transfer":
		recipient := blocks.Attribute(event, "recipient")
		if b.balances[recipient] != nil && recipient != treasuryAddress() && blocks.Attribute(event, "sender") != treasuryAddress() {
			b.gifts[recipient] = b.gift(recipient)
			b.move(b.gifts[recipient], event, 1)
		}
	}
}

func (b *bank) move(balance *big.Int, event abci.Event, sign int64) {
	if balance == nil {
		return // nobody watches the account
	}
	coins, err := sdk.ParseCoinsNormalized(blocks.Attribute(event, "amount"))
	if err != nil {
		return // x/bank writes no other amounts
	}
	amount := coins.AmountOf(bounty.Denom).BigInt()
	balance.Add(balance, amount.Mul(amount, big.NewInt(sign)))
	b.moved = true
}

// gift is what others sent to the account of an epoch.
func (b *bank) gift(address string) *big.Int {
	if gift := b.gifts[address]; gift != nil {
		return gift
	}
	return new(big.Int)
}

// balance of an account that is watched.
func (b *bank) balance(address string) *big.Int {
	if balance := b.balances[address]; balance != nil {
		return balance
	}
	return new(big.Int)
}

// compareBalances holds the books of x/bounty against the balances, and checks that all
// of the treasury is somewhere: in it, with epochs, or paid.
func (a *Audit) compareBalances() {
	if !a.bank.moved && len(a.told) == 0 {
		return
	}
	a.bank.moved = false
	a.compareBalance("treasury", a.treasury, a.bank.balance(treasuryAddress()))
	somewhere := new(big.Int).Set(a.bank.balance(treasuryAddress()))
	for number := a.oldest; number <= a.epoch; number++ {
		e, address := a.at(number), epochAddress(number)
		if e.status == bounty.EPOCH_STATUS_CLOSED {
			continue
		}
		balance := new(big.Int).Sub(a.bank.balance(address), a.bank.gift(address))
		a.compareBalance(fmt.Sprintf("epoch %d", number), e.balance, balance)
		if e.open() {
			somewhere.Add(somewhere, balance)
			somewhere.Add(somewhere, e.claimed)
		}
	}
	for _, paid := range []*big.Int{a.ledger.contributors, a.ledger.engines, a.ledger.storage} {
		somewhere.Add(somewhere, paid)
	}
	a.compareBalance("all of the treasury", a.genesis.Bounty.Schedule.Treasury.BigInt(), somewhere)
}

// compareBalance reports a difference once, till it changes.
func (a *Audit) compareBalance(item string, books, bank *big.Int) {
	difference := new(big.Int).Sub(bank, books).String()
	if books.Cmp(bank) != 0 && a.bank.known[item] == difference {
		return
	}
	a.bank.known[item] = difference
	a.Report.compare(a.height, "balances", item, books.String(), bank.String())
}
