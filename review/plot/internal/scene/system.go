package scene

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font/sfnt"
)

const (
	maxFontFiles = 2000 // looked at in the system's folders
	maxFonts     = 24   // opened
)

// fontFolders is where systems keep fonts; a folder that is missing is skipped.
func fontFolders() []string {
	folders := []string{"/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts"}
	if root := os.Getenv("SystemRoot"); root != "" {
		folders = append(folders, filepath.Join(root, "Fonts"))
	}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, filepath.Join(home, ".local/share/fonts"), filepath.Join(home, ".fonts"), filepath.Join(home, "Library/Fonts"))
	}
	return folders
}

// opened holds the fonts of the system for the life of the process; they are
// looked for when a text first needs a letter that the embedded ones lack.
var opened = sync.OnceValue(func() []*sfnt.Font { return openFonts(fontFolders()) })

// systemFaces returns fonts of the system, those that cover much first.
func systemFaces() []*face {
	out := []*face{}
	for _, f := range opened() {
		out = append(out, &face{font: f, glyphs: map[rune]*glyph{}})
	}
	return out
}

// openFonts opens the fonts below folders that are most likely to have what
// Liberation Sans lacks. The files stay open and are read as letters are asked
// for: a font of all Chinese letters has 20 MB.
func openFonts(folders []string) []*sfnt.Font {
	var files []string
	for _, folder := range folders {
		_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil //nolint:nilerr // a folder that cannot be read has no fonts for us
			}
			if len(files) >= maxFontFiles {
				return fs.SkipAll
			}
			if d.Type().IsRegular() && fontRank(path) < unwanted {
				files = append(files, path)
			}
			return nil
		})
	}
	slices.SortStableFunc(files, func(a, b string) int {
		if r := fontRank(a) - fontRank(b); r != 0 {
			return r
		}
		return strings.Compare(filepath.Base(a), filepath.Base(b))
	})
	var fonts []*sfnt.Font
	for _, path := range files {
		if len(fonts) == maxFonts {
			break
		}
		if f := openFont(path); f != nil {
			fonts = append(fonts, f)
		}
	}
	return fonts
}

// unwanted is the rank of what is no font, or has no plain upright style.
const unwanted = 100

// fontRank orders font files: families that cover many scripts come first.
func fontRank(path string) int {
	name := strings.ToLower(filepath.Base(path))
	switch filepath.Ext(name) {
	case ".ttf", ".otf", ".ttc", ".otc":
	default:
		return unwanted
	}
	for _, style := range []string{"bold", "italic", "oblique", "mono", "serif", "condensed", "narrow", "light", "thin", "black", "liberation", "emoji"} {
		if strings.Contains(strings.ReplaceAll(name, "sansserif", ""), style) {
			return unwanted
		}
	}
	for i, family := range []string{"dejavusans.", "notosans-", "notosanscjk", "sourcehansans", "notosans", "arialuni", "arial unicode", "msyh", "pingfang", "hiragino", "malgun", "wqy", "droidsansfallback", "symbola", "unifont"} {
		if strings.HasPrefix(name, family) {
			return i
		}
	}
	return 50
}

// openFont opens a font, or the first of a collection; nil if it is broken.
func openFont(path string) *sfnt.Font {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	c, err := sfnt.ParseCollectionReaderAt(file)
	if err == nil {
		var f *sfnt.Font
		if f, err = c.Font(0); err == nil {
			return f
		}
	}
	_ = file.Close()
	return nil
}
