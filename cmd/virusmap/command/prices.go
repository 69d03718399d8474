package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/supernode/chain/light"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// priceLine is one product, one line of the output. Amounts are in uvmt.
type priceLine struct {
	Product string `json:"product"`
	Kind    string `json:"kind"`
	Price   uint64 `json:"price"`
	// Demand in the epoch, and the Target at which the price stays.
	Demand  uint64 `json:"demand"`
	Target  uint64 `json:"target"`
	OnOrder uint64 `json:"on_order"`
	// Escrowed for what is on order.
	Escrowed      string              `json:"escrowed"`
	MaxSizeBytes  uint64              `json:"max_size_bytes,omitempty"`
	PeriodSeconds uint64              `json:"period_seconds,omitempty"`
	Feed          string              `json:"feed,omitempty"`
	Quotas        *markettypes.Quotas `json:"quotas,omitempty"`
}

func (t *tool) pricesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "prices",
		Short: "Show what everything costs",
		Long: `prices shows what is sold, what it costs now, how much of it was asked for in this epoch
against the target at which the price stays, and how much is on order.`,
		Example: `  virusmap prices
  virusmap prices --output json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			lines, err := t.askPrices(command.Context())
			if err != nil {
				return err
			}
			rows := [][]string{{"PRODUCT", "VMT", "FOR", "DEMAND", "TARGET", "ON ORDER", "ESCROWED"}}
			for _, line := range lines {
				rows = append(rows, []string{
					line.Product, millionths(math.NewIntFromUint64(line.Price)), line.unit(),
					fmt.Sprint(line.Demand), fmt.Sprint(line.Target), fmt.Sprint(line.OnOrder), vmtOf(line.Escrowed),
				})
			}
			return t.putAll(lines, t.screen.table(rows, headline))
		},
	}
}

// putAll puts lines of JSON, or a text about all of them.
func (t *tool) putAll(lines []priceLine, text string) error {
	if !t.screen.asJSON {
		return t.screen.put(nil, text)
	}
	for _, line := range lines {
		if err := t.screen.put(line, ""); err != nil {
			return err
		}
	}
	return nil
}

// askPrices puts the products and their prices together.
func (t *tool) askPrices(ctx context.Context) ([]priceLine, error) {
	config, err := t.trust()
	if err != nil {
		return nil, err
	}
	return t.pricesAt(ctx, config)
}

func (t *tool) pricesAt(ctx context.Context, config light.Config) (lines []priceLine, err error) {
	var params markettypes.QueryParamsResponse
	var prices markettypes.QueryPricesResponse
	if err := t.ask(ctx, config, marketQuery+"Params", &markettypes.QueryParamsRequest{}, &params); err != nil {
		return nil, err
	}
	if err := t.ask(ctx, config, marketQuery+"Prices", &markettypes.QueryPricesRequest{}, &prices); err != nil {
		return nil, err
	}
	known := map[string]markettypes.Price{}
	for _, price := range prices.Prices {
		known[price.Product] = price
	}
	for _, product := range params.Params.Products {
		line := priceLine{
			Product: product.Id, Kind: strings.ToLower(strings.TrimPrefix(product.Kind.String(), "PRODUCT_KIND_")),
			Price: product.InitialPrice, Target: product.Target, Escrowed: "0",
			MaxSizeBytes: product.MaxSizeBytes, PeriodSeconds: product.PeriodSeconds, Feed: product.Feed,
		}
		if price, moved := known[product.Id]; moved {
			line.Price, line.Demand, line.OnOrder, line.Escrowed = price.Price, price.Demand, price.OpenOrders, orZero(price.Escrowed).String()
		}
		if product.Kind == markettypes.PRODUCT_KIND_PLAN {
			line.Quotas = &product.Quotas
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// unit says what the price is for.
func (p priceLine) unit() string {
	switch {
	case p.PeriodSeconds > 0:
		return period(p.PeriodSeconds)
	case p.MaxSizeBytes >= 1<<20:
		return fmt.Sprintf("up to %d MiB", p.MaxSizeBytes>>20)
	default:
		return fmt.Sprintf("up to %d bytes", p.MaxSizeBytes)
	}
}

func period(seconds uint64) string {
	const day = 24 * 60 * 60
	switch {
	case seconds == day:
		return "1 day"
	case seconds%day == 0:
		return fmt.Sprintf("%d days", seconds/day)
	default:
		return fmt.Sprintf("%d seconds", seconds)
	}
}

// vmtOf writes an amount in uvmt, which is text in JSON, as VMT without the name.
func vmtOf(text string) string {
	amount, ok := math.NewIntFromString(text)
	if !ok {
		return text
	}
	return millionths(amount)
}
