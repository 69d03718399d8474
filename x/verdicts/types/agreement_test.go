package types_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// engineModel makes the observations of one engine: which samples it answers, gets wrong
// and how it labels them.
type engineModel func(position int) types.Observation

func windowOf(model engineModel) types.ErrorWindow {
	var window types.ErrorWindow
	for position := range types.WindowSize {
		window.Observe(uint64(position), model(position))
	}
	return window
}

func windowsOf(models ...engineModel) []types.ErrorWindow {
	windows := make([]types.ErrorWindow, len(models))
	for i, model := range models {
		windows[i] = windowOf(model)
	}
	return windows
}

// coin is a set of positions, each in it with a probability.
func coin(seed uint64, probability float64) (set [types.WindowSize]bool) {
	random := rand.New(rand.NewPCG(seed, 0))
	for position := range set {
		set[position] = random.Float64() < probability
	}
	return set
}

// independent answers everything, errs by itself and labels a third in its own way.
func independent(seed uint64, errors float64) engineModel {
	wrong := coin(seed, errors)
	return func(position int) types.Observation {
		o := types.Observation{Answered: true, Wrong: wrong[position]}
		if position%3 == 0 {
			o.Label = fmt.Sprintf("engine%d.%d", seed, position)
		}
		return o
	}
}

// with adds errors to an engine.
func with(model engineModel, wrong [types.WindowSize]bool) engineModel {
	return func(position int) types.Observation {
		o := model(position)
		o.Wrong = o.Wrong || wrong[position]
		return o
	}
}

// relabelled labels what the model labels in its own way.
func relabelled(model engineModel, name string) engineModel {
	return func(position int) types.Observation {
		o := model(position)
		if o.Label != "" {
			o.Label = fmt.Sprint(name, position)
		}
		return o
	}
}

func sum(values []uint32) (sum uint64) {
	for _, value := range values {
		sum += uint64(value)
	}
	return sum
}

// Nine copies of one engine weigh about as much as one engine of its own, whether or not
// they give their copied verdicts other labels.
func TestClonesWeighAsOne(t *testing.T) {
	original := independent(1, 0.05)
	for name, clone := range map[string]func(i int) engineModel{
		"same labels":      func(int) engineModel { return original },
		"labels of others": func(i int) engineModel { return relabelled(original, fmt.Sprint("clone", i, ".")) },
		"own errors added": func(i int) engineModel { return with(original, coin(uint64(100+i), 0.004)) },
		"labels only": func(i int) engineModel {
			wrong := coin(uint64(200+i), 0.05)
			return func(position int) types.Observation {
				o := original(position)
				o.Wrong = wrong[position]
				return o
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			models := []engineModel{independent(2, 0.05), independent(3, 0.05), independent(4, 0.05)}
			for i := range 9 {
				models = append(models, clone(i))
			}
			got := types.Independence(windowsOf(models...))
			clones, others := sum(got[3:]), sum(got[:3])/3
			t.Logf("nine clones weigh %.3f of one independent engine (%v)", float64(clones)/float64(others), got)
			require.InDelta(t, 1, float64(clones)/float64(others), 0.02)
			require.EqualValues(t, 1_000_000, others)
		})
	}
}

// The share of copied errors that was planted is found: of two engines that err equally
// often and have a part c of their errors in common, c / (2 − c) of all are common.
func TestPlantedCorrelationIsFound(t *testing.T) {
	const errors = 0.2
	for _, copied := range []float64{0, 0.3, 0.6, 0.9, 1} {
		source, pick, own := coin(1, errors), coin(2, copied), coin(3, errors)
		copier := func(position int) types.Observation {
			if pick[position] {
				return types.Observation{Answered: true, Wrong: source[position]}
			}
			return types.Observation{Answered: true, Wrong: own[position]}
		}
		got := types.Independence(windowsOf(
			func(position int) types.Observation {
				return types.Observation{Answered: true, Wrong: source[position]}
			}, copier))
		// What was not copied is common by chance, which does not count.
		want := copied / (2 - copied)
		found := 1e6/float64(got[0]) - 1
		t.Logf("copied %.0f %%: overlap %.3f planted, %.3f found", copied*100, want, found)
		require.InDelta(t, want, found, 0.03)
	}
}

