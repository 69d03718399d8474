// Package allocation brings the whole supply into being, once: it turns a plan that
// people write into the genesis state of a new chain, and finds what is not of the plan.
package allocation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// maxPlanBytes bounds a plan: some thousands of accounts.
const maxPlanBytes = 1 << 20

// Plan says who gets what of the supply, as people write it. See Example.
type Plan struct {
	// Contribution is the treasury that pays for contributions; more than half of all.
	Contribution Amount `json:"contribution"`
	// Sale is free from the start. What it gives to no account waits in a module account.
	Sale Part `json:"sale"`
	// Developers and Supporters vest, and are given to accounts to the last uvmt.
	Developers Part `json:"developers"`
	Supporters Part `json:"supporters"`
	// Community is the pool that governance spends.
	Community Amount `json:"community"`
	// Emission is how the treasury is paid out; nil for the default.
	Emission *Emission `json:"emission,omitempty"`
}

// Part is a part of the supply with the accounts that get it.
type Part struct {
	// Amount is a share of the supply, or uvmt.
	Amount   Amount    `json:"amount"`
	Accounts []Account `json:"accounts,omitempty"`
}

// Account gets something of a part.
type Account struct {
	// Address is an address or the name of a key.
	Address string `json:"address"`
	// Amount is a share of the part, or uvmt.
	Amount Amount `json:"amount"`
	Vesting
}

// Emission is the schedule of the treasury. It cannot be changed later.
type Emission struct {
	// PeriodEpochs is after how many epochs the emission halves.
	PeriodEpochs uint64 `json:"period_epochs"`
	// Tail is the least emission of an epoch; a share is one of the treasury.
	Tail Amount `json:"tail"`
}

// ParsePlan reads a plan in JSON. Fields that it does not know are refused, as a plan
// cannot be corrected later.
func ParsePlan(r io.Reader) (Plan, error) {
	var plan Plan
	bz, err := io.ReadAll(io.LimitReader(r, maxPlanBytes+1))
	if err != nil {
		return plan, fmt.Errorf("plan: %w", err)
	}
	if len(bz) > maxPlanBytes {
		return plan, fmt.Errorf("plan is larger than %d bytes", maxPlanBytes)
	}
	decoder := json.NewDecoder(bytes.NewReader(bz))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&plan); err != nil {
		return plan, fmt.Errorf("plan: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return plan, errors.New("plan: something follows its end")
	}
	return plan, nil
}

// Example is a complete plan for a chain that starts at a time.
func Example(start time.Time) Plan {
	year := func(n int) time.Time { return start.AddDate(n, 0, 0) }
	return Plan{
		Contribution: "60%",
		Sale: Part{Amount: "20%", Accounts: []Account{
			{Address: "validator", Amount: "1000000000000uvmt"},
			{Address: "supernode-operator", Amount: "20000000000uvmt"},
		}},
		Developers: Part{Amount: "10%", Accounts: []Account{
			{Address: "lead-developer", Amount: "62.5%", Vesting: Vesting{Start: start, Cliff: year(1), End: year(4)}},
			{Address: "engine-developer", Amount: "37.5%", Vesting: Vesting{Start: start, Cliff: year(1), End: year(4)}},
		}},
		Supporters: Part{Amount: "5%", Accounts: []Account{
			{Address: "first-supporter", Amount: "50000000000000uvmt", Vesting: Vesting{Start: start, End: year(2)}},
		}},
		Community: "5%",
		Emission:  &Emission{PeriodEpochs: 1461, Tail: "0uvmt"},
	}
}
