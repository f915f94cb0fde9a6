package plot

import (
	"image/color"

	"github.com/gloss-ml/gloss/internal/draw"
	"golang.org/x/image/font"
)

var (
	ink   = color.RGBA{0x22, 0x22, 0x22, 255}
	faint = color.RGBA{0x66, 0x66, 0x66, 255}
	alarm = color.RGBA{0xa0, 0x10, 0x10, 255}
	grid  = color.RGBA{0xdd, 0xdd, 0xdd, 255}

	heading = draw.Sans(16, font.WeightBold, ink)
	plain   = draw.Sans(10.5, font.WeightNormal, ink)
	bold    = draw.Sans(10.5, font.WeightBold, ink)
	small   = draw.Sans(9, font.WeightNormal, faint)
	value   = draw.Sans(9.5, font.WeightNormal, ink)
	failed  = draw.Sans(9.5, font.WeightBold, alarm)
)
