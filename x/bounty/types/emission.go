package types

// DefaultPeriodEpochs halves the emission every four years of daily epochs.
const DefaultPeriodEpochs = 1461
