package gateway

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/virusmap/virusmap/supernode/queue"
)

// channelHeader is how a client says through what it submits.
const channelHeader = "X-Virusmap-Channel"

// channel is the way a submission came in, which decides about its place in the queue.
type channel string

// Channels, those that go first being first.
const (
	channelWeb       channel = "web"
	channelWallet    channel = "wallet"
	channelMobile    channel = "mobile"
	channelExtension channel = "extension"
	channelAPI       channel = "api"
	channelFeed      channel = "feed"
)

var channels = []channel{channelWeb, channelWallet, channelMobile, channelExtension, channelAPI, channelFeed}

// rank is lower for what goes first; -1 for what is no channel.
func (c channel) rank() int {
	switch c {
	case channelWeb:
		return 0
	case channelWallet, channelMobile:
		return 1
	case channelExtension:
		return 2
	case channelAPI:
		return 3
	case channelFeed:
		return 4
	}
	return -1
}

func (c channel) subject() string { return SubmissionsSubject + "." + string(c) }

// subjects are all that has come through a channel: what releases without channels left
// behind came through the API.
func (c channel) subjects() []string {
	if c == channelAPI {
		return []string{c.subject(), SubmissionsSubject}
	}
	return []string{c.subject()}
}

// channelOf is the channel of a submission.
func channelOf(r *http.Request) (channel, error) {
	given := channel(r.Header.Get(channelHeader))
	if strings.HasPrefix(r.URL.Path, uiBase+"/") {
		return given.within(channelWeb, channelWeb)
	}
	return given.within(channelAPI, channelExtension)
}

// within is the channel that a client names, if its route allows one as high as that, and
// else the route's own.
func (given channel) within(own, highest channel) (channel, error) {
	switch {
	case given == "":
		return own, nil
	case given.rank() < 0:
		return "", badRequest("%s: %.32q is none of %s", channelHeader, given, channels)
	case given.rank() < highest.rank():
		return own, nil
	}
	return given, nil
}

// Channels are the head starts of submissions by the way they came in, in seconds: one is
// handled as if it had come that much earlier. What has waited for longer than the greatest
// is handled in the order of arrival.
type Channels struct {
	Web       int `toml:"web"`
	Wallet    int `toml:"wallet"`
	Mobile    int `toml:"mobile"`
	Extension int `toml:"extension"`
	API       int `toml:"api"`
	Feed      int `toml:"feed"`
}

// maxHeadStart bounds how long a submission can wait for those of higher channels.
const maxHeadStart = 24 * 60 * 60

func defaultChannels() Channels {
	return Channels{Web: 60, Wallet: 45, Mobile: 45, Extension: 30, API: 15, Feed: 0}
}

// headStarts are in the order of channels.
func (c Channels) headStarts() []int {
	return []int{c.Web, c.Wallet, c.Mobile, c.Extension, c.API, c.Feed}
}

func (c Channels) validate() error {
	starts := c.headStarts()
	for i, start := range starts {
		if start < 0 || start > maxHeadStart {
			return fmt.Errorf("%s: %d is not in 0..%d", channels[i], start, maxHeadStart)
		}
		for j := range i {
			if channels[j].rank() < channels[i].rank() && starts[j] < start {
				return fmt.Errorf("%s: %d is more than %d, that of %s, which goes first", channels[i], start, starts[j], channels[j])
			}
		}
	}
	return nil
}

// lanes are the queue's subjects of submissions.
func (c Channels) lanes() []queue.Lane {
	var lanes []queue.Lane
	for i, start := range c.headStarts() {
		for _, subject := range channels[i].subjects() {
			lanes = append(lanes, queue.Lane{
				Subject: subject, Durable: submitterName + strings.ReplaceAll(strings.TrimPrefix(subject, SubmissionsSubject), ".", "-"),
				HeadStart: time.Duration(start) * time.Second,
			})
		}
	}
	return lanes
}
