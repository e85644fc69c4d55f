package digits

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// Epoch is what is known after one pass over the training digits. Losses are
// mean cross entropies in nats, without the weight decay; accuracies are shares
// of 0 to 1. Both are of the model as it would be written now, over the digits
// as they are (not over bent copies).
type Epoch struct {
	Number          int // from 1
	Of              int
	TrainLoss       float64
	TrainAccuracy   float64
	HeldOutLoss     float64
	HeldOutAccuracy float64
}

// Hooks are how the caller watches a training. The zero value watches nothing.
type Hooks struct {
	// Epoch is called after every epoch; an error from it ends the training.
	Epoch func(context.Context, Epoch) error
	// EpochTime is how long an epoch takes at least, so that a person can see
	// curves grow. Waiting changes no result and is not counted as training.
	EpochTime time.Duration
}

// ErrDiverged is the cause of a training that ended because its loss was no
// longer a number.
var ErrDiverged = errors.New("the loss is no longer a finite number")

// Train trains a model on data.Train and judges it on data.HeldOut. It never
// learns from the latter, and takes the last epoch's weights whatever they are
// worth. Equal params and data give equal models, bit for bit; see the package
// comment. It ends early with the context's error, the hook's error, or
// [ErrDiverged].
func Train(ctx context.Context, p Params, data Parts, hooks Hooks) (*Model, Result, error) {
	if err := p.Validate(); err != nil {
		return nil, Result{}, err
	}
	if len(data.Train) == 0 || len(data.HeldOut) == 0 {
		return nil, Result{}, errors.New("training: there are no digits to learn from or none to judge by")
	}
	t := newTrainer(p, data.Train)
	var model *Model
	for number := 1; number <= p.Epochs; number++ {
		began := time.Now()
		if err := t.epoch(ctx); err != nil {
			return nil, Result{}, fmt.Errorf("training, epoch %d: %w", number, err)
		}
		model = t.network.model()
		e := Epoch{Number: number, Of: p.Epochs}
		e.TrainLoss, e.TrainAccuracy = judge(model, data.Train)
		e.HeldOutLoss, e.HeldOutAccuracy = judge(model, data.HeldOut)
		if err := report(ctx, hooks, e, began); err != nil {
			return nil, Result{}, fmt.Errorf("training, epoch %d: %w", number, err)
		}
	}
	result, err := measure(model, data.HeldOut)
	result.TrainTime = t.spent
	return model, result, err
}

func report(ctx context.Context, hooks Hooks, e Epoch, began time.Time) error {
	if bad := e.TrainLoss + e.HeldOutLoss; math.IsNaN(bad) || math.IsInf(bad, 0) {
		return fmt.Errorf("%w: a lower learning_rate helps most often", ErrDiverged)
	}
	if hooks.Epoch != nil {
		if err := hooks.Epoch(ctx, e); err != nil {
			return err
		}
	}
	rest := hooks.EpochTime - time.Since(began)
	if rest <= 0 {
		return ctx.Err()
	}
	wait := time.NewTimer(rest)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return nil
	}
}

type trainer struct {
	params  Params
	network *network
	random  random
	inputs  [][]float64 // 0 to 1
	labels  []int
	order   []int32 // every digit as often as an epoch sees it
	bent    []float64
	spent   time.Duration // learning alone
}

func newTrainer(p Params, train []Digit) *trainer {
	t := &trainer{params: p, random: newRandom(p.Seed), bent: make([]float64, Pixels)}
	t.network = newNetwork(p.Hidden, t.random)
	for i, d := range train {
		in := make([]float64, Pixels)
		for j, v := range d.Pixels {
			in[j] = float64(v) / maxPixel
		}
		t.inputs = append(t.inputs, in)
		t.labels = append(t.labels, d.Label)
		for c := range p.Copies + 1 {
			t.order = append(t.order, int32(i*(p.Copies+1)+c))
		}
	}
	return t
}

func (t *trainer) epoch(ctx context.Context) error {
	began := time.Now()
	t.random.shuffle(t.order)
	for start := 0; start < len(t.order); start += t.params.Batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch := t.order[start:min(start+t.params.Batch, len(t.order))]
		for _, place := range batch {
			row, nth := int(place)/(t.params.Copies+1), int(place)%(t.params.Copies+1)
			in := t.inputs[row]
			if nth > 0 {
				t.random.bend(t.bent, in, t.params.Bend)
				in = t.bent
			}
			t.network.learn(in, t.labels[row])
		}
		t.network.descend(&t.params, len(batch))
	}
	t.spent += time.Since(began)
	return nil
}
