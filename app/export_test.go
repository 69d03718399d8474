package app

// NewWithUpgrades is New for a binary that can perform other upgrades.
var NewWithUpgrades = newApp
