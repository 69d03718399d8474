package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/chain/light"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// maxRewardPages bounds how often a server may say that there is more.
const maxRewardPages = 1000

// rewards are what a contributor has, in whole: points are millionths of a sample, amounts
// are in uvmt.
type rewards struct {
	Contributor   string        `json:"contributor"`
	EarnedPoints  uint64        `json:"earned_points"`
	Established   bool          `json:"established"`
	PendingPoints uint64        `json:"pending_points"`
	Claimable     math.Int      `json:"claimable"`
	Claimed       math.Int      `json:"claimed"`
	Epochs        []epochReward `json:"epochs"`
	// Claim is the command that claims; empty when there is nothing to claim.
	Claim string `json:"claim,omitempty"`
}

type epochReward struct {
	Epoch   uint64   `json:"epoch"`
	Status  string   `json:"status"`
	Points  uint64   `json:"points"`
	Amount  math.Int `json:"amount"`
	Claimed bool     `json:"claimed"`
}

func (t *tool) rewardsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rewards [ADDRESS]",
		Short: "Show what a contributor earned, and how to claim it",
		Long: `rewards shows what an account earned by its samples, epoch by epoch, what waits for the
end of the epoch, and what can be claimed. Without ADDRESS it is the contributor of the
settings. It asks the RPC servers of trust.json, and what they say is not proved; what a
claim pays is decided by the chain.`,
		Example: `  virusmap rewards
  virusmap rewards vmt1... --output json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			contributor := t.settings.Contributor
			if len(arguments) == 1 {
				contributor = arguments[0]
			}
			if contributor == "" {
				return usagef("whose rewards? Name an account, or set yours with 'virusmap config set contributor vmt1...'")
			}
			if err := checkAddress("address", contributor); err != nil {
				return err
			}
			config, err := t.trust()
			if err != nil {
				return err
			}
			found, err := t.readRewards(command.Context(), config, contributor)
			if err != nil {
				return err
			}
			return t.screen.put(found, t.rewardsText(found))
		},
	}
}

func (t *tool) readRewards(ctx context.Context, config light.Config, contributor string) (rewards, error) {
	found := rewards{Contributor: contributor, Claimable: math.ZeroInt(), Claimed: math.ZeroInt(), Epochs: []epochReward{}}
	page := &query.PageRequest{}
	for range maxRewardPages {
		var answer bountytypes.QueryRewardsResponse
		err := t.ask(ctx, config, bountyQuery+"Rewards",
			&bountytypes.QueryRewardsRequest{Contributor: contributor, Pagination: page}, &answer)
		if errors.Is(err, sdkerrors.ErrKeyNotFound) {
			return found, nil // it never earned anything
		}
		if err != nil {
			return rewards{}, err
		}
		found.EarnedPoints, found.Established, found.PendingPoints = answer.Standing, answer.Established, answer.PendingPoints
		found.Claimable = orZero(answer.Claimable)
		found.add(answer.Epochs)
		if answer.Pagination == nil || len(answer.Pagination.NextKey) == 0 {
			break
		}
		page.Key = answer.Pagination.NextKey
	}
	if found.Claimable.IsPositive() {
		found.Claim = claimCommand(config)
	}
	return found, nil
}

func (r *rewards) add(epochs []bountytypes.EpochReward) {
	for _, epoch := range epochs {
		amount := orZero(epoch.Amount)
		if epoch.Claimed {
			r.Claimed = r.Claimed.Add(amount)
		}
		r.Epochs = append(r.Epochs, epochReward{
			Epoch: epoch.Epoch, Points: epoch.Points, Amount: amount, Claimed: epoch.Claimed,
			Status: strings.ToLower(strings.TrimPrefix(epoch.Status.String(), "EPOCH_STATUS_")),
		})
	}
}

// claimCommand is the line that claims. It offers no fee: the chain takes a claim that has
// something to pay for nothing.
func claimCommand(config light.Config) string {
	return fmt.Sprintf("vmtd tx bounty claim-rewards --from KEY --gas auto --gas-adjustment 1.5 --chain-id %s --node %s",
		config.ChainID, config.RPC[0])
}

func orZero(amount math.Int) math.Int {
	if amount.IsNil() {
		return math.ZeroInt()
	}
	return amount
}

func (t *tool) rewardsText(r rewards) string {
	standing := "a newcomer, whose points are capped"
	if r.Established {
		standing = "established"
	}
	text := t.screen.table([][]string{
		{"contributor", r.Contributor},
		{"earned", fmt.Sprintf("%s samples in all (%s)", millionths(math.NewIntFromUint64(r.EarnedPoints)), standing)},
		{"pending", fmt.Sprintf("%s samples until the epoch ends", millionths(math.NewIntFromUint64(r.PendingPoints)))},
		{"claimable", millionths(r.Claimable) + " VMT"},
		{"claimed", millionths(r.Claimed) + " VMT"},
	}, func(row int) *color.Color {
		if row == 3 && r.Claim != "" {
			return color.New(color.FgGreen)
		}
		return nil
	})
	if len(r.Epochs) > 0 {
		text += "\n\n" + t.epochsText(r.Epochs)
	}
	if r.Claim != "" {
		text += "\n\nClaim it, without a fee:\n  " + printable(r.Claim)
	}
	return text
}

func (t *tool) epochsText(epochs []epochReward) string {
	rows := [][]string{{"EPOCH", "STATUS", "SAMPLES", "VMT", "CLAIMED"}}
	for _, epoch := range epochs {
		claimed := "no"
		if epoch.Claimed {
			claimed = "yes"
		}
		rows = append(rows, []string{
			fmt.Sprint(epoch.Epoch), epoch.Status, millionths(math.NewIntFromUint64(epoch.Points)), millionths(epoch.Amount), claimed,
		})
	}
	return t.screen.table(rows, func(row int) *color.Color {
		if row == 0 {
			return color.New(color.Bold)
		}
		return nil
	})
}

// millionths writes points as samples, and uvmt as VMT.
func millionths(count math.Int) string {
	whole, rest := count.QuoRaw(1_000_000), count.ModRaw(1_000_000)
	if rest.IsZero() {
		return whole.String()
	}
	return whole.String() + "." + strings.TrimRight(fmt.Sprintf("%06d", rest.Int64()), "0")
}
