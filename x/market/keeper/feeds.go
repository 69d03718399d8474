package keeper

import (
	"context"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func (k *Keeper) packageFeeds(ctx context.Context) error { return nil }

func (k *Keeper) addToFeeds(ctx context.Context, j verdictstypes.Judgement) error { return nil }

func (k *Keeper) pruneFeeds(ctx context.Context) error { return nil }
