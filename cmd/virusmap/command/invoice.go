package command

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/supernode/chain/light"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

//go:embed invoice.html
var invoiceHTML string

var invoicePage = template.Must(template.New("invoice").Parse(invoiceHTML))

// invoice is what an account ordered, and where the prices went. Amounts are in VMT.
type invoice struct {
	ChainID string `json:"chain_id"`
	Buyer   string `json:"buyer"`
	// Period is a month in UTC, or empty when the orders were named.
	Period string        `json:"period,omitempty"`
	Orders []invoiceLine `json:"orders"`
	Totals invoiceTotals `json:"totals"`
}

// invoiceLine is one order. Settled is what was paid out, in the parts of Split; Refund is
// what went back, and Held what is still in escrow.
type invoiceLine struct {
	orderLine
	Contributor string `json:"contributor"`
	Settled     string `json:"settled"`
	Refund      string `json:"refund"`
	Held        string `json:"held"`
}

type invoiceTotals struct {
	Ordered string    `json:"ordered"`
	Settled string    `json:"settled"`
	Refund  string    `json:"refund"`
	Held    string    `json:"held"`
	Split   splitLine `json:"split"`
}

func (t *tool) invoiceCommand() *cobra.Command {
	var account, month, html string
	command := &cobra.Command{
		Use:   "invoice ORDER...",
		Short: "Write an invoice of orders",
		Long: `invoice says what was bought for how much, and where each part of the price went: to the
contributor, the engines, the deliverer, the storage, or burned. It is about named orders or
all of one month (UTC) that the chain remembers. --html writes a page that can be printed.`,
		Example: `  virusmap invoice --month 2030-01 --html invoice.html
  virusmap invoice ORDER --output json`,
		RunE: func(command *cobra.Command, arguments []string) error {
			if (len(arguments) > 0) == (month != "") {
				return usagef("name orders, or a --month")
			}
			var bill invoice
			var err error
			if month != "" {
				bill, err = t.monthly(command.Context(), account, month)
			} else {
				bill, err = t.ofOrders(command.Context(), arguments)
			}
			if err != nil {
				return err
			}
			if html != "" {
				if err := writePage(html, bill); err != nil {
					return err
				}
			}
			return t.screen.put(bill, t.invoiceText(bill))
		},
	}
	declareSigning(command.Flags())
	command.Flags().StringVar(&account, "account", "", "account to look at (default that of the key)")
	command.Flags().StringVar(&month, "month", "", "all orders of a month, as YYYY-MM")
	command.Flags().StringVar(&html, "html", "", "file to write a printable page to")
	return command
}

func (t *tool) monthly(ctx context.Context, account, month string) (invoice, error) {
	begin, err := time.Parse("2006-01", month)
	if err != nil {
		return invoice{}, usagef("--month %.32q is not like 2030-01", month)
	}
	buyer, config, err := t.buyer(ctx, account)
	if err != nil {
		return invoice{}, err
	}
	var orders []markettypes.Order
	err = t.eachOrder(ctx, config, buyer, func(order markettypes.Order) (bool, error) {
		if order.OrderedTime < begin.AddDate(0, 1, 0).Unix() && order.OrderedTime >= begin.Unix() {
			orders = append([]markettypes.Order{order}, orders...)
		}
		return order.OrderedTime >= begin.Unix(), nil
	})
	bill := newInvoice(config.ChainID, buyer, orders)
	bill.Period = month
	return bill, err
}

func (t *tool) ofOrders(ctx context.Context, ids []string) (invoice, error) {
	config, err := t.trust()
	if err != nil {
		return invoice{}, err
	}
	var orders []markettypes.Order
	for _, id := range ids {
		if !isSHA256(id) {
			return invoice{}, usagef("%.100q is not an order", id)
		}
		order, err := t.askOrder(ctx, config, strings.ToLower(id))
		if err != nil {
			return invoice{}, err
		}
		if len(orders) > 0 && order.Buyer != orders[0].Buyer {
			return invoice{}, fmt.Errorf("order %s is of another buyer than the first", id)
		}
		orders = append(orders, order)
	}
	return newInvoice(config.ChainID, orders[0].Buyer, orders), nil
}

