package digits

import "slices"

// Preset is a set of parameters with a name and what it is there to show. The
// numbers in the comments below are those of the shipped digits split with
// [SplitSeed]: they are the same on every machine, and a test holds them.
type Preset struct {
	Name   string
	Says   string
	Params Params
}

// Presets returns the four changes that the demonstration tells of: baseline,
// better, worse, close. Each differs from its neighbor by one parameter.
func Presets() []Preset { return []Preset{Baseline(), Better(), Worse(), Close()} }

// FindPreset returns the preset of that name.
func FindPreset(name string) (Preset, bool) {
	all := Presets()
	i := slices.IndexFunc(all, func(p Preset) bool { return p.Name == name })
	if i < 0 {
		return Preset{}, false
	}
	return all[i], true
}

// Baseline is what the demonstration starts from: eight hidden units read 90.4 %
// of the held-out digits (813 of 899).
func Baseline() Preset {
	return Preset{
		Name: "baseline",
		Says: "eight hidden units: too few for ten digits",
		Params: Params{
			Hidden: 8, Epochs: 30, LearningRate: 0.02, Momentum: 0.9, Batch: 32,
			Copies: 6, Bend: 1, Seed: 1,
		},
	}
}

// Better is the baseline with 64 hidden units: 98.0 % (881 of 899).
func Better() Preset {
	p := Baseline()
	p.Name, p.Says = "better", "hidden: 8 → 64: clearly better"
	p.Params.Hidden = 64
	return p
}

// Worse is [Better] with a learning rate that is too high: its loss jumps and it
// ends at 93.2 %. Against better 5 digits are newly right and 48 newly wrong.
func Worse() Preset {
	p := Better()
	p.Name, p.Says = "worse", "learning_rate: 0.02 → 0.3: clearly worse"
	p.Params.LearningRate = 0.3
	return p
}

// Close is [Better] with 80 hidden units: 98.3 %, which looks better and cannot
// be told from chance: 8 digits are newly right, 5 newly wrong.
func Close() Preset {
	p := Better()
	p.Name, p.Says = "close", "hidden: 64 → 80: too close to call"
	p.Params.Hidden = 80
	return p
}
