package arena

import (
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// plotsVariable names the folder in which plots are drawn; without it there are none.
const plotsVariable = "ECONOMY_PLOTS"

// Line is one series of a plot.
type Line struct {
	Name string
	xy   plotter.XYs
}

// Add adds a point.
func (l *Line) Add(x, y float64) { l.xy = append(l.xy, plotter.XY{X: x, Y: y}) }

// Over makes a series of values at x = 1, 2, 3...
func Over(name string, values []float64) Line {
	l := Line{Name: name}
	for i, value := range values {
		l.Add(float64(i+1), value)
	}
	return l
}

// colours are Okabe and Ito's, which people with colour blindness can tell apart.
var colours = []color.Color{
	color.RGBA{0x00, 0x72, 0xb2, 0xff},
	color.RGBA{0xd5, 0x5e, 0x00, 0xff},
	color.RGBA{0x00, 0x9e, 0x73, 0xff},
	color.RGBA{0xcc, 0x79, 0xa7, 0xff},
	color.RGBA{0xe6, 0x9f, 0x00, 0xff},
	color.RGBA{0x56, 0xb4, 0xe9, 0xff},
	color.RGBA{0x00, 0x00, 0x00, 0xff},
	color.RGBA{0x99, 0x99, 0x99, 0xff},
}

// Draw writes an SVG when the environment asks for it.
func Draw(t *testing.T, file, title, x, y string, lines ...Line) {
	t.Helper()
	folder := os.Getenv(plotsVariable)
	if folder == "" {
		return
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.BackgroundColor = color.White
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	for i, l := range lines {
		drawn, err := plotter.NewLine(l.xy)
		require.NoError(t, err)
		drawn.Color, drawn.Width = colours[i%len(colours)], vg.Points(2)
		if i >= len(colours) {
			drawn.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
		}
		p.Add(drawn)
		p.Legend.Add(l.Name, drawn)
	}
	p.Legend.TextStyle.Handler, p.Legend.YPosition = plot.DefaultTextHandler, draw.PosCenter
	require.NoError(t, p.Save(18*vg.Centimeter, 11*vg.Centimeter, filepath.Join(folder, file)))
}
