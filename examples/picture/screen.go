//go:build cgo && glfw && (linux || windows)

package main

import (
	"image"
	"image/color"
	"image/draw"
	"strings"

	gpu "github.com/go-gl/gl/v4.3-core/gl"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/gloss-ml/gloss/backend/gl"
)

// layout places two pictures side by side, a caption under each and a line at the foot.
type layout struct {
	picture image.Point
	zoom    int
}

const (
	margin = 24
	line   = 30
)

func (l layout) size() image.Point {
	return image.Pt(2*l.zoom*l.picture.X+3*margin, l.zoom*l.picture.Y+2*margin+2*line)
}

// fit is the layout of the largest pictures that a window of that size has room for.
func fit(picture, window image.Point) layout {
	room := window.Sub(layout{}.size())
	return layout{picture, max(1, min(room.X/(2*picture.X), room.Y/picture.Y))}
}

// panel is the place of picture i, from the top left corner.
func (l layout) panel(i int) image.Rectangle {
	min := image.Pt(margin+i*(l.zoom*l.picture.X+margin), margin)
	return image.Rectangle{min, min.Add(l.picture.Mul(l.zoom))}
}

// Ink and paper: a dark grey that neither a light nor a dark desktop swallows.
var (
	paper = color.RGBA{38, 40, 46, 255}
	ink   = color.RGBA{236, 236, 240, 255}
	faint = color.RGBA{168, 172, 182, 255}
)

// screen draws the window.
type screen struct {
	layout
	window         image.Point
	panels, letter uint32    // programs
	buffers        [2]uint32 // of floats, three for each pixel: the picture, and what the network makes of it
	offsets        [2]int    // of the first float
	texture        uint32    // what is written around the pictures
	captions       [2]string
	foot           string
	face           font.Face
}

func newScreen(img *image.RGBA, l *learner) (*screen, error) {
	s := &screen{layout: layout{picture: l.size}}
	out := l.painter.Output
	s.buffers[1], s.offsets[1] = gl.Object(out.Buf), out.Off
	colours := pixels(img).Values
	gpu.GenBuffers(1, &s.buffers[0])
	gpu.BindBuffer(gpu.SHADER_STORAGE_BUFFER, s.buffers[0])
	gpu.BufferData(gpu.SHADER_STORAGE_BUFFER, 4*len(colours), gpu.Ptr(colours), gpu.STATIC_DRAW)
	var array uint32 // the core profile draws nothing without one
	gpu.GenVertexArrays(1, &array)
	gpu.BindVertexArray(array)
	gpu.GenTextures(1, &s.texture)
	gpu.BindTexture(gpu.TEXTURE_2D, s.texture)
	gpu.TexParameteri(gpu.TEXTURE_2D, gpu.TEXTURE_MIN_FILTER, gpu.NEAREST)
	gpu.TexParameteri(gpu.TEXTURE_2D, gpu.TEXTURE_MAG_FILTER, gpu.NEAREST)
	var err error
	if s.panels, err = program(panelSource); err != nil {
		return nil, err
	}
	if s.letter, err = program(letterSource); err != nil {
		return nil, err
	}
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, err
	}
	s.face, err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: 15, DPI: 72, Hinting: font.HintingFull})
	return s, err
}

// draw paints a frame into a window of that size.
func (s *screen) draw(window image.Point, captions [2]string, foot string) {
	if window.X < 1 || window.Y < 1 {
		return // minimised
	}
	if window != s.window || captions != s.captions || foot != s.foot {
		s.layout, s.window, s.captions, s.foot = fit(s.picture, window), window, captions, foot
		s.write()
	}
	gpu.Viewport(0, 0, int32(window.X), int32(window.Y))
	gpu.UseProgram(s.letter)
	gpu.DrawArrays(gpu.TRIANGLES, 0, 3)
	gpu.UseProgram(s.panels)
	for i := range s.buffers {
		r := s.panel(i)
		bottom := window.Y - r.Max.Y // OpenGL counts from below
		gpu.Viewport(int32(r.Min.X), int32(bottom), int32(r.Dx()), int32(r.Dy()))
		gpu.Uniform4i(0, int32(r.Min.X), int32(bottom), int32(s.zoom), int32(s.offsets[i]))
		gpu.Uniform2i(1, int32(s.picture.X), int32(s.picture.Y))
		gpu.BindBufferBase(gpu.SHADER_STORAGE_BUFFER, 0, s.buffers[i])
		gpu.DrawArrays(gpu.TRIANGLES, 0, 3)
	}
}

// write puts the captions into the texture, each cut to the room that it has.
func (s *screen) write() {
	img := image.NewRGBA(image.Rectangle{Max: s.window})
	draw.Draw(img, img.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	for i, text := range s.captions {
		r := s.panel(i)
		s.line(img, text, ink, image.Pt(r.Min.X, r.Max.Y+line-8), max(r.Dx(), s.panel(0).Dx()))
	}
	left := s.panel(0)
	s.line(img, s.foot, faint, image.Pt(left.Min.X, left.Max.Y+2*line-8), s.panel(1).Max.X-left.Min.X)
	gpu.BindTexture(gpu.TEXTURE_2D, s.texture)
	gpu.TexImage2D(gpu.TEXTURE_2D, 0, gpu.RGBA8, int32(s.window.X), int32(s.window.Y), 0, gpu.RGBA, gpu.UNSIGNED_BYTE, gpu.Ptr(img.Pix))
}

func (s *screen) line(dst draw.Image, text string, c color.Color, at image.Point, room int) {
	d := font.Drawer{Dst: dst, Src: image.NewUniform(c), Face: s.face, Dot: fixed.P(at.X, at.Y)}
	for r := []rune(text); d.MeasureString(text).Ceil() > room && len(r) > 0; {
		r = r[:len(r)-1]
		text = strings.TrimRight(string(r), " ,") + "…"
	}
	d.DrawString(text)
}

// grab draws the last frame again and reads it: what a window shows cannot be read back reliably.
func (s *screen) grab() image.Image {
	s.draw(s.window, s.captions, s.foot)
	img := image.NewRGBA(image.Rectangle{Max: s.window})
	gpu.PixelStorei(gpu.PACK_ALIGNMENT, 1)
	gpu.ReadPixels(0, 0, int32(s.window.X), int32(s.window.Y), gpu.RGBA, gpu.UNSIGNED_BYTE, gpu.Ptr(img.Pix))
	for top, bottom := 0, s.window.Y-1; top < bottom; top, bottom = top+1, bottom-1 {
		a, b := img.Pix[top*img.Stride:][:img.Stride], img.Pix[bottom*img.Stride:][:img.Stride]
		for i := range a {
			a[i], b[i] = b[i], a[i]
		}
	}
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 255
	}
	return img
}