func (t *tool) askOrder(ctx context.Context, config light.Config, id string) (markettypes.Order, error) {
	var answer markettypes.QueryOrderResponse
	err := t.ask(ctx, config, marketQuery+"Order", &markettypes.QueryOrderRequest{Id: id}, &answer)
	if errors.Is(err, sdkerrors.ErrKeyNotFound) || errors.Is(err, markettypes.ErrNotFound) {
		return answer.Order, fmt.Errorf("the chain has no order %s, or has forgotten it", id)
	}
	return answer.Order, err
}

func newInvoice(chainID, buyer string, orders []markettypes.Order) invoice {
	bill := invoice{ChainID: chainID, Buyer: buyer, Orders: []invoiceLine{}}
	ordered, settled, refund, held := math.ZeroInt(), math.ZeroInt(), math.ZeroInt(), math.ZeroInt()
	parts := markettypes.NoSplit()
	for _, order := range orders {
		price := orZero(order.Price)
		line := invoiceLine{orderLine: orderLineOf(order), Contributor: order.Contributor, Settled: "0", Refund: "0", Held: "0"}
		line.Price, ordered = millionths(price), ordered.Add(price)
		switch order.Status {
		case markettypes.ORDER_STATUS_SETTLED:
			line.Settled, settled = millionths(price), settled.Add(price)
			split := order.Split
			line.Split = inVMT(split)
			parts = markettypes.Split{
				Contributor: parts.Contributor.Add(orZero(split.Contributor)), Engines: parts.Engines.Add(orZero(split.Engines)),
				Deliverer: parts.Deliverer.Add(orZero(split.Deliverer)), Storage: parts.Storage.Add(orZero(split.Storage)),
				Burned: parts.Burned.Add(orZero(split.Burned)),
			}
		case markettypes.ORDER_STATUS_REFUNDED:
			line.Refund, refund = millionths(price), refund.Add(price)
		default:
			line.Held, held = millionths(price), held.Add(price)
		}
		bill.Orders = append(bill.Orders, line)
	}
	bill.Totals = invoiceTotals{
		Ordered: millionths(ordered), Settled: millionths(settled), Refund: millionths(refund), Held: millionths(held), Split: *inVMT(parts),
	}
	return bill
}

func inVMT(split markettypes.Split) *splitLine {
	return &splitLine{
		Contributor: uvmt(split.Contributor), Engines: uvmt(split.Engines), Deliverer: uvmt(split.Deliverer),
		Storage: uvmt(split.Storage), Burned: uvmt(split.Burned),
	}
}

// writePage writes the page under its name once all of it is there.
func writePage(path string, bill invoice) error {
	var page bytes.Buffer
	if err := invoicePage.Execute(&page, bill); err != nil {
		return err
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, page.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

func (t *tool) invoiceText(bill invoice) string {
	rows := [][]string{{"ORDERED", "PRODUCT", "VMT", "STATUS", "CONTRIBUTOR", "ENGINES", "DELIVERER", "STORAGE", "BURNED", "REFUND", "ORDER"}}
	row := func(ordered, product, price, status, refund, order string, split *splitLine) {
		if split == nil {
			split = &splitLine{"-", "-", "-", "-", "-"}
		}
		rows = append(rows, []string{
			ordered, product, price, status, split.Contributor, split.Engines, split.Deliverer, split.Storage, split.Burned, refund, order,
		})
	}
	for _, line := range bill.Orders {
		row(line.Ordered, line.Product, line.Price, line.Status, line.Refund, line.Order, line.Split)
	}
	totals := bill.Totals
	row("total", "", totals.Ordered, "", totals.Refund, "", &totals.Split)
	return t.screen.table([][]string{{"chain", bill.ChainID}, {"buyer", bill.Buyer}}, plain) + "\n\n" + t.screen.table(rows, headline) +
		fmt.Sprintf("\n\n%s VMT ordered: %s settled, %s refunded, %s held in escrow.", totals.Ordered, totals.Settled, totals.Refund, totals.Held)
}
