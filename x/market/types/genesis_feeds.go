package types

import (
	"crypto/sha256"
	"math/bits"

	errorsmod "cosmossdk.io/errors"
)

// validateFeeds checks the heads, and the packages that came before them, in the order of
// their keys.
func (gs GenesisState) validateFeeds() error {
	open := make(map[string]int64, len(gs.FeedHeads))
	for i, head := range gs.FeedHeads {
		if err := head.Validate(); err != nil {
			return errorsmod.Wrapf(err, "feed_heads[%d]", i)
		}
		if i > 0 && head.Feed <= gs.FeedHeads[i-1].Feed {
			return ErrInvalidGenesis.Wrapf("feed_heads[%d]: %q is not in ascending order", i, head.Feed)
		}
		open[head.Feed] = head.Minute
	}
	for i, packaged := range gs.FeedPackages {
		if err := packaged.Validate(); err != nil {
			return errorsmod.Wrapf(err, "feed_packages[%d]", i)
		}
		if i > 0 && !gs.FeedPackages[i-1].before(packaged) {
			return ErrInvalidGenesis.Wrapf("feed_packages[%d]: (%d, %q) is not in ascending order", i, packaged.Minute, packaged.Feed)
		}
		if minute, growing := open[packaged.Feed]; growing && packaged.Minute >= minute {
			return ErrInvalidGenesis.Wrapf("feed_packages[%d]: minute %d of %q, but that of %d still grows", i, packaged.Minute, packaged.Feed, minute)
		}
	}
	return nil
}

// Validate checks a package by itself.
func (p FeedPackage) Validate() error {
	if err := ValidateFeed(p.Feed); err != nil {
		return ErrInvalidGenesis.Wrap(err.Error())
	}
	switch {
	case p.Minute < 0:
		return ErrInvalidGenesis.Wrapf("minute: %d is negative", p.Minute)
	case p.Count == 0:
		return ErrInvalidGenesis.Wrap("count: 0, a minute without entries has no package")
	case len(p.Root) != sha256.Size:
		return ErrInvalidGenesis.Wrapf("root: %d bytes, want %d", len(p.Root), sha256.Size)
	}
	return nil
}

// before tells the order of the keys.
func (p FeedPackage) before(next FeedPackage) bool {
	return p.Minute < next.Minute || p.Minute == next.Minute && p.Feed < next.Feed
}

// Validate checks a head by itself: it has a peak for each bit of its count.
func (h FeedHead) Validate() error {
	if err := ValidateFeed(h.Feed); err != nil {
		return ErrInvalidGenesis.Wrap(err.Error())
	}
	switch {
	case h.Minute < 0:
		return ErrInvalidGenesis.Wrapf("minute: %d is negative", h.Minute)
	case h.Count == 0:
		return ErrInvalidGenesis.Wrap("count: 0, a head has entries")
	case len(h.Peaks) != bits.OnesCount64(h.Count):
		return ErrInvalidGenesis.Wrapf("peaks: %d, want %d for a count of %d", len(h.Peaks), bits.OnesCount64(h.Count), h.Count)
	}
	for i, peak := range h.Peaks {
		if len(peak) != sha256.Size {
			return ErrInvalidGenesis.Wrapf("peaks[%d]: %d bytes, want %d", i, len(peak), sha256.Size)
		}
	}
	return nil
}
