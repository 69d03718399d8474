package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	"github.com/virusmap/virusmap/supernode/chain/light"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const (
	shownOrders = 20
	orderPage   = 100
	// maxOrderPages bounds what a server can make this command read.
	maxOrderPages = 1000
)

// orderLine is one order, one line of the output. Amounts are in uvmt.
type orderLine struct {
	Order    string     `json:"order"`
	SHA256   string     `json:"sha256"`
	Product  string     `json:"product"`
	Price    string     `json:"price"`
	Status   string     `json:"status"`
	Ending   string     `json:"ending,omitempty"`
	Operator string     `json:"operator"`
	Bundle   string     `json:"bundle,omitempty"`
	Height   int64      `json:"ordered_height"`
	Ordered  string     `json:"ordered"`
	Ended    string     `json:"ended,omitempty"`
	Due      int64      `json:"due_height,omitempty"`
	Split    *splitLine `json:"split,omitempty"`
}

// splitLine says where a price went.
type splitLine struct {
	Contributor string `json:"contributor"`
	Engines     string `json:"engines"`
	Deliverer   string `json:"deliverer"`
	Storage     string `json:"storage"`
	Burned      string `json:"burned"`
}

func (t *tool) ordersCommand() *cobra.Command {
	var account string
	var all bool
	command := &cobra.Command{
		Use:   "orders",
		Short: "List what an account ordered",
		Long: fmt.Sprintf(`orders lists what an account ordered, the newest first, as the chain has it: what it cost, how
it ended, and where the price went. It shows the newest %d, or with --all every order that
the chain remembers. It asks the RPC servers of trust.json and shows what they say.`, shownOrders),
		Example: `  virusmap orders
  virusmap orders --all --account vmt1... --output json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			buyer, config, err := t.buyer(command.Context(), account)
			if err != nil {
				return err
			}
			shown := 0
			var lines []orderLine
			err = t.eachOrder(command.Context(), config, buyer, func(order markettypes.Order) (bool, error) {
				shown++
				line := orderLineOf(order)
				if t.screen.asJSON {
					err = t.screen.put(line, "")
				} else {
					lines = append(lines, line)
				}
				return all || shown < shownOrders, err
			})
			if err != nil || t.screen.asJSON {
				return err
			}
			return t.screen.put(nil, t.ordersText(lines))
		},
	}
	declareSigning(command.Flags())
	command.Flags().StringVar(&account, "account", "", "account to look at (default that of the key)")
	command.Flags().BoolVar(&all, "all", false, "all that the chain remembers")
	return command
}

// eachOrder goes through the orders of a buyer, newest first, until do has seen enough.
func (t *tool) eachOrder(ctx context.Context, config light.Config, buyer string, do func(markettypes.Order) (more bool, err error)) error {
	page := &query.PageRequest{Limit: orderPage, Reverse: true}
	for range maxOrderPages {
		var answer markettypes.QueryOrdersResponse
		err := t.ask(ctx, config, marketQuery+"Orders", &markettypes.QueryOrdersRequest{Buyer: buyer, Pagination: page}, &answer)
		if err != nil {
			return err
		}
		for _, order := range answer.Orders {
			if more, err := do(order); err != nil || !more {
				return err
			}
		}
		if answer.Pagination == nil || len(answer.Pagination.NextKey) == 0 {
			return nil
		}
		page = &query.PageRequest{Limit: orderPage, Reverse: true, Key: answer.Pagination.NextKey}
	}
	return fmt.Errorf("more than %d orders", orderPage*maxOrderPages)
}

func orderLineOf(order markettypes.Order) orderLine {
	line := orderLine{
		Order: hex.EncodeToString(order.Id), SHA256: hex.EncodeToString(order.Sha256), Product: order.Product,
		Price: orZero(order.Price).String(), Status: purchase.StatusName(order.Status), Operator: order.Operator,
		Bundle: hex.EncodeToString(order.Bundle), Height: order.OrderedHeight, Ordered: clock(order.OrderedTime),
		Due: order.DueHeight,
	}
	if order.Ending != markettypes.ENDING_UNSPECIFIED {
		line.Ending, line.Ended = purchase.EndingName(order.Ending), clock(order.EndedTime)
	}
	if order.Status == markettypes.ORDER_STATUS_SETTLED {
		split := order.Split
		line.Split = &splitLine{
			Contributor: orZero(split.Contributor).String(), Engines: orZero(split.Engines).String(),
			Deliverer: orZero(split.Deliverer).String(), Storage: orZero(split.Storage).String(), Burned: orZero(split.Burned).String(),
		}
	}
	return line
}

// clock writes a block time.
func clock(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

func (t *tool) ordersText(lines []orderLine) string {
	if len(lines) == 0 {
		return "No order."
	}
	rows := [][]string{{"ORDERED", "PRODUCT", "VMT", "STATUS", "SHA256", "ORDER"}}
	for _, line := range lines {
		status := line.Status
		if line.Ending != "" {
			status += " (" + line.Ending + ")"
		}
		rows = append(rows, []string{line.Ordered, line.Product, vmtOf(line.Price), status, line.SHA256, line.Order})
	}
	return t.screen.table(rows, headline)
}

// headline makes the first row of a table bold.
func headline(row int) *color.Color {
	if row == 0 {
		return color.New(color.Bold)
	}
	return nil
}
