package track

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
)

// NewRunID makes a run id: 32 lower-case hexadecimal digits.
func NewRunID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails; see crypto/rand
	return hex.EncodeToString(b[:])
}

// NewLoggedModelID makes the id of a logged model.
func NewLoggedModelID() string { return "m-" + NewRunID() }

// NewName makes up a name that people can say, such as "calm-heron-417".
func NewName() string {
	return pick(adjectives) + "-" + pick(nouns) + "-" + fmt.Sprint(random(1000))
}

func random(n int64) int64 {
	v, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		return 0 // crypto/rand does not fail
	}
	return v.Int64()
}

// The words are separated by one space.
const (
	adjectives = "able amber bold brave brisk calm clean clever cosmic crisp daring eager early fair fancy fast " +
		"fine fluent fond free fresh gentle glad golden grand happy hardy honest humble jolly keen kind late light " +
		"likable lively loud lucid lucky mellow merry mild modest neat nimble noble odd old open patient plain " +
		"polite proud quick quiet rapid rare ready rich robust rural salty serene sharp shiny silent simple " +
		"sincere sleek smart smooth snowy solid steady still sunny sweet swift tidy tough trusting upbeat useful " +
		"valid vivid warm welcome whole wise witty young zesty"
	nouns = "ant asp auk bass bat bear bee bird boar buck bug calf carp cat chimp cod colt conch cow crab crane " +
		"crow cub deer dog dolphin dove duck eagle eel elk ewe fawn finch fish flea fly foal fox frog gnat gnu " +
		"goat goose grouse gull hare hawk hen heron hog horse hound jay kit kite koala lamb lark loon lynx mare " +
		"mink mole moose moth mouse mule newt owl ox panda penguin perch pig pug quail ram rat ray robin roo rook " +
		"seal shad shark sheep shrew shrike shrimp skink slug smelt snail snake snipe sow sponge squid squirrel " +
		"stag steed stoat stork swan tern toad trout turtle vole wasp whale wolf worm wren yak zebra"
)

func pick(words string) string {
	all := strings.Fields(words)
	return all[random(int64(len(all)))]
}
