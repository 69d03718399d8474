package app

// NewWithUpgrades is New for a binary that can perform other upgrades.
var NewWithUpgrades = newApp

// RefuseMinters is what New asks before it builds anything.
var RefuseMinters = refuseMinters
