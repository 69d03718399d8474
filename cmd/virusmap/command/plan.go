package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// subscriptionLine is a running plan or feed pass, one line of the output.
type subscriptionLine struct {
	Product string `json:"product"`
	// Price of each period that is left, in uvmt.
	Price       string              `json:"price"`
	PeriodsLeft uint32              `json:"periods_left"`
	PeriodEnds  string              `json:"period_ends"`
	Period      uint64              `json:"period_seconds"`
	Quotas      *markettypes.Quotas `json:"quotas,omitempty"`
	Feed        string              `json:"feed,omitempty"`
}

func (t *tool) planCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "plan",
		Short: "Subscribe to plans and feeds, and make API keys for them",
		Example: `  virusmap plan list
  virusmap plan buy professional --periods 3
  virusmap plan key --days 90`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(t.planListCommand(), t.planBuyCommand(), t.planShowCommand(), t.planCancelCommand(),
		t.planKeyCommand(), t.planRevokeCommand())
	return command
}

func (t *tool) planListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the plans and feed passes, with their quotas",
		Example: "  virusmap plan list",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			lines, err := t.askPrices(command.Context())
			if err != nil {
				return err
			}
			lines = slices.DeleteFunc(lines, func(line priceLine) bool { return line.PeriodSeconds == 0 })
			rows := [][]string{{"PRODUCT", "VMT", "PER", "GIVES"}}
			for _, line := range lines {
				rows = append(rows, []string{line.Product, millionths(math.NewIntFromUint64(line.Price)), line.unit(), gives(line.Quotas, line.Feed)})
			}
			return t.putAll(lines, t.screen.table(rows, headline))
		},
	}
}

// gives says in a line what a plan or a pass is good for.
func gives(quotas *markettypes.Quotas, feed string) string {
	if quotas == nil {
		return "the feed " + feed
	}
	text := fmt.Sprintf("%d lookups a day; a month: %d searches, %d retrohunts, %d rule jobs; %d livehunt rules",
		quotas.LookupsPerDay, quotas.SearchesPerMonth, quotas.RetrohuntsPerMonth, quotas.RuleJobsPerMonth, quotas.LivehuntRules)
	if quotas.LookbackDays > 0 {
		text += fmt.Sprintf("; retrohunts look back %d days", quotas.LookbackDays)
	}
	if quotas.PrivateGraphs {
		text += "; private graphs"
	}
	if len(quotas.Feeds) > 0 {
		text += "; feeds " + strings.Join(quotas.Feeds, ", ")
	}
	return text
}

func (t *tool) planBuyCommand() *cobra.Command {
	var periods uint32
	var maxPrice string
	var yes bool
	command := &cobra.Command{
		Use:   "buy TIER",
		Short: "Pay for periods of a plan or of a feed pass",
		Long: `buy pays for periods of a plan such as professional, or of a feed pass such as feed/files. The
first begins at once; those that have not begun can be taken back. Of what is running
already, the periods that have not begun are bought anew at the current price.`,
		Example: `  virusmap plan buy professional --periods 3
  virusmap plan buy feed/urls --periods 30 --max-price 120 --yes`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if periods == 0 {
				return usagef("--periods is 0, want at least 1")
			}
			return t.withNode(command.Context(), func(ctx context.Context, node purchase.Node) error {
				product, err := t.findPlan(ctx, node, arguments[0])
				if err != nil {
					return err
				}
				limit := product.Price
				if maxPrice != "" {
					if limit, err = parseVMT("--max-price", maxPrice); err != nil {
						return err
					}
				}
				if product.Price > limit {
					return fmt.Errorf("%s costs %s, more than the %s that you allow", product.Product, purchase.VMT(product.Price), purchase.VMT(limit))
				}
				total := math.NewIntFromUint64(product.Price).MulRaw(int64(periods))
				if err := t.agree(ctx, yes, "Pay %s VMT for %d periods of %s of %s?", millionths(total), periods, product.unit(), product.Product); err != nil {
					return err
				}
				var answer markettypes.MsgSubscribeResponse
				err = t.send(ctx, node, &markettypes.MsgSubscribe{
					Buyer: node.Buyer().String(), Product: product.Product, Periods: periods,
					MaxPrice: sdk.NewCoin(markettypes.Denom, math.NewIntFromUint64(limit)),
				}, &answer)
				if err != nil {
					return err
				}
				bought := struct {
					Product string `json:"product"`
					Periods uint32 `json:"periods"`
					Price   string `json:"price"`
				}{product.Product, periods, orZero(answer.Price).String()}
				return t.screen.put(bought, printable(fmt.Sprintf("%d periods of %s for %s VMT each; make a key with 'virusmap plan key'",
					periods, product.Product, uvmt(answer.Price))))
			})
		},
	}
	flags := command.Flags()
	declareSigning(flags)
	flags.Uint32Var(&periods, "periods", 1, "how many periods to pay for")
	flags.StringVar(&maxPrice, "max-price", "", "most that one period may cost, in VMT (default the price now)")
	flags.BoolVarP(&yes, "yes", "y", false, "do not ask before paying")
	return command
}

