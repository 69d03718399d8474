package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/virusmap/virusmap/testutil/network"
)

// earn pays a person who has no coins: points for a malicious sample, a claim without a
// fee when the epoch is over, and coins.
func earn(ctx context.Context, person network.Person, wallet network.Wallet, sample string) error {
	before, err := wallet.Balance(ctx)
	if err != nil {
		return err
	}
	step("what the malicious sample earned")
	if err := await(ctx, "points", person, func(r rewards) bool { return r.Pending > 0 || r.Claimable != "0" }); err != nil {
		return err
	}
	if err := show(person.Command(ctx, "explain", sample)); err != nil {
		return err
	}
	step("claiming it without a coin and without a fee")
	if err := await(ctx, "the end of the epoch", person, func(r rewards) bool { return r.Claimable != "0" }); err != nil {
		return err
	}
	if err := show(person.Command(ctx, "rewards")); err != nil {
		return err
	}
	after, err := claim(ctx, wallet)
	if err != nil {
		return err
	}
	fmt.Printf("\nbalance before  %s VMT\nbalance after   %s VMT\n", vmt(before), vmt(after))
	return nil
}

// claim sends the claim and returns the balance when it is in a block.
func claim(ctx context.Context, wallet network.Wallet) (balance int64, err error) {
	out, err := wallet.Vmtd(ctx, "tx", "bounty", "claim-rewards", "--from", wallet.Name, "--gas", "auto", "--gas-adjustment", "1.5").Output()
	if err != nil {
		return 0, fmt.Errorf("vmtd tx bounty claim-rewards: %w", err)
	}
	var sent struct {
		Code uint32 `json:"code"`
		Log  string `json:"raw_log"`
	}
	if err := json.Unmarshal(out, &sent); err != nil {
		return 0, fmt.Errorf("vmtd tx bounty claim-rewards: %w", err)
	}
	if sent.Code != 0 {
		return 0, fmt.Errorf("the claim was refused: %s", sent.Log)
	}
	err = network.Until(ctx, "the claimed coins", func() bool {
		found, err := wallet.Balance(ctx)
		balance = found
		return err == nil && found > 0
	})
	return balance, err
}

// rewards is what the demo reads of `virusmap rewards --output json`.
type rewards struct {
	Pending   uint64 `json:"pending_points"`
	Claimable string `json:"claimable"`
}

// await asks for the rewards until done, and shows that it is still there.
func await(ctx context.Context, what string, person network.Person, done func(rewards) bool) error {
	fmt.Printf("waiting for %s ", what)
	defer fmt.Println()
	for {
		out, err := person.Command(ctx, "--output", "json", "rewards").Output()
		if err != nil {
			return fmt.Errorf("virusmap rewards: %w", err)
		}
		var found rewards
		if err := json.Unmarshal(out, &found); err != nil {
			return fmt.Errorf("virusmap rewards: %w", err)
		}
		if done(found) {
			return nil
		}
		fmt.Print(".")
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		case <-time.After(time.Second):
		}
	}
}

func vmt(uvmt int64) string { return fmt.Sprintf("%d.%06d", uvmt/1_000_000, uvmt%1_000_000) }