// Honest engines that all fail on the same hard samples do not look like copies.
func TestHardSamplesDoNotLowerHonestEngines(t *testing.T) {
	honest := func(hard [types.WindowSize]bool) (models []engineModel) {
		for i := range 6 {
			models = append(models, with(independent(uint64(10+i), 0.03), hard))
		}
		return models
	}
	for _, share := range []float64{0, 0.01, 0.03, 0.2} {
		got := types.Independence(windowsOf(honest(coin(1, share))...))
		t.Logf("%.0f %% hard samples: %v", share*100, got)
		for i := range got {
			require.Greater(t, got[i], uint32(900_000))
		}
	}
	// Nor do nine copies make hard what only they got wrong.
	models := honest(coin(1, 0.2))
	copied := with(independent(99, 0.05), coin(1, 0.2))
	for range 9 {
		models = append(models, copied)
	}
	got := types.Independence(windowsOf(models...))
	t.Logf("with nine copies: %v", got)
	require.InEpsilon(t, 1_000_000, sum(got[6:]), 0.05)
	require.Greater(t, sum(got[:6]), uint64(5_700_000))
}

// Samples that are hard for most engines, but not for all, cost honest engines a part of
// their independence; nine copies still do not gain by it what nine engines would.
func TestSamplesHardForMost(t *testing.T) {
	hard := coin(1, 0.1)
	for _, missed := range []float64{0.5, 0.7, 0.9} {
		model := func(seed uint64) engineModel {
			misses := coin(seed+1000, missed)
			for position := range misses {
				misses[position] = misses[position] && hard[position]
			}
			return with(independent(seed, 0.02), misses)
		}
		models := []engineModel{model(10), model(11), model(12), model(13), model(14), model(15), model(16), model(17)}
		copied := model(99)
		for range 9 {
			models = append(models, copied)
		}
		got := types.Independence(windowsOf(models...))
		honest, copies := float64(sum(got[:8]))/8e6, float64(sum(got[8:]))/1e6
		t.Logf("10 %% of samples, each missed by %.0f %%: honest engines %.2f, nine copies together %.2f", missed*100, honest, copies)
		require.Less(t, copies, 2.5*honest)
	}
}

// Without evidence two engines count as independent.
func TestLittleEvidenceIsNone(t *testing.T) {
	errs := func(n int) engineModel {
		return func(position int) types.Observation {
			return types.Observation{Answered: true, Wrong: position < n}
		}
	}
	require.Equal(t, []uint32{1_000_000, 1_000_000}, types.Independence(windowsOf(errs(15), errs(15))))
	require.Equal(t, []uint32{500_000, 500_000}, types.Independence(windowsOf(errs(16), errs(16))))
	label := func(n int) engineModel {
		return func(position int) types.Observation {
			if position < n {
				return types.Observation{Answered: true, Label: "Trojan.A"}
			}
			return types.Observation{Answered: true}
		}
	}
	require.Equal(t, []uint32{1_000_000, 1_000_000}, types.Independence(windowsOf(label(15), label(15))))
	require.Equal(t, []uint32{500_000, 500_000}, types.Independence(windowsOf(label(16), label(16))))
	require.Equal(t, []uint32{1_000_000, 1_000_000}, types.Independence(make([]types.ErrorWindow, 2)), "empty windows")
	require.Empty(t, types.Independence(nil))
}

// What only one of two engines answered says nothing about them.
func TestOnlyCommonAnswersCount(t *testing.T) {
	half := func(parity int) engineModel {
		return func(position int) types.Observation {
			return types.Observation{Answered: position%2 == parity, Wrong: true}
		}
	}
	require.Equal(t, []uint32{1_000_000, 1_000_000}, types.Independence(windowsOf(half(0), half(1))))
}

// Chance does not add up: as many engines of their own as a network can have stay so,
// while few samples are resolved and when many are.
func TestManyIndependentEnginesStayIndependent(t *testing.T) {
	for _, answered := range []int{400, types.WindowSize} {
		var models []engineModel
		for i := range 168 {
			model := independent(uint64(1000+i), 0.1)
			models = append(models, func(position int) types.Observation {
				if position >= answered {
					return types.Observation{}
				}
				return model(position)
			})
		}
		mean := float64(sum(types.Independence(windowsOf(models...)))) / 168e6
		t.Logf("%d samples: mean independence %.3f", answered, mean)
		require.Greater(t, mean, map[int]float64{400: 0.3, types.WindowSize: 0.95}[answered])
	}
}

func BenchmarkIndependence(b *testing.B) {
	for _, engines := range []int{168, types.MaxWeighedEngines} {
		windows := make([]types.ErrorWindow, engines)
		for i := range windows {
			windows[i] = windowOf(independent(uint64(i), 0.05))
		}
		b.Run(fmt.Sprint(engines), func(b *testing.B) {
			for b.Loop() {
				types.Independence(windows)
			}
		})
	}
}