// findPlan takes the whole name of a product, or that of a tier.
func (t *tool) findPlan(ctx context.Context, node purchase.Node, name string) (priceLine, error) {
	lines, err := t.pricesAt(ctx, node.Config)
	if err != nil {
		return priceLine{}, err
	}
	var names []string
	for _, line := range lines {
		if line.PeriodSeconds == 0 {
			continue
		}
		if line.Product == name || line.Product == "plan/"+name {
			return line, nil
		}
		names = append(names, line.Product)
	}
	return priceLine{}, usagef("there is no plan %.64q; there are %s", name, strings.Join(names, ", "))
}

func (t *tool) planShowCommand() *cobra.Command {
	var account string
	command := &cobra.Command{
		Use:     "show",
		Short:   "Show the subscriptions of an account",
		Example: "  virusmap plan show --account vmt1...",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			buyer, config, err := t.buyer(command.Context(), account)
			if err != nil {
				return err
			}
			var answer markettypes.QuerySubscriptionsResponse
			err = t.ask(command.Context(), config, marketQuery+"Subscriptions", &markettypes.QuerySubscriptionsRequest{
				Buyer: buyer, Pagination: &query.PageRequest{Limit: orderPage},
			}, &answer)
			if err != nil {
				return err
			}
			return t.showSubscriptions(answer)
		},
	}
	declareSigning(command.Flags())
	command.Flags().StringVar(&account, "account", "", "account to look at (default that of the key)")
	return command
}

func (t *tool) showSubscriptions(answer markettypes.QuerySubscriptionsResponse) error {
	rows := [][]string{{"PRODUCT", "PERIOD ENDS", "PERIODS LEFT", "VMT EACH", "GIVES"}}
	for _, running := range answer.Subscriptions {
		line := subscriptionLine{
			Product: running.Product, Price: orZero(running.Price).String(), PeriodsLeft: running.PeriodsLeft,
			PeriodEnds: clock(running.DueTime), Period: running.PeriodSeconds, Feed: running.Feed,
		}
		if running.Kind == markettypes.PRODUCT_KIND_PLAN {
			line.Quotas = &running.Quotas
		}
		if t.screen.asJSON {
			if err := t.screen.put(line, ""); err != nil {
				return err
			}
		}
		rows = append(rows, []string{line.Product, line.PeriodEnds, fmt.Sprint(line.PeriodsLeft), vmtOf(line.Price), gives(line.Quotas, line.Feed)})
	}
	if t.screen.asJSON {
		return nil
	}
	text := "No subscription."
	if len(answer.Subscriptions) > 0 {
		text = t.screen.table(rows, headline)
	}
	if answer.RevokedTime > 0 {
		text += "\n\nAPI keys that were authorised until " + clock(answer.RevokedTime) + " are void."
	}
	return t.screen.put(nil, text)
}

// plain colours no row of a table.
func plain(int) *color.Color { return nil }
